-- What was invoiced, and what was paid.

set role mesh_owner;

-- total is the sum of the lines without tax.  A credit memo has a negative
-- total and names the invoice it takes back.
create table mesh.invoice (
    id uuid not null,
    msp_id uuid not null,
    client_id uuid not null,
    number mesh.label not null,
    kind text not null check (kind in ('agreement', 'project', 'time', 'product', 'down_payment',
                                       'miscellaneous', 'credit_memo')),
    agreement_id uuid,
    project_id uuid,
    credits_invoice_id uuid,
    issued_on date not null,
    due_on date not null,
    period_from date,
    period_until date,
    total mesh.money not null,
    tax mesh.money not null default 0,
    currency mesh.currency not null,
    voided_on date,
    primary key (msp_id, id),
    unique (msp_id, number),
    unique (msp_id, client_id, id),
    foreign key (msp_id, client_id) references mesh.client,
    foreign key (msp_id, client_id, agreement_id)
        references mesh.agreement (msp_id, client_id, id),
    foreign key (msp_id, client_id, project_id) references mesh.project (msp_id, client_id, id),
    foreign key (msp_id, client_id, credits_invoice_id)
        references mesh.invoice (msp_id, client_id, id),
    check (due_on >= issued_on),
    check (voided_on >= issued_on),
    check ((period_from is null) = (period_until is null)),
    check (period_until > period_from),
    check (kind <> 'agreement' or (agreement_id is not null and period_from is not null)),
    check (case when kind = 'credit_memo' then total <= 0 and tax <= 0
                else total >= 0 and tax >= 0 end),
    check (kind = 'credit_memo' or credits_invoice_id is null)
);
create index on mesh.invoice (msp_id, client_id, issued_on);
create index on mesh.invoice (msp_id, client_id, due_on);
create index on mesh.invoice (msp_id, issued_on);
create index on mesh.invoice (msp_id, agreement_id, period_from) where agreement_id is not null;
create index on mesh.invoice (msp_id, credits_invoice_id) where credits_invoice_id is not null;
call mesh.protect('mesh.invoice', 'select, insert, update');
comment on column mesh.invoice.period_until is 'the first day no longer covered';

create table mesh.invoice_line (
    id uuid not null,
    msp_id uuid not null,
    client_id uuid not null,
    invoice_id uuid not null,
    position int not null check (position > 0),
    kind text not null check (kind in ('service', 'product', 'licence', 'labour', 'expense',
                                       'discount')),
    description text not null,
    addition_id uuid,
    quantity numeric(12, 2) not null check (quantity >= 0),
    unit_price mesh.money not null,
    unit_cost mesh.money not null default 0 check (unit_cost >= 0),
    amount mesh.money not null generated always as (round(quantity * unit_price, 2)) stored,
    primary key (msp_id, id),
    unique (msp_id, invoice_id, position),
    foreign key (msp_id, client_id, invoice_id) references mesh.invoice (msp_id, client_id, id),
    foreign key (msp_id, client_id, addition_id) references mesh.addition (msp_id, client_id, id)
);
call mesh.protect('mesh.invoice_line', 'select, insert');

create table mesh.payment (
    id uuid not null,
    msp_id uuid not null,
    client_id uuid not null,
    invoice_id uuid not null,
    received_on date not null,
    amount mesh.money not null check (amount > 0),
    currency mesh.currency not null,
    method text not null default 'transfer'
        check (method in ('transfer', 'direct_debit', 'card', 'cheque', 'cash')),
    primary key (msp_id, id),
    foreign key (msp_id, client_id, invoice_id) references mesh.invoice (msp_id, client_id, id)
);
create index on mesh.payment (msp_id, invoice_id) include (received_on, amount);
create index on mesh.payment (msp_id, client_id, received_on);
call mesh.protect('mesh.payment', 'select, insert');

reset role;
