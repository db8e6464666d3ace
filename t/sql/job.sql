-- The queue: one taker at a time, a lease, a number of tries, and an end.
\pset format unaligned
\pset tuples_only on
set client_min_messages = warning;
begin;
create extension if not exists pgtap with schema public;
set local search_path = public, pg_catalog;
set local timezone = 'UTC';
select no_plan();

update mesh.job set state = 'cancelled' where state = 'queued';
update mesh.job set state = 'cancelled', leased_by = null, lease_until = null
    where state = 'running';
create function pg_temp.n(n int) returns uuid language sql immutable
    return format('0c000000-0000-8000-8000-%s', lpad(n::text, 12, '0'))::uuid;
insert into mesh.msp (id, name) values (pg_temp.n(0), 'Fixture');
insert into mesh.job (id, msp_id, agent, action, input, actor, role, priority, due_at, max_receive)
values (pg_temp.n(1), pg_temp.n(0), 'a', 'x', '{"k": 1}', 'test', 'service', 0,
    now() - interval '2 minutes', 2),
       (pg_temp.n(2), pg_temp.n(0), 'a', 'x', '{}', 'test', 'service', 0,
           now() - interval '3 minutes', 3),
       (pg_temp.n(3), pg_temp.n(0), 'a', 'x', '{}', 'test', 'service', 5,
           now() - interval '1 minute', 3),
       (pg_temp.n(4), pg_temp.n(0), 'a', 'x', '{}', 'test', 'service', 9, now() + interval '1 hour',
           3);

select is((select queued from mesh.job_backlog()), 4::bigint, 'four jobs wait');
select cmp_ok((select oldest_due_seconds from mesh.job_backlog())::int, '>=', 180,
       'the oldest for three minutes');
select is(id, pg_temp.n(3), 'the more urgent job comes first')
       from mesh.job_take('w1', '5 minutes');
select is(id, pg_temp.n(2), 'then the one that is due longest')
       from mesh.job_take('w1', '5 minutes');
select is(input, '{"k": 1}', 'a job brings its input') from mesh.job_take('w2', '5 minutes');
select is_empty($$select * from mesh.job_take('w3', '5 minutes')$$,
       'what is taken or not due is not there');
select ok(state = 'running' and leased_by = 'w2' and receives = 1 and started_at is not null,
          'a taken job says by whom') from mesh.job where id = pg_temp.n(1);

select ok(mesh.job_beat(pg_temp.n(1), 'w2', '5 minutes', 0.4), 'the taker keeps it alive');
select ok(not mesh.job_beat(pg_temp.n(1), 'w3', '5 minutes', 0.9), 'nobody else does');
select ok(mesh.job_beat(pg_temp.n(1), 'w2', '5 minutes', 0.2), 'a lower figure comes in late');
select is(progress, 0.4::real, 'progress never falls') from mesh.job where id = pg_temp.n(1);

select is(mesh.job_return(pg_temp.n(1), 'w3', 'retry', null, '0'), null,
       'nobody else gives it back');
select is(mesh.job_return(pg_temp.n(1), 'w2', 'release', null, '0'), 'queued',
       'a release puts it back');
select is(receives, 0::smallint, 'and does not count as a try') from mesh.job
       where id = pg_temp.n(1);
select is(id, pg_temp.n(1), 'it is taken again') from mesh.job_take('w2', '5 minutes');
select is(mesh.job_return(pg_temp.n(1), 'w2', 'retry', '{"code": "busy"}', '0'), 'queued',
       'a failure is tried again');
select is(problem, '{"code": "busy"}', 'and says why') from mesh.job where id = pg_temp.n(1);
select is(receives, 2::smallint, 'the second try') from mesh.job_take('w2', '5 minutes');
select is(mesh.job_return(pg_temp.n(1), 'w2', 'retry', '{"code": "busy"}', '0'), 'dead',
       'the last try was the last');
select ok(ended_at is not null and leased_by is null, 'a dead job is over') from mesh.job
       where id = pg_temp.n(1);

select is(mesh.job_return(pg_temp.n(3), 'w1', 'fail', '{"code": "bad"}', '0'), 'failed',
       'refused for good is not tried again');
select is_empty($$select * from mesh.job_take('w3', '5 minutes')$$, 'nothing is left to take');

-- The taker of job 2 vanishes, again and again.
select is(mesh.job_reap(), 0::bigint, 'a lease that runs is left alone');
update mesh.job set lease_until = clock_timestamp() - interval '1 second' where id = pg_temp.n(2);
select ok(mesh.job_beat(pg_temp.n(2), 'w1', '5 minutes', 0),
       'a late beat saves a lease that nobody noticed');
update mesh.job set lease_until = clock_timestamp() - interval '1 second' where id = pg_temp.n(2);
select is(mesh.job_reap(), 1::bigint, 'a lapsed lease is noticed');
select ok(not mesh.job_beat(pg_temp.n(2), 'w1', '5 minutes', 0),
       'and its taker learns that it lost the job');
select is(receives, 2::smallint, 'somebody else takes it') from mesh.job_take('w4', '5 minutes');
update mesh.job set lease_until = clock_timestamp() - interval '1 second' where id = pg_temp.n(2);
select is(mesh.job_reap(), 1::bigint, 'and vanishes');
select is(receives, 3::smallint, 'a third') from mesh.job_take('w5', '5 minutes');
update mesh.job set lease_until = clock_timestamp() - interval '1 second' where id = pg_temp.n(2);
select is(mesh.job_reap(), 1::bigint, 'and vanishes too');
select is(state, 'dead', 'after three tries it is dead') from mesh.job where id = pg_temp.n(2);
select is(problem ->> 'code', 'lease_expired', 'and says why') from mesh.job
       where id = pg_temp.n(2);

-- A wait holds a job back.
update mesh.job set due_at = now() - interval '1 second' where id = pg_temp.n(4);
select is(id, pg_temp.n(4), 'a job comes when it is due') from mesh.job_take('w6', '5 minutes');
select is(mesh.job_return(pg_temp.n(4), 'w6', 'retry', null, '8 seconds'), 'queued',
       'it goes back for a while');
select is_empty($$select * from mesh.job_take('w6', '5 minutes')$$, 'and is not there before that');

select throws_ok($$update mesh.job set state = 'running' where id = pg_temp.n(4)$$, '23514', null,
                 'nothing runs without a lease');
select throws_ok($$update mesh.job set priority = 10 where id = pg_temp.n(4)$$, '23514', null,
       'priority ends at nine');
select * from finish();
rollback;
