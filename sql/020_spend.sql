-- What the provider itself spends, by department.

set role mesh_owner;

create table mesh.department (
    id uuid not null,
    msp_id uuid not null references mesh.msp,
    name mesh.label not null,
    cost_centre text,
    manager_id uuid,
    headcount int not null default 0 check (headcount >= 0),
    primary key (msp_id, id),
    unique (msp_id, name),
    foreign key (msp_id, manager_id) references mesh.technician
);
call mesh.protect('mesh.department', 'select, insert, update');

create table mesh.spending_category (
    id uuid not null,
    msp_id uuid not null references mesh.msp,
    name mesh.label not null,
    parent_id uuid,
    primary key (msp_id, id),
    unique (msp_id, name),
    foreign key (msp_id, parent_id) references mesh.spending_category,
    check (parent_id <> id)
);
call mesh.protect('mesh.spending_category', 'select, insert, update');

-- What a department may spend in a month; what it did spend is in the expenses.
create table mesh.budget (
    msp_id uuid not null,
    department_id uuid not null,
    month date not null check (month = date_trunc('month', month)::date),
    amount mesh.money not null check (amount >= 0),
    currency mesh.currency not null,
    primary key (msp_id, department_id, month),
    foreign key (msp_id, department_id) references mesh.department
);
call mesh.protect('mesh.budget', 'select, insert, update');

create table mesh.expense (
    id uuid not null,
    msp_id uuid not null,
    client_id uuid,
    department_id uuid not null,
    category_id uuid not null,
    vendor_id uuid,
    project_id uuid,
    spent_on date not null,
    amount mesh.money not null check (amount >= 0),
    currency mesh.currency not null,
    description text not null,
    invoice_number text,
    due_on date,
    paid_on date,
    primary key (msp_id, id),
    foreign key (msp_id, client_id) references mesh.client,
    foreign key (msp_id, department_id) references mesh.department,
    foreign key (msp_id, category_id) references mesh.spending_category,
    foreign key (msp_id, vendor_id) references mesh.vendor,
    foreign key (msp_id, project_id) references mesh.project
);
create index on mesh.expense (msp_id, department_id, spent_on);
create index on mesh.expense (msp_id, vendor_id, spent_on) where vendor_id is not null;
create index on mesh.expense (msp_id, client_id, spent_on) where client_id is not null;
call mesh.protect('mesh.expense', 'select, insert, update');
comment on column mesh.expense.client_id is 'the client it was spent for, if one';

reset role;
