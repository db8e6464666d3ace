-- Who does a provider's work: what they can, when they are there, what they cost.
--
-- Every business table from here on is keyed by (msp_id, id) and refers to
-- others by (msp_id, x_id), so that no row can point into another tenant.
-- A row that concerns one client says so in client_id, and what hangs on it
-- refers by (msp_id, client_id, x_id): it cannot change hands either.

set role mesh_owner;

create table mesh.technician (
    id uuid not null,
    msp_id uuid not null references mesh.msp,
    name mesh.label not null,
    email text,
    role text not null default 'engineer' check (role in
        ('technician', 'engineer', 'senior_engineer', 'architect', 'manager', 'account_manager')),
    hired_on date not null,
    left_on date,
    billable_rate mesh.money check (billable_rate >= 0),
    currency mesh.currency not null,
    target_utilisation numeric(4, 3) not null default 0.75
        check (target_utilisation between 0 and 1),
    weekly_hours numeric(4, 1) not null default 40 check (weekly_hours between 0 and 80),
    latitude double precision check (latitude between -90 and 90),
    longitude double precision check (longitude between -180 and 180),
    certifications text[] not null default '{}',
    primary key (msp_id, id),
    check (left_on > hired_on),
    check ((latitude is null) = (longitude is null))
);
call mesh.protect('mesh.technician', 'select, insert, update');

create table mesh.technician_skill (
    msp_id uuid not null,
    technician_id uuid not null,
    skill mesh.label not null check (skill = lower(skill)),
    level smallint not null check (level between 1 and 5),
    primary key (msp_id, technician_id, skill),
    foreign key (msp_id, technician_id) references mesh.technician
);
create index on mesh.technician_skill (msp_id, skill, level);
-- A skill that was noted by mistake goes away: there is no level none.
call mesh.protect('mesh.technician_skill', 'select, insert, update, delete');

-- Planned presence.  One technician is in one shift at a time.
create table mesh.shift (
    id uuid not null,
    msp_id uuid not null,
    technician_id uuid not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    on_call boolean not null default false,
    primary key (msp_id, id),
    foreign key (msp_id, technician_id) references mesh.technician,
    check (ends_at > starts_at and ends_at <= starts_at + interval '24 hours'),
    exclude using gist (msp_id with =, technician_id with =,
                        tstzrange(starts_at, ends_at) with &&) where (not on_call)
);
create index on mesh.shift (msp_id, starts_at);
-- A plan changes until it happens.
call mesh.protect('mesh.shift', 'select, insert, update, delete');

create table mesh.absence (
    id uuid not null,
    msp_id uuid not null,
    technician_id uuid not null,
    kind text not null check (kind in ('vacation', 'sick', 'training', 'holiday', 'other')),
    starts_on date not null,
    ends_on date not null,
    cancelled_at timestamptz,
    primary key (msp_id, id),
    foreign key (msp_id, technician_id) references mesh.technician,
    check (ends_on >= starts_on)
);
create index on mesh.absence (msp_id, technician_id, starts_on);
call mesh.protect('mesh.absence', 'select, insert, update');
comment on column mesh.absence.ends_on is 'the last day away';

-- What an hour costs the provider, by the day it was worked.  The range takes
-- in its first day and not its last, and two rates never hold on one day.
create table mesh.cost_rate (
    id uuid not null,
    msp_id uuid not null,
    technician_id uuid not null,
    effective daterange not null check (not isempty(effective) and not lower_inf(effective)),
    hourly_cost mesh.money not null check (hourly_cost >= 0),
    currency mesh.currency not null,
    primary key (msp_id, id),
    foreign key (msp_id, technician_id) references mesh.technician,
    exclude using gist (msp_id with =, technician_id with =, effective with &&)
);
call mesh.protect('mesh.cost_rate', 'select, insert, update');

reset role;
