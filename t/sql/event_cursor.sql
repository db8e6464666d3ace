-- Cursors over events, as far as one session can show them.
\pset format unaligned
\pset tuples_only on
set client_min_messages = warning;
begin;
create extension if not exists pgtap with schema public;
set local search_path = public, pg_catalog;
set local timezone = 'UTC';
select no_plan();

create function pg_temp.n(n int) returns uuid language sql immutable
    return format('0d000000-0000-8000-8000-%s', lpad(n::text, 12, '0'))::uuid;
insert into mesh.msp (id, name) values (pg_temp.n(1), 'Fixture one'), (pg_temp.n(2), 'Fixture two');

-- Transactions long past, written out of the order of their ids.
insert into mesh.event (id, msp_id, xid, type, source, data)
values (pg_temp.n(30), pg_temp.n(1), '3', 'late.id', 'test', '{}'),
       (pg_temp.n(10), pg_temp.n(2), '4', 'early.id', 'test', '{}'),
       (pg_temp.n(20), pg_temp.n(1), '4', 'same.transaction', 'test', '{}');
select results_eq($$select type::text from mesh.event_after('0', pg_temp.n(0), 3)$$,
                  $$values ('late.id'), ('early.id'), ('same.transaction')$$,
                  'events come by transaction, then by id, of every tenant');
select results_eq($$select type::text from mesh.event_after('3', pg_temp.n(30), 2)$$,
                  $$values ('early.id'), ('same.transaction')$$,
                  'a cursor goes on after its own row');
select results_eq($$select type::text from mesh.event_after('4', pg_temp.n(10), 1)$$,
       $$values ('same.transaction')$$,
                  'and in the middle of a transaction');
select is((select count(*) from mesh.event_after('0', pg_temp.n(0), 2)), 2::bigint,
       'no more than asked for');

-- A row of a transaction that still runs waits, for an older one might commit after it.
insert into mesh.event (id, msp_id, type, source, data) values (pg_temp.n(40), pg_temp.n(1),
    'running', 'test', '{}');
select ok(xid = pg_current_xact_id(), 'an event carries its transaction') from mesh.event
       where id = pg_temp.n(40);
select is_empty($$select 1 from mesh.event_after('4', pg_temp.n(20), 100000)
       where id = pg_temp.n(40)$$,
                'a running transaction''s event is not passed on');
select ok(mesh.event_horizon() <= pg_current_xact_id(),
       'a listener that starts now begins before it');
insert into mesh.event (id, msp_id, xid, type, source, data)
values (pg_temp.n(50), pg_temp.n(1), (pg_current_xact_id()::text::bigint + 1000)::text::xid8,
    'future', 'test', '{}');
select is_empty($$select 1 from mesh.event_after('4', pg_temp.n(20), 100000)
       where id = pg_temp.n(50)$$,
                'nor is one of a transaction yet to come');

select throws_ok($$insert into mesh.event (id, msp_id, type, source, data)
       values (pg_temp.n(60), pg_temp.n(1), null, 'test', '{}')$$,
                 '23502', null, 'an event has a type');
select throws_ok($$insert into mesh.event (id, msp_id, type, source, data)
       values (pg_temp.n(60), pg_temp.n(1), repeat('x', 201), 'test', '{}')$$,
                 '22001', null, 'and not a long one');
select * from finish();
rollback;
