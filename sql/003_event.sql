-- What happened: CloudEvents 1.0, written in the transaction of their cause.
--
-- Ids are not in commit order, so a reader's cursor is (xid, id) and passes
-- only rows of transactions that are older than every running one.
--
-- Every call writes here and into mesh.agent_result, so what a row must be is
-- said by types, which cost less than checks.  A tenant is named without a
-- foreign key: its check would lock the tenant's one row in every call.  It is
-- real all the same: row level security admits no other than the gateway
-- found, and nobody may delete a provider.

set role mesh_owner;

create table mesh.event (
    id uuid not null,
    recorded_at timestamptz not null default now(),
    xid xid8 not null default pg_current_xact_id(),
    msp_id uuid not null,
    client_id uuid,
    type varchar(200) not null,
    source varchar(400) not null,
    subject varchar(400),
    time timestamptz not null default now(),
    data jsonb not null,
    traceparent varchar(55),
    simulated boolean not null default false,
    primary key (recorded_at, id)
) partition by range (recorded_at);
create index on mesh.event (xid, id);
create index on mesh.event (msp_id, recorded_at desc, id);
call mesh.protect('mesh.event', 'select, insert');

create table mesh.event_default partition of mesh.event default;
-- A partition is a door of its own: nobody is granted one.
revoke all on mesh.event_default from mesh_app, mesh_reader;

-- What is cut by time, and how.  A later file adds its own table with one row.
-- History older than the clock goes in when since names its first day.
create table mesh.partition_plan (
    parent regclass primary key,
    step text not null check (step in ('day', 'month')),
    since date
);
insert into mesh.partition_plan (parent, step) values ('mesh.event', 'day');
grant select on mesh.partition_plan to mesh_app;

-- select mesh.maintain_partitions();  -- 16: how many partitions were made
-- From the step before today's to a fortnight ahead; safe to call at any time.
-- A step whose rows already lie in the default partition cannot be cut out:
-- it is left there, where mesh.default_rows() finds it, and the rest is made.
create function mesh.maintain_partitions() returns int
    language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    plan record;
    first date;
    child text;
    made int := 0;
begin
    perform pg_advisory_xact_lock(hashtext('mesh.maintain_partitions'));
    for plan in
        select p.parent, ('1 ' || p.step)::interval as step, n.nspname, c.relname,
               case p.step when 'day' then 'YYYYMMDD' else 'YYYYMM' end as pattern,
               date_trunc(p.step, coalesce(p.since, current_date - ('1 ' || p.step)::interval))
                   as since
          from mesh.partition_plan p
          join pg_class c on c.oid = p.parent
          join pg_namespace n on n.oid = c.relnamespace
         order by n.nspname, c.relname
    loop
        for first in select generate_series(plan.since, current_date + 14, plan.step)::date loop
            child := plan.relname || '_' || to_char(first, plan.pattern);
            continue when to_regclass(format('%I.%I', plan.nspname, child)) is not null;
            begin
                execute format('create table %I.%I partition of %s for values from (%L) to (%L)',
                               plan.nspname, child, plan.parent, first, (first + plan.step)::date);
                made := made + 1;
            exception when check_violation then
                raise warning 'rows in the default partition of % keep % from being made',
                              plan.parent, child;
            end;
        end loop;
    end loop;
    return made;
end
$$;
grant execute on function mesh.maintain_partitions() to mesh_app;
select mesh.maintain_partitions() \g /dev/null

-- select * from mesh.default_rows();  -- mesh.event | 0
-- Rows that found no partition of their own; more than none raises an alert.
create function mesh.default_rows() returns table (parent text, n bigint)
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    plan record;
begin
    for plan in
        select i.inhparent::regclass as parent, c.oid::regclass as child
          from mesh.partition_plan p
          join pg_inherits i on i.inhparent = p.parent
          join pg_class c on c.oid = i.inhrelid
         where pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT'
         order by 1
    loop
        parent := plan.parent::text;
        execute format('select count(*) from %s', plan.child) into n;
        return next;
    end loop;
end
$$;
grant execute on function mesh.default_rows() to mesh_app;

reset role;
set role mesh_system;

-- select * from mesh.event_after('0', '00000000-0000-0000-0000-000000000000', 100);
-- What a listener passes on, over all tenants, in an order that never hides a
-- late commit.
create function mesh.event_after(after_xid xid8, after_id uuid, most int)
    returns setof mesh.event
    language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select *
      from mesh.event e
     where (e.xid, e.id) > (after_xid, after_id)
       and e.xid < pg_snapshot_xmin(pg_current_snapshot())
     order by e.xid, e.id
     limit most
$$;
grant execute on function mesh.event_after(xid8, uuid, int) to mesh_app;

-- select * from mesh.event_horizon();  -- where a listener that starts now begins
create function mesh.event_horizon() returns xid8
    language sql stable security definer set search_path = pg_catalog, pg_temp
    return pg_snapshot_xmin(pg_current_snapshot());
grant execute on function mesh.event_horizon() to mesh_app;

reset role;
