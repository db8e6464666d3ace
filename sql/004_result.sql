-- What the agents answered, what they know, and what the network learned.

set role mesh_owner;

create type mesh.outcome as enum ('ok', 'insufficient_data', 'queued');

-- One row a call or batch; stored before it is answered.  As for events, its
-- types say what it is, and the tenant is no foreign key.
create table mesh.agent_result (
    id uuid primary key,
    msp_id uuid not null,
    client_id uuid,
    agent text not null,
    action text not null,
    outcome mesh.outcome not null,
    input_sha256 bytea not null,
    input_text text,
    output jsonb not null,
    engine jsonb not null,
    actor text not null,
    duration interval not null,
    traceparent varchar(55),
    created_at timestamptz not null default now()
);
alter table mesh.agent_result alter column output set compression lz4;
create index on mesh.agent_result (msp_id, agent, created_at desc);
create index on mesh.agent_result (client_id, agent, created_at desc) where client_id is not null;
call mesh.protect('mesh.agent_result', 'select, insert');

-- What an agent keeps between calls, for one tenant.
create table mesh.agent_state (
    msp_id uuid not null references mesh.msp,
    agent text not null,
    key text not null,
    value jsonb not null,
    updated_at timestamptz not null default now(),
    primary key (msp_id, agent, key)
);
call mesh.protect('mesh.agent_state', 'select, insert, update, delete');

-- Trained artefacts, by version.  A model that was trained on posted rows
-- serves its newest ready version; a stored-client model only when promoted.
create table mesh.model (
    id uuid primary key,
    msp_id uuid not null references mesh.msp,
    agent text not null,
    name text not null check (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
    version int not null check (version > 0),
    state text not null default 'training'
        check (state in ('training', 'candidate', 'active', 'retired', 'failed')),
    algorithm text,
    artefact jsonb,
    training_sha256 mesh.sha256,
    training_rows int check (training_rows >= 0),
    metrics jsonb not null default '{}',
    problem jsonb,
    job_id uuid,
    created_at timestamptz not null default now(),
    ready_at timestamptz,
    unique (msp_id, agent, name, version),
    check (state in ('training', 'failed') or artefact is not null)
);
alter table mesh.model alter column artefact set compression lz4;
create unique index one_active_model on mesh.model (msp_id, agent, name) where state = 'active';
call mesh.protect('mesh.model', 'select, insert, update');

-- Figures over all tenants that opted in; nothing below five of them.
create table mesh.network_intelligence (
    metric_type text not null,
    period daterange not null,
    segment text not null default 'all',
    value double precision not null,
    msps int not null check (msps >= 5),
    n bigint not null check (n >= msps),
    computed_at timestamptz not null default now(),
    primary key (metric_type, period, segment)
);
grant select on mesh.network_intelligence to mesh_app, mesh_reader;
grant select, insert, update, delete on mesh.network_intelligence to mesh_system;

reset role;
