-- What clients have agreed to pay for, month by month.

set role mesh_owner;

-- ends_on is the first day after the agreed term; ended_on the first day the
-- agreement no longer held, whatever the term said.  Amounts and hours are for
-- a month, however many months one invoice covers.
create table mesh.agreement (
    id uuid not null,
    msp_id uuid not null,
    client_id uuid not null,
    parent_id uuid,
    name mesh.label not null,
    kind text not null check (kind in ('managed', 'block_hours', 'time_and_materials',
                                       'subscription')),
    starts_on date not null,
    ends_on date,
    renewal text not null default 'tacit' check (renewal in ('tacit', 'manual', 'none')),
    renewal_months int check (renewal_months between 1 and 120),
    notice_days int not null default 90 check (notice_days between 0 and 730),
    notice_given_on date,
    ended_on date,
    billing_months int not null default 1 check (billing_months in (1, 3, 6, 12)),
    monthly_amount mesh.money not null check (monthly_amount >= 0),
    currency mesh.currency not null,
    included_hours numeric(8, 2) check (included_hours >= 0),
    hourly_rate mesh.money check (hourly_rate >= 0),
    target_margin numeric(4, 3) check (target_margin between -1 and 1),
    primary key (msp_id, id),
    unique (msp_id, client_id, id),
    foreign key (msp_id, client_id) references mesh.client,
    foreign key (msp_id, client_id, parent_id) references mesh.agreement (msp_id, client_id, id),
    check (ends_on > starts_on),
    check (ended_on > starts_on),
    check (parent_id <> id),
    check (renewal <> 'tacit' or ends_on is null or renewal_months is not null)
);
call mesh.protect('mesh.agreement', 'select, insert, update');
comment on column mesh.agreement.included_hours is 'hours a month; null: not limited';

-- What comes on top, with a price and a cost a unit and month.  A change of
-- quantity ends the row as replaced and opens another; only 'cancelled' means
-- that the client gave something up.
create table mesh.addition (
    id uuid not null,
    msp_id uuid not null,
    client_id uuid not null,
    agreement_id uuid not null,
    product mesh.label not null,
    category text not null check (category in
        ('seat', 'security', 'backup', 'licence', 'hardware', 'connectivity', 'other')),
    quantity numeric(12, 2) not null check (quantity >= 0),
    unit_price mesh.money not null check (unit_price >= 0),
    unit_cost mesh.money not null default 0 check (unit_cost >= 0),
    effective_on date not null,
    cancelled_on date,
    end_reason text check (end_reason in ('replaced', 'cancelled')),
    primary key (msp_id, id),
    unique (msp_id, client_id, id),
    foreign key (msp_id, client_id, agreement_id)
        references mesh.agreement (msp_id, client_id, id),
    check (cancelled_on > effective_on),
    check ((cancelled_on is null) = (end_reason is null))
);
create index on mesh.addition (msp_id, client_id, effective_on);
create index on mesh.addition (msp_id, agreement_id, effective_on);
create index on mesh.addition (msp_id, client_id, cancelled_on) where end_reason = 'cancelled';
call mesh.protect('mesh.addition', 'select, insert, update');

reset role;
