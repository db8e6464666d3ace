-- What providers share: how they present themselves, what they look for, and
-- which attacks they see.  Each still sees its own rows only; what crosses the
-- border does so through definer functions of the agent that needs it.

set role mesh_owner;

-- A provider is shown to others from opted_in_at until it takes that back.
create table mesh.partner_profile (
    msp_id uuid primary key references mesh.msp,
    opted_in_at timestamptz,
    headline text not null check (length(headline) <= 400),
    description text check (length(description) <= 20000),
    skills text[] not null default '{}',
    certifications text[] not null default '{}',
    industries text[] not null default '{}',
    city text, region text, country text,
    latitude double precision check (latitude between -90 and 90),
    longitude double precision check (longitude between -180 and 180),
    team_size int check (team_size > 0),
    monthly_hours_free numeric(8, 1) check (monthly_hours_free >= 0),
    available_on date,
    hourly_rate mesh.money check (hourly_rate >= 0),
    currency mesh.currency not null,
    updated_at timestamptz not null default now(),
    check ((latitude is null) = (longitude is null))
);
create index on mesh.partner_profile using gin (skills) where opted_in_at is not null;
call mesh.protect('mesh.partner_profile', 'select, insert, update');

-- Work one provider offers to do together.
create table mesh.opportunity (
    id uuid not null,
    msp_id uuid not null references mesh.msp,
    title mesh.label not null,
    kind text not null check (kind in ('project', 'overflow', 'specialist', 'resale', 'bid')),
    description text check (length(description) <= 20000),
    skills text[] not null default '{}',
    industry text,
    value mesh.money check (value >= 0),
    currency mesh.currency not null,
    months numeric(5, 1) check (months > 0),
    reply_by date,
    state text not null default 'open' check (state in ('open', 'matched', 'closed', 'withdrawn')),
    created_at timestamptz not null default now(),
    primary key (msp_id, id)
);
create index on mesh.opportunity (state, reply_by);
call mesh.protect('mesh.opportunity', 'select, insert, update');

-- A threat to a client or (client_id null) to the provider.
create table mesh.threat (
    id uuid not null,
    msp_id uuid not null references mesh.msp,
    client_id uuid,
    title mesh.label not null,
    threat_type text not null check (length(threat_type) between 1 and 64),
    severity text not null check (severity in ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL')),
    confidence numeric(4, 3) check (confidence between 0 and 1),
    state text not null default 'open'
        check (state in ('open', 'acknowledged', 'mitigated', 'false_positive')),
    source text,
    text_sha256 mesh.sha256,
    indicators jsonb not null default '[]',
    detected_at timestamptz not null default now(),
    acknowledged_at timestamptz,
    ended_at timestamptz,
    state_by text,
    result_id uuid,
    primary key (msp_id, id),
    foreign key (msp_id, client_id) references mesh.client,
    check ((state in ('mitigated', 'false_positive')) = (ended_at is not null)),
    check (acknowledged_at >= detected_at),
    check (ended_at >= detected_at)
);
create index on mesh.threat (msp_id, detected_at desc);
create index on mesh.threat (msp_id, severity, detected_at desc) where ended_at is null;
-- The same text reported twice is one threat while it is open.
create unique index on mesh.threat (msp_id, text_sha256, (coalesce(client_id, msp_id)))
    where text_sha256 is not null and ended_at is null;
call mesh.protect('mesh.threat', 'select, insert, update');

-- What a provider that opted in has seen, without words: an indicator's hash
-- by day, so that others can ask whether they are not alone.
create table mesh.sighting (
    msp_id uuid not null references mesh.msp,
    indicator_sha256 mesh.sha256 not null,
    kind text not null check (kind in ('ip', 'domain', 'url', 'email', 'hash', 'cve', 'technique',
                                       'other')),
    seen_on date not null,
    n int not null default 1 check (n > 0),
    severity text check (severity in ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL')),
    primary key (msp_id, indicator_sha256, seen_on)
);
create index on mesh.sighting (indicator_sha256, seen_on);
call mesh.protect('mesh.sighting', 'select, insert, update');

reset role;
