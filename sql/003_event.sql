-- What happened: CloudEvents 1.0, written in the transaction of their cause.
--
-- Ids are not in commit order, so a reader's cursor is (xid, id) and passes
-- only rows of transactions that are older than every running one.

set role mesh_owner;

create table mesh.event (
    id uuid not null,
    recorded_at timestamptz not null default now(),
    xid xid8 not null default pg_current_xact_id(),
    msp_id uuid not null references mesh.msp,
    client_id uuid,
    type text not null check (length(type) between 1 and 200),
    source text not null check (length(source) between 1 and 400),
    subject text check (length(subject) <= 400),
    time timestamptz not null default now(),
    data jsonb not null,
    traceparent text check (length(traceparent) = 55),
    simulated boolean not null default false,
    primary key (recorded_at, id)
) partition by range (recorded_at);
create index on mesh.event (xid, id);
create index on mesh.event (msp_id, recorded_at desc, id);
call mesh.protect('mesh.event', 'select, insert');

create table mesh.event_default partition of mesh.event default;
-- A partition is a door of its own: nobody is granted one.
revoke all on mesh.event_default from mesh_app, mesh_reader;

-- select mesh.maintain_partitions();  -- 15: how many partitions were made
-- Days from yesterday to a fortnight ahead; safe to call at any time.
create function mesh.maintain_partitions() returns int
    language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    day date;
    made int := 0;
begin
    for day in select generate_series(current_date - 1, current_date + 14, '1 day')::date loop
        if to_regclass(format('mesh.event_%s', to_char(day, 'YYYYMMDD'))) is null then
            execute format('create table mesh.event_%s partition of mesh.event
                            for values from (%L) to (%L)', to_char(day, 'YYYYMMDD'), day, day + 1);
            made := made + 1;
        end if;
    end loop;
    return made;
end
$$;
grant execute on function mesh.maintain_partitions() to mesh_app;
select mesh.maintain_partitions() \g /dev/null

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
