-- What clients run: machines, the software on them, and the licences for it.

set role mesh_owner;

create table mesh.asset (
    id uuid not null,
    msp_id uuid not null,
    client_id uuid not null,
    name mesh.label not null,
    kind text not null check (kind in ('workstation', 'server', 'network', 'printer', 'mobile',
                                       'cloud')),
    make text, model text, serial text,
    os text, os_version text,
    address inet,
    -- Reachable from the internet, which makes a hole in it urgent.
    exposed boolean not null default false,
    installed_on date,
    warranty_ends_on date,
    retired_on date,
    last_seen_at timestamptz,
    patched_at timestamptz,
    primary key (msp_id, id),
    unique (msp_id, client_id, id),
    foreign key (msp_id, client_id) references mesh.client,
    check (retired_on >= installed_on)
);
create index on mesh.asset (msp_id, client_id) where retired_on is null;
call mesh.protect('mesh.asset', 'select, insert, update');
comment on column mesh.asset.patched_at is 'when the last critical patch went in';

create table mesh.software (
    id uuid not null,
    msp_id uuid not null,
    client_id uuid not null,
    asset_id uuid not null,
    vendor mesh.label not null,
    product mesh.label not null,
    version text,
    installed_on date,
    removed_on date,
    primary key (msp_id, id),
    foreign key (msp_id, client_id, asset_id) references mesh.asset (msp_id, client_id, id),
    check (removed_on >= installed_on)
);
create index on mesh.software (msp_id, asset_id);
-- Vulnerabilities name vendor and product in any case of letters.
create index on mesh.software (msp_id, lower(vendor), lower(product)) where removed_on is null;
create index software_product_trgm on mesh.software using gin (product public.gin_trgm_ops);
call mesh.protect('mesh.software', 'select, insert, update');

-- What was bought, for a client or (client_id null) for the provider itself.
-- More may be assigned than owned: that is what an audit finds, not an error.
create table mesh.licence (
    id uuid not null,
    msp_id uuid not null references mesh.msp,
    client_id uuid,
    vendor_id uuid not null,
    contract_id uuid,
    product mesh.label not null,
    metric text not null check (metric in ('user', 'device', 'concurrent', 'site')),
    owned int not null check (owned >= 0),
    monthly_cost mesh.money not null check (monthly_cost >= 0),
    monthly_price mesh.money check (monthly_price >= 0),
    currency mesh.currency not null,
    starts_on date not null,
    ends_on date,
    renewal text not null default 'tacit' check (renewal in ('tacit', 'manual', 'none')),
    renewal_months int check (renewal_months between 1 and 120),
    notice_days int not null default 0 check (notice_days between 0 and 730),
    ended_on date,
    primary key (msp_id, id),
    unique (msp_id, client_id, id),
    foreign key (msp_id, client_id) references mesh.client,
    foreign key (msp_id, vendor_id) references mesh.vendor,
    foreign key (msp_id, contract_id) references mesh.contract,
    check (ends_on > starts_on),
    check (ended_on > starts_on),
    check (renewal <> 'tacit' or ends_on is null or renewal_months is not null)
);
create index on mesh.licence (msp_id, ends_on);
create index on mesh.licence (msp_id, vendor_id);
call mesh.protect('mesh.licence', 'select, insert, update');
comment on column mesh.licence.monthly_cost is 'for one unit and month';

create table mesh.licence_assignment (
    id uuid not null,
    msp_id uuid not null,
    client_id uuid,
    licence_id uuid not null,
    assignee_kind text not null check (assignee_kind in ('user', 'device', 'department')),
    assignee mesh.label not null,
    asset_id uuid,
    assigned_on date not null,
    released_on date,
    last_used_on date,
    primary key (msp_id, id),
    foreign key (msp_id, licence_id) references mesh.licence,
    foreign key (msp_id, client_id, licence_id) references mesh.licence (msp_id, client_id, id),
    foreign key (msp_id, client_id, asset_id) references mesh.asset (msp_id, client_id, id),
    check (released_on >= assigned_on)
);
create unique index on mesh.licence_assignment (msp_id, licence_id, assignee_kind, assignee)
    where released_on is null;
call mesh.protect('mesh.licence_assignment', 'select, insert, update');
comment on column mesh.licence_assignment.last_used_on is 'null: never used';

-- A licence's month of use.
create table mesh.licence_usage (
    msp_id uuid not null,
    client_id uuid,
    licence_id uuid not null,
    month date not null check (month = date_trunc('month', month)::date),
    active int not null check (active >= 0),
    sessions int check (sessions >= 0),
    hours numeric(12, 2) check (hours >= 0),
    primary key (msp_id, licence_id, month),
    foreign key (msp_id, licence_id) references mesh.licence,
    foreign key (msp_id, client_id, licence_id) references mesh.licence (msp_id, client_id, id)
);
call mesh.protect('mesh.licence_usage', 'select, insert, update');

-- Owned against assigned against used, today.  Unused: assigned for longer
-- than 90 days and not used within them.
create view mesh.licence_position with (security_invoker) as
    select l.msp_id, l.client_id, l.id as licence_id, l.vendor_id, l.product, l.owned,
           coalesce(a.assigned, 0) as assigned, coalesce(a.unused, 0) as unused,
           greatest(coalesce(a.assigned, 0) - l.owned, 0) as over,
           greatest(l.owned - coalesce(a.assigned, 0), 0) as free,
           l.monthly_cost, l.currency
      from mesh.licence l
      left join (
            select msp_id, licence_id, count(*)::int as assigned,
                   count(*) filter (where assigned_on < mesh.today() - 90
                                      and coalesce(last_used_on, '-infinity') < mesh.today() - 90
                                   )::int as unused
              from mesh.licence_assignment
             where released_on is null or released_on > mesh.today()
             group by msp_id, licence_id) a on a.msp_id = l.msp_id and a.licence_id = l.id
     where l.starts_on <= mesh.today() and (l.ended_on is null or l.ended_on > mesh.today());
grant select on mesh.licence_position to mesh_app, mesh_reader;

reset role;
