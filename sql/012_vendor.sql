-- From whom a provider buys, under which contracts, and how well they deliver.

set role mesh_owner;

-- select mesh.term_end('2023-03-01', '2024-03-01', 'tacit', 12, '2026-11-18');  -- 2027-03-01
-- The day the term that runs on a day ends.  A tacit renewal moves it on; any
-- other kind leaves it where it was.  Null: there is no end.
create function mesh.term_end(starts_on date, ends_on date, renewal text, renewal_months int,
                              as_of date) returns date
    language sql immutable parallel safe
    return case
        when ends_on is null or as_of < ends_on or renewal <> 'tacit' then ends_on
        else (
            select min(e.ends)
              from (select extract(year from age(as_of, ends_on)) * 12
                         + extract(month from age(as_of, ends_on))) as gone (months)
             cross join lateral (
                select (ends_on + make_interval(months => ((gone.months::int / renewal_months + k)
                                                           * renewal_months)))::date
                  from generate_series(0, 2) k) as e (ends)
             where e.ends > as_of)
    end;
grant execute on function mesh.term_end(date, date, text, int, date) to mesh_app, mesh_reader,
    mesh_system;

create table mesh.vendor (
    id uuid not null,
    msp_id uuid not null references mesh.msp,
    name mesh.label not null,
    kind text not null check (kind in ('software', 'hardware', 'service')),
    website text,
    contact_name text,
    contact_email text,
    payment_days int check (payment_days between 0 and 365),
    ended_on date,
    primary key (msp_id, id),
    unique (msp_id, name)
);
call mesh.protect('mesh.vendor', 'select, insert, update');

-- A vendor's month.
create table mesh.vendor_performance (
    msp_id uuid not null,
    vendor_id uuid not null,
    month date not null check (month = date_trunc('month', month)::date),
    score numeric(5, 2) check (score between 0 and 100),
    response_hours numeric(8, 2) check (response_hours >= 0),
    resolution_hours numeric(8, 2) check (resolution_hours >= 0),
    tickets int not null default 0 check (tickets >= 0),
    tickets_resolved int not null default 0 check (tickets_resolved >= 0),
    uptime numeric(7, 5) check (uptime between 0 and 1),
    primary key (msp_id, vendor_id, month),
    foreign key (msp_id, vendor_id) references mesh.vendor
);
call mesh.protect('mesh.vendor_performance', 'select, insert, update');

-- ends_on is the first day no longer covered.  Notice must arrive notice_days
-- before the end of the running term (mesh.term_end), or a tacit one renews.
create table mesh.contract (
    id uuid not null,
    msp_id uuid not null,
    vendor_id uuid not null,
    number mesh.label not null,
    kind text not null check (kind in ('software', 'hardware', 'service', 'consulting', 'lease')),
    subject text,
    starts_on date not null,
    ends_on date,
    renewal text not null default 'none' check (renewal in ('tacit', 'manual', 'none')),
    renewal_months int check (renewal_months between 1 and 120),
    notice_days int not null default 0 check (notice_days between 0 and 730),
    notice_given_on date,
    ended_on date,
    annual_value mesh.money not null check (annual_value >= 0),
    currency mesh.currency not null,
    owner_id uuid,
    primary key (msp_id, id),
    unique (msp_id, number),
    foreign key (msp_id, vendor_id) references mesh.vendor,
    foreign key (msp_id, owner_id) references mesh.technician,
    check (ends_on > starts_on),
    check (ended_on > starts_on),
    check (renewal <> 'tacit' or (renewal_months is not null and ends_on is not null))
);
create index on mesh.contract (msp_id, vendor_id);
create index on mesh.contract (msp_id, ends_on);
call mesh.protect('mesh.contract', 'select, insert, update');

-- What a contract promises and what was measured, by month.
create table mesh.contract_sla (
    msp_id uuid not null,
    contract_id uuid not null,
    metric mesh.label not null,
    month date not null check (month = date_trunc('month', month)::date),
    target numeric not null,
    actual numeric,
    unit text not null check (unit in ('percent', 'hours', 'days', 'count')),
    higher_is_better boolean not null,
    primary key (msp_id, contract_id, metric, month),
    foreign key (msp_id, contract_id) references mesh.contract
);
call mesh.protect('mesh.contract_sla', 'select, insert, update');

reset role;
