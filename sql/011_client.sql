-- Whom a provider serves.

set role mesh_owner;

create table mesh.client (
    id uuid not null,
    -- Its own client, so that the policy shows a client-viewer this row only.
    client_id uuid not null generated always as (id) stored,
    msp_id uuid not null references mesh.msp,
    name mesh.label not null,
    status text not null default 'active'
        check (status in ('prospect', 'onboarding', 'active', 'leaving', 'left')),
    since date not null,
    left_on date,
    left_reason text check (left_reason in
        ('price', 'service', 'in_house', 'acquired', 'closed', 'competitor', 'other')),
    industry text,
    seats int not null default 0 check (seats >= 0),
    sites int not null default 1 check (sites >= 0),
    currency mesh.currency not null,
    account_owner_id uuid,
    contact_name text,
    contact_email text,
    contact_phone text,
    city text, region text, country text,
    latitude double precision check (latitude between -90 and 90),
    longitude double precision check (longitude between -180 and 180),
    created_at timestamptz not null default now(),
    primary key (msp_id, id),
    foreign key (msp_id, account_owner_id) references mesh.technician,
    check (left_on > since),
    check (left_reason is null or left_on is not null),
    check (status <> 'left' or left_on is not null),
    check (status in ('leaving', 'left') or left_on is null),
    check ((latitude is null) = (longitude is null))
);
create index on mesh.client (msp_id, since);
create index client_name_trgm on mesh.client using gin (name public.gin_trgm_ops);
call mesh.protect('mesh.client', 'select, insert, update');
comment on column mesh.client.left_on is 'the first day without us; in the future once notice is '
    'given';

-- How many seats from which day on.
create table mesh.client_seats (
    msp_id uuid not null,
    client_id uuid not null,
    since date not null,
    seats int not null check (seats >= 0),
    primary key (msp_id, client_id, since),
    foreign key (msp_id, client_id) references mesh.client
);
call mesh.protect('mesh.client_seats', 'select, insert, update');

-- The regular review with a client's management.
create table mesh.review_meeting (
    id uuid not null,
    msp_id uuid not null,
    client_id uuid not null,
    planned_at timestamptz not null,
    held_at timestamptz,
    state text not null default 'planned' check (state in ('planned', 'held', 'skipped')),
    technician_id uuid,
    notes text,
    primary key (msp_id, id),
    foreign key (msp_id, client_id) references mesh.client,
    foreign key (msp_id, technician_id) references mesh.technician,
    check ((state = 'held') = (held_at is not null))
);
create index on mesh.review_meeting (msp_id, client_id, planned_at);
call mesh.protect('mesh.review_meeting', 'select, insert, update');

-- Who is bound to one client is bound to one of the own tenant.
alter table mesh.app_user add foreign key (msp_id, client_id) references mesh.client;
alter table mesh.api_key add foreign key (msp_id, client_id) references mesh.client;

reset role;
