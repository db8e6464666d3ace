-- Who may become a client, what was tried, and what was offered.

set role mesh_owner;

create table mesh.lead (
    id uuid not null,
    msp_id uuid not null references mesh.msp,
    -- An offer to a client, or the client a lead became.
    client_id uuid,
    company mesh.label not null,
    contact_name text, contact_email text, contact_phone text,
    source text not null check (source in ('website', 'referral', 'cold_call', 'event', 'partner',
                                           'client')),
    industry text,
    seats int check (seats >= 0),
    stage text not null default 'new'
        check (stage in ('new', 'qualified', 'proposal', 'negotiation', 'won', 'lost')),
    probability numeric(4, 3) check (probability between 0 and 1),
    monthly_value mesh.money check (monthly_value >= 0),
    one_time_value mesh.money check (one_time_value >= 0),
    currency mesh.currency not null,
    owner_id uuid,
    created_at timestamptz not null,
    expected_on date,
    closed_at timestamptz,
    lost_reason text,
    primary key (msp_id, id),
    foreign key (msp_id, client_id) references mesh.client,
    foreign key (msp_id, owner_id) references mesh.technician,
    check ((stage in ('won', 'lost')) = (closed_at is not null)),
    check (stage = 'lost' or lost_reason is null),
    check (closed_at >= created_at)
);
create index on mesh.lead (msp_id, stage, expected_on);
create index lead_company_trgm on mesh.lead using gin (company public.gin_trgm_ops);
call mesh.protect('mesh.lead', 'select, insert, update');

create table mesh.lead_activity (
    id uuid not null,
    msp_id uuid not null,
    lead_id uuid not null,
    kind text not null check (kind in ('call', 'email', 'meeting', 'demo', 'proposal', 'stage')),
    at timestamptz not null,
    outcome text check (outcome in ('positive', 'neutral', 'negative')),
    stage text check (stage in ('new', 'qualified', 'proposal', 'negotiation', 'won', 'lost')),
    technician_id uuid,
    note text,
    next_on date,
    primary key (msp_id, id),
    foreign key (msp_id, lead_id) references mesh.lead,
    foreign key (msp_id, technician_id) references mesh.technician,
    check ((kind = 'stage') = (stage is not null))
);
create index on mesh.lead_activity (msp_id, lead_id, at);
call mesh.protect('mesh.lead_activity', 'select, insert');

create table mesh.proposal (
    id uuid not null,
    msp_id uuid not null,
    lead_id uuid not null,
    number mesh.label not null,
    state text not null default 'draft'
        check (state in ('draft', 'sent', 'viewed', 'accepted', 'rejected', 'expired')),
    sent_on date,
    valid_until date,
    monthly_value mesh.money not null default 0 check (monthly_value >= 0),
    one_time_value mesh.money not null default 0 check (one_time_value >= 0),
    currency mesh.currency not null,
    terms text,
    primary key (msp_id, id),
    unique (msp_id, number),
    foreign key (msp_id, lead_id) references mesh.lead,
    check (state = 'draft' or sent_on is not null),
    check (valid_until >= sent_on)
);
create index on mesh.proposal (msp_id, lead_id);
call mesh.protect('mesh.proposal', 'select, insert, update');

create table mesh.proposal_item (
    id uuid not null,
    msp_id uuid not null,
    proposal_id uuid not null,
    position int not null check (position > 0),
    kind text not null check (kind in ('service', 'product', 'licence', 'consulting')),
    description text not null,
    quantity numeric(12, 2) not null check (quantity > 0),
    unit_price mesh.money not null check (unit_price >= 0),
    unit_cost mesh.money not null default 0 check (unit_cost >= 0),
    monthly boolean not null default true,
    primary key (msp_id, id),
    unique (msp_id, proposal_id, position),
    foreign key (msp_id, proposal_id) references mesh.proposal
);
-- A draft is rewritten until it is sent.
call mesh.protect('mesh.proposal_item', 'select, insert, update, delete');

reset role;
