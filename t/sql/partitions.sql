-- What is cut by time has its partitions, and what falls between them is counted.
\pset format unaligned
\pset tuples_only on
set client_min_messages = error;
begin;
create extension if not exists pgtap with schema public;
set local search_path = public, pg_catalog;
set local timezone = 'UTC';
select no_plan();

select results_eq('select parent::text, step from mesh.partition_plan
                    where parent in (''mesh.event''::regclass, ''mesh.metric_point''::regclass)
                        order by 1',
                  $$values ('mesh.event', 'day'), ('mesh.metric_point', 'month')$$,
                  'events by day, points by month');
select mesh.maintain_partitions() \g /dev/null
select has_table('mesh', 'event_' || to_char(d, 'YYYYMMDD'),
       'events of ' || d::date || ' have their partition')
  from generate_series(current_date - 1, current_date + 14, '13 days') d;
select has_table('mesh', 'metric_point_' || to_char(d, 'YYYYMM'),
       'points of ' || to_char(d, 'YYYY-MM') || ' have theirs')
  from unnest(array[current_date - interval '1 month', current_date, current_date + 14]) d;
select is(mesh.maintain_partitions(), 0, 'made once, nothing is left to make');
select is_empty('select * from mesh.default_rows() where n > 0', 'no row is outside its partition');

-- A table of one's own.
set local role mesh_owner;
create table mesh.t_tap (at date not null, v int) partition by range (at);
create table mesh.t_tap_default partition of mesh.t_tap default;
insert into mesh.partition_plan values ('mesh.t_tap', 'month', '2001-11-15');
insert into mesh.t_tap values ('2001-12-24', 1);
reset role;
select cmp_ok(mesh.maintain_partitions(), '>', 200,
       'a table joins by one row, and its history with it');
select has_table('mesh', 't_tap_200111', 'from the month its history begins');
select hasnt_table('mesh', 't_tap_200110', 'and not before');
select hasnt_table('mesh', 't_tap_200112', 'a month whose rows lie in the default is not cut out');
select has_table('mesh', 't_tap_200201', 'which does not keep the next from being made');
select is((select n from mesh.default_rows() where parent = 'mesh.t_tap'), 1::bigint,
       'and the lost row is counted');
insert into mesh.t_tap values ('2002-01-31', 2);
select is(tableoid::regclass::text, 'mesh.t_tap_200201', 'a row goes into its month')
       from mesh.t_tap where v = 2;
select is((select relowner::regrole::text from pg_class where oid = 'mesh.t_tap_200201'::regclass),
       'mesh_owner',
          'what is made is the owner''s');
with moved as (delete from mesh.t_tap_default returning *) insert into mesh.t_tap
    select '2002-02-01', v from moved;
select is(mesh.maintain_partitions(), 1, 'once the rows are out, the month is made');

-- The application may keep the house in order, but not enter by the back door.
select ok(has_function_privilege('mesh_app', 'mesh.maintain_partitions()', 'execute'),
       'the application maintains partitions');
select ok(has_function_privilege('mesh_app', 'mesh.default_rows()', 'execute'),
       'and counts what is lost');
select is_empty($$select c.relname from pg_class c
       where c.relnamespace = 'mesh'::regnamespace and c.relispartition
                     and (has_table_privilege('mesh_app', c.oid, 'select')
                         or has_table_privilege('mesh_reader', c.oid, 'select'))$$,
                'no partition is readable by itself');
select is_empty($$select p.parent from mesh.partition_plan p
                   where not exists (select from pg_inherits i join pg_class c on c.oid = i.inhrelid
                                      where i.inhparent = p.parent
                                          and pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT')$$,
                'every table in the plan has a default partition');
select throws_ok($$insert into mesh.partition_plan values ('mesh.ticket', 'year')$$, '23514', null,
       'steps are days or months');
select * from finish();
rollback;
