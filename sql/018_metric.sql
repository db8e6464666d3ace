-- Measured values over time.

set role mesh_owner;

create table mesh.metric_series (
    id uuid not null,
    msp_id uuid not null references mesh.msp,
    client_id uuid,
    asset_id uuid,
    name mesh.label not null,
    metric_type text not null check (length(metric_type) between 1 and 64),
    unit text,
    step interval check (step > interval '0'),
    ended_at timestamptz,
    primary key (msp_id, id),
    unique (msp_id, client_id, id),
    unique (msp_id, name),
    foreign key (msp_id, client_id) references mesh.client,
    foreign key (msp_id, client_id, asset_id) references mesh.asset (msp_id, client_id, id),
    check (client_id is not null or asset_id is null)
);
create index on mesh.metric_series (msp_id, metric_type);
create index on mesh.metric_series (msp_id, client_id) where client_id is not null;
call mesh.protect('mesh.metric_series', 'select, insert, update');
comment on column mesh.metric_series.step is 'how often a point is expected; null: when it comes';

-- A point that comes late or again replaces the one of its time.
create table mesh.metric_point (
    msp_id uuid not null,
    client_id uuid,
    series_id uuid not null,
    at timestamptz not null,
    value double precision not null check (value between '-1e300' and '1e300'),
    primary key (msp_id, series_id, at),
    foreign key (msp_id, series_id) references mesh.metric_series,
    foreign key (msp_id, client_id, series_id)
        references mesh.metric_series (msp_id, client_id, id)
) partition by range (at);
call mesh.protect('mesh.metric_point', 'select, insert, update');

create table mesh.metric_point_default partition of mesh.metric_point default;
revoke all on mesh.metric_point_default from mesh_app, mesh_reader;
insert into mesh.partition_plan (parent, step) values ('mesh.metric_point', 'month');
select mesh.maintain_partitions() \g /dev/null

reset role;
