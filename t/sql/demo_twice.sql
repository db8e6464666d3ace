-- A second loading of the demo makes the same rows, whatever the clock says.
\pset format unaligned
\pset tuples_only on
set client_min_messages = warning;
begin;
create extension if not exists pgtap with schema public;
set local search_path = public, pg_catalog;
set local timezone = 'UTC';
select no_plan();

-- Jobs are left out: a queue follows the clock.
create function pg_temp.digest() returns table (name text, n bigint, sum numeric) language plpgsql
    as $$
begin
    for name in
        select c.relname from pg_class c
         where c.relnamespace = 'mesh'::regnamespace and c.relkind in ('r', 'p')
             and not c.relispartition
           and exists (select from pg_attribute where attrelid = c.oid and attname = 'msp_id')
           and c.relname not in ('app_user', 'api_key', 'session', 'event', 'agent_result',
               'agent_state', 'model',
                                 'job', 'client_health_score')
         order by 1
    loop
        execute format('select count(*), sum(hashtextextended(x::text, 0)) from mesh.%I x
                         where msp_id::text like ''0a000000-%%''', name) into n, sum;
        return next;
    end loop;
end
$$;
create temp table before as select * from pg_temp.digest();
select cmp_ok(count(*), '>', 45::bigint, 'the tables are found') from before;
select cmp_ok(sum(n), '>', 300000::numeric, 'and hold the demo') from before;

truncate mesh.msp, mesh.setting cascade;
\ir ../../sql/demo/all.sql
set local search_path = public, pg_catalog;
set local client_min_messages = warning;
select is(a.sum, b.sum, b.name || ' is the same to the last digit (' || b.n || ' rows)')
  from before b left join pg_temp.digest() a using (name) where b.n > 0 order by b.name;
select * from finish();
rollback;
