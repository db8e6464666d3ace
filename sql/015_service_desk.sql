-- What clients ask for, how soon they are helped, and what they think of it.

set role mesh_owner;

-- How soon, by priority.  A row without a client holds for every client that
-- has none of its own.
create table mesh.sla_target (
    id uuid not null,
    msp_id uuid not null references mesh.msp,
    client_id uuid,
    priority text not null check (priority in ('critical', 'high', 'medium', 'low')),
    respond_within interval not null check (respond_within > interval '0'),
    resolve_within interval not null check (resolve_within >= respond_within),
    clock text not null default 'always' check (clock in ('always', 'business_hours')),
    primary key (msp_id, id),
    unique nulls not distinct (msp_id, client_id, priority),
    foreign key (msp_id, client_id) references mesh.client
);
call mesh.protect('mesh.sla_target', 'select, insert, update');

-- responded_at and resolved_at are the first time; a reopened ticket keeps
-- them and its events tell the rest.  paused is time until resolved_at during
-- which the clock stood still; respond_by and resolve_by do not contain it.
create table mesh.ticket (
    id uuid not null,
    msp_id uuid not null,
    client_id uuid not null,
    agreement_id uuid,
    number bigint not null,
    subject mesh.label not null,
    description text,
    category text not null,
    source text not null default 'email'
        check (source in ('email', 'phone', 'portal', 'monitoring', 'visit')),
    priority text not null check (priority in ('critical', 'high', 'medium', 'low')),
    state text not null default 'new'
        check (state in ('new', 'open', 'waiting', 'resolved', 'closed')),
    technician_id uuid,
    created_at timestamptz not null,
    respond_by timestamptz,
    resolve_by timestamptz,
    responded_at timestamptz,
    resolved_at timestamptz,
    closed_at timestamptz,
    paused interval not null default '0' check (paused >= interval '0'),
    -- For dispatch: which skill at which level, how long, and where.
    skill text,
    skill_level smallint check (skill_level between 1 and 5),
    estimate interval check (estimate > interval '0'),
    on_site boolean not null default false,
    primary key (msp_id, id),
    unique (msp_id, number),
    unique (msp_id, client_id, id),
    foreign key (msp_id, client_id) references mesh.client,
    foreign key (msp_id, client_id, agreement_id)
        references mesh.agreement (msp_id, client_id, id),
    foreign key (msp_id, technician_id) references mesh.technician,
    check (responded_at >= created_at),
    check (resolved_at >= created_at),
    check (closed_at >= created_at),
    check (state not in ('resolved', 'closed') or resolved_at is not null),
    check ((state = 'closed') = (closed_at is not null))
);
create index on mesh.ticket (msp_id, client_id, created_at);
create index on mesh.ticket (msp_id, client_id, resolved_at)
    include (created_at, responded_at, paused, respond_by, resolve_by, id)
    where resolved_at is not null;
create index on mesh.ticket (msp_id, client_id, responded_at) include (created_at)
    where responded_at is not null;
create index on mesh.ticket (msp_id, created_at);
create index on mesh.ticket (msp_id, resolve_by) where state in ('new', 'open', 'waiting');
call mesh.protect('mesh.ticket', 'select, insert, update');

-- What happened to a ticket; never changed.  One kind of thing happens to a
-- ticket once at a time, which makes a second import of it harmless.
create table mesh.ticket_event (
    msp_id uuid not null,
    client_id uuid not null,
    ticket_id uuid not null,
    at timestamptz not null,
    kind text not null check (kind in ('created', 'responded', 'paused', 'resumed', 'resolved',
                                       'reopened', 'escalated', 'closed')),
    technician_id uuid,
    note text,
    primary key (msp_id, ticket_id, at, kind),
    foreign key (msp_id, client_id, ticket_id) references mesh.ticket (msp_id, client_id, id),
    foreign key (msp_id, technician_id) references mesh.technician
);
create index on mesh.ticket_event (msp_id, client_id, at) include (ticket_id)
    where kind = 'reopened';
call mesh.protect('mesh.ticket_event', 'select, insert');

create table mesh.satisfaction (
    id uuid not null,
    msp_id uuid not null,
    client_id uuid not null,
    ticket_id uuid,
    score smallint not null check (score between 1 and 10),
    comment text,
    answered_at timestamptz not null,
    primary key (msp_id, id),
    foreign key (msp_id, client_id) references mesh.client,
    foreign key (msp_id, client_id, ticket_id) references mesh.ticket (msp_id, client_id, id)
);
create index on mesh.satisfaction (msp_id, client_id, answered_at) include (score);
create index on mesh.satisfaction (msp_id, ticket_id) where ticket_id is not null;
call mesh.protect('mesh.satisfaction', 'select, insert');

-- Hours worked.  Without a client they are the provider's own.  Hours count
-- for pay and margin when approved_at is set.
create table mesh.time_entry (
    id uuid not null,
    msp_id uuid not null,
    client_id uuid,
    technician_id uuid not null,
    agreement_id uuid,
    ticket_id uuid,
    project_id uuid,
    started_at timestamptz not null,
    hours numeric(6, 2) not null check (hours > 0 and hours <= 24),
    work text not null check (work in ('support', 'project', 'maintenance', 'meeting', 'travel',
                                       'admin', 'training')),
    billable boolean not null default false,
    approved_at timestamptz,
    hourly_rate mesh.money check (hourly_rate >= 0),
    note text,
    primary key (msp_id, id),
    foreign key (msp_id, client_id) references mesh.client,
    foreign key (msp_id, technician_id) references mesh.technician,
    foreign key (msp_id, client_id, agreement_id)
        references mesh.agreement (msp_id, client_id, id),
    foreign key (msp_id, client_id, ticket_id) references mesh.ticket (msp_id, client_id, id),
    foreign key (msp_id, project_id) references mesh.project,
    foreign key (msp_id, client_id, project_id) references mesh.project (msp_id, client_id, id),
    check (client_id is not null or (agreement_id is null and ticket_id is null)),
    check (client_id is not null or not billable)
);
create index on mesh.time_entry (msp_id, client_id, started_at) include (hours, agreement_id);
create index on mesh.time_entry (msp_id, technician_id, started_at);
create index on mesh.time_entry (msp_id, agreement_id, started_at) where agreement_id is not null;
create index on mesh.time_entry (msp_id, ticket_id) where ticket_id is not null;
create index on mesh.time_entry (msp_id, project_id) where project_id is not null;
call mesh.protect('mesh.time_entry', 'select, insert, update');

reset role;
