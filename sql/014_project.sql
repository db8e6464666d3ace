-- Work with an end: projects and who is on them.

set role mesh_owner;

create table mesh.project (
    id uuid not null,
    msp_id uuid not null references mesh.msp,
    client_id uuid,
    name mesh.label not null,
    kind text not null check (kind in ('fixed_price', 'time_and_materials', 'retainer',
                                       'internal')),
    state text not null default 'planned'
        check (state in ('planned', 'active', 'on_hold', 'completed', 'cancelled')),
    starts_on date not null,
    due_on date,
    completed_on date,
    estimated_hours numeric(10, 2) check (estimated_hours >= 0),
    budget mesh.money check (budget >= 0),
    price mesh.money check (price >= 0),
    currency mesh.currency not null,
    manager_id uuid,
    primary key (msp_id, id),
    unique (msp_id, client_id, id),
    foreign key (msp_id, client_id) references mesh.client,
    foreign key (msp_id, manager_id) references mesh.technician,
    check (due_on >= starts_on),
    check ((state = 'completed') = (completed_on is not null)),
    check ((kind = 'internal') = (client_id is null))
);
create index on mesh.project (msp_id, state, due_on);
call mesh.protect('mesh.project', 'select, insert, update');
comment on column mesh.project.client_id is 'null: a project of the provider itself';

create table mesh.project_assignment (
    id uuid not null,
    msp_id uuid not null,
    client_id uuid,
    project_id uuid not null,
    technician_id uuid not null,
    role mesh.label,
    starts_on date not null,
    ends_on date not null,
    weekly_hours numeric(4, 1) not null check (weekly_hours between 0 and 80),
    primary key (msp_id, id),
    foreign key (msp_id, project_id) references mesh.project,
    foreign key (msp_id, client_id, project_id) references mesh.project (msp_id, client_id, id),
    foreign key (msp_id, technician_id) references mesh.technician,
    check (ends_on >= starts_on)
);
create index on mesh.project_assignment (msp_id, technician_id, starts_on);
create index on mesh.project_assignment (msp_id, project_id);
call mesh.protect('mesh.project_assignment', 'select, insert, update');

reset role;
