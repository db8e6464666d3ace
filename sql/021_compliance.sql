-- What was promised in writing, what proves it, and how a control was judged.

set role mesh_owner;

-- client_id null: the provider's own.  A new version is a new row.
create table mesh.policy (
    id uuid not null,
    msp_id uuid not null references mesh.msp,
    client_id uuid,
    title mesh.label not null,
    version int not null default 1 check (version > 0),
    body text not null,
    effective_on date not null,
    review_due_on date,
    retired_on date,
    primary key (msp_id, id),
    unique nulls not distinct (msp_id, client_id, title, version),
    foreign key (msp_id, client_id) references mesh.client,
    check (review_due_on > effective_on)
);
call mesh.protect('mesh.policy', 'select, insert, update');

-- Evidence proves something until valid_until; after that it proves nothing.
create table mesh.control_evidence (
    id uuid not null,
    msp_id uuid not null references mesh.msp,
    client_id uuid,
    framework mesh.label not null,
    control mesh.label not null,
    kind text not null check (kind in ('patch', 'mfa', 'backup', 'restore_test', 'access_review',
                                       'training', 'assessment', 'document')),
    outcome text not null check (outcome in ('pass', 'partial', 'fail')),
    collected_at timestamptz not null,
    valid_until date,
    source text,
    detail jsonb not null default '{}',
    primary key (msp_id, id),
    foreign key (msp_id, client_id) references mesh.client
);
create index on mesh.control_evidence (msp_id, client_id, framework, control, collected_at desc);
create index on mesh.control_evidence (msp_id, valid_until);
call mesh.protect('mesh.control_evidence', 'select, insert');

create table mesh.control_assessment (
    id uuid not null,
    msp_id uuid not null references mesh.msp,
    client_id uuid,
    framework mesh.label not null,
    control mesh.label not null,
    status text not null check (status in ('met', 'partial', 'missing', 'contradicted',
                                           'not_applicable')),
    assessed_at timestamptz not null,
    assessor text,
    note text,
    primary key (msp_id, id),
    foreign key (msp_id, client_id) references mesh.client
);
create index on mesh.control_assessment (msp_id, client_id, framework, control, assessed_at desc);
call mesh.protect('mesh.control_assessment', 'select, insert');

reset role;
