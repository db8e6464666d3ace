-- Work that is done later: a queue with leases, taken in one statement.

set role mesh_owner;

create table mesh.job (
    id uuid primary key,
    msp_id uuid not null references mesh.msp,
    client_id uuid,
    agent text not null,
    action text not null,
    input jsonb not null,
    actor text not null,
    role text not null,
    state text not null default 'queued'
        check (state in ('queued', 'running', 'done', 'failed', 'dead', 'cancelled')),
    priority smallint not null default 0 check (priority between -9 and 9),
    receives smallint not null default 0,
    max_receive smallint not null default 3 check (max_receive between 1 and 20),
    due_at timestamptz not null default now(),
    leased_by text,
    lease_until timestamptz,
    progress real not null default 0 check (progress between 0 and 1),
    result jsonb,
    problem jsonb,
    traceparent text check (length(traceparent) = 55),
    created_at timestamptz not null default now(),
    started_at timestamptz,
    ended_at timestamptz,
    check ((state = 'running') = (leased_by is not null and lease_until is not null))
);
alter table mesh.job alter column input set compression lz4;
create index on mesh.job (priority desc, due_at) where state = 'queued';
create index on mesh.job (lease_until) where state = 'running';
create index on mesh.job (msp_id, created_at desc);
call mesh.protect('mesh.job', 'select, insert');
grant update (state, leased_by, lease_until, progress, result, problem, ended_at, input)
    on mesh.job to mesh_app;

reset role;
set role mesh_system;

-- select * from mesh.job_take('host/4711/1', interval '5 minutes');
-- The oldest job that is due, hidden from other takers for the lease.  A job
-- whose taker vanished is taken again, until it has had its tries.
create function mesh.job_take(taker text, lease interval)
    returns table (id uuid, msp_id uuid, client_id uuid, agent text, action text, input text,
                   actor text, role text, receives smallint, traceparent text)
    language sql security definer set search_path = pg_catalog, pg_temp
as $$
    update mesh.job j
       set state = 'running', leased_by = taker, lease_until = clock_timestamp() + lease,
           receives = j.receives + 1, started_at = clock_timestamp()
     where j.id = (select q.id from mesh.job q
                    where q.state = 'queued' and q.due_at <= clock_timestamp()
                    order by q.priority desc, q.due_at
                      for update skip locked
                    limit 1)
    returning j.id, j.msp_id, j.client_id, j.agent, j.action, j.input::text, j.actor, j.role,
              j.receives, j.traceparent
$$;

-- select mesh.job_beat(job, 'host/4711/1', interval '5 minutes', 0.4);
-- False: the lease was lost, stop working.
create function mesh.job_beat(which uuid, taker text, lease interval, done real) returns boolean
    language sql security definer set search_path = pg_catalog, pg_temp
as $$
    with beat as (
        update mesh.job set lease_until = clock_timestamp() + lease,
                            progress = greatest(progress, done)
         where id = which and state = 'running' and leased_by = taker
        returning 1)
    select exists (select from beat)
$$;

-- select mesh.job_return(job, 'host/4711/1', 'retry', '{"code": …}', interval '8 seconds');
-- Give a job back: as if never taken (release), to be tried again after a
-- while (retry; dead after its last try), or as refused for good (fail).
create function mesh.job_return(which uuid, taker text, how text, why jsonb, wait interval)
    returns text
    language sql security definer set search_path = pg_catalog, pg_temp
as $$
    update mesh.job
       set state = case when how = 'fail' then 'failed'
                        when how = 'retry' and receives >= max_receive then 'dead'
                        else 'queued' end,
           receives = receives - (how = 'release')::int,
           leased_by = null, lease_until = null, problem = why,
           due_at = clock_timestamp() + wait,
           ended_at = case when how = 'fail' or (how = 'retry' and receives >= max_receive)
                           then clock_timestamp() end
     where id = which and state = 'running' and leased_by = taker
    returning state
$$;

-- select mesh.job_reap();  -- 2: jobs whose takers vanished
create function mesh.job_reap() returns bigint
    language sql security definer set search_path = pg_catalog, pg_temp
as $$
    with reaped as (
        update mesh.job
           set state = case when receives >= max_receive then 'dead' else 'queued' end,
               leased_by = null, lease_until = null,
               ended_at = case when receives >= max_receive then clock_timestamp() end,
               problem = coalesce(problem, jsonb_build_object('code', 'lease_expired',
                   'detail', 'The worker that had this job went away.'))
         where state = 'running' and lease_until < clock_timestamp()
        returning 1)
    select count(*) from reaped
$$;

-- select * from mesh.job_backlog();
create function mesh.job_backlog()
    returns table (queued bigint, running bigint, dead bigint, oldest_due_seconds double precision)
    language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select count(*) filter (where state = 'queued'), count(*) filter (where state = 'running'),
           count(*) filter (where state = 'dead'),
           coalesce(extract(epoch from clock_timestamp()
               - min(due_at) filter (where state = 'queued' and due_at <= clock_timestamp())), 0)
      from mesh.job
     where state in ('queued', 'running', 'dead')
$$;

grant execute on function mesh.job_take(text, interval),
    mesh.job_beat(uuid, text, interval, real), mesh.job_return(uuid, text, text, jsonb, interval),
    mesh.job_reap(), mesh.job_backlog() to mesh_app;

reset role;
