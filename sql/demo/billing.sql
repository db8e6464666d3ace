-- Invoices, their lines, credit memos and payments.
--
-- planted                                        where
-- ---------------------------------------------------------------------------
-- invoiced twice, never credited                 Northgate 10, 2026-08; Ferrowick 6, 2026-05
-- invoiced twice and credited                    Northgate 21, 2026-03
-- month never invoiced                           Northgate 14 (2026-06), 29 (2025-11 and 2025-12);
--                                                  Tamwell 7 (2026-09)
-- paid in two parts                              one invoice in fifty
-- pays late without being in trouble             one client in ten
-- pays late because of trouble                   clients.sql
-- voided                                         Northgate 16, 2026-02, with a second invoice in its place

create temp table demo_invoice as
select x.n, x.msp_id, x.id as client_id, x.i, x.key as client_key, x.trouble, x.month, copy,
       x.key || '/invoice/' || x.month || case copy when 1 then '' else '/' || copy end as key,
       pg_temp.id(x.key || '/invoice/' || x.month || case copy when 1 then '' else '/' || copy end)
           as id,
       pg_temp.id(x.key || '/managed') as agreement_id, c.currency,
       x.month + (copy - 1) * 2 as issued_on
  from demo_month x
  join demo_client c on c.id = x.id
 cross join lateral generate_series(1, case
        when x.n = 1 and x.i = 10 and x.month = '2026-08-01'
            or x.n = 2 and x.i = 6 and x.month = '2026-05-01'
          or x.n = 1 and x.i = 21 and x.month = '2026-03-01'
              or x.n = 1 and x.i = 16 and x.month = '2026-02-01'
        then 2 else 1 end) copy
 where x.first = x.month
   and not (x.n = 1 and x.i = 14 and x.month = '2026-06-01')
   and not (x.n = 1 and x.i = 29 and x.month in ('2025-11-01', '2025-12-01'))
   and not (x.n = 1 and x.i = 15 and x.month >= '2026-08-01')
   and not (x.n = 5 and x.i = 7 and x.month = '2026-09-01');

create temp table demo_line as
select v.id as invoice_id, v.msp_id, v.client_id, row_number() over (partition by v.id
       order by l.product) as position,
       l.kind, l.product, l.addition_id, l.quantity, l.price, l.cost
  from demo_invoice v
  join mesh.agreement g on g.msp_id = v.msp_id and g.id = v.agreement_id
 cross join lateral (
    select 'service' as kind, ' Managed services, base' as product, null::uuid as addition_id,
           1::numeric as quantity, g.monthly_amount as price, 0::numeric as cost
     union all
    select case when d.category in ('seat', 'security', 'backup') then 'service'
                when d.category = 'licence' then 'licence' else 'product' end,
           d.product, d.id, d.quantity, d.unit_price, d.unit_cost
      from mesh.addition d
     where d.msp_id = v.msp_id and d.agreement_id = v.agreement_id and d.effective_on <= v.month
       and coalesce(d.cancelled_on > v.month, true)) l;

create index on demo_line (invoice_id);
analyze demo_line;

insert into mesh.invoice (id, msp_id, client_id, number, kind, agreement_id, issued_on, due_on,
                          period_from, period_until, total, tax, currency, voided_on)
select v.id, v.msp_id, v.client_id,
       to_char(v.month, 'YYYYMM') || '-' || lpad(v.i::text, 3, '0') || case v.copy
           when 1 then '' else '-2' end,
       'agreement', v.agreement_id, v.issued_on,
       v.issued_on + case when pg_temp.u(v.client_key || 'terms') < 0.3 then 14 else 30 end,
       v.month, (v.month + interval '1 month')::date, t.total, round(t.total * 0.07, 2), v.currency,
       case when v.n = 1 and v.i = 16 and v.month = '2026-02-01' and v.copy = 1
           then '2026-02-03'::date end
  from demo_invoice v
 cross join lateral (select sum(round(l.quantity * l.price, 2)) as total from demo_line l
                      where l.invoice_id = v.id) t;

insert into mesh.invoice_line (id, msp_id, client_id, invoice_id, position, kind, description,
                               addition_id, quantity, unit_price, unit_cost)
select pg_temp.id(invoice_id || '/' || position), msp_id, client_id, invoice_id, position, kind,
       ltrim(product), addition_id, quantity, price, cost
  from demo_line;

-- The double that somebody noticed.
insert into mesh.invoice (id, msp_id, client_id, number, kind, credits_invoice_id, issued_on,
                          due_on, total, tax, currency)
select pg_temp.id('credit/' || v.id), v.msp_id, v.client_id, 'CM-' || v.number, 'credit_memo', v.id,
       '2026-03-19', '2026-03-19', -v.total, -v.tax, v.currency
  from mesh.invoice v join demo_invoice d on d.id = v.id
 where d.n = 1 and d.i = 21 and d.month = '2026-03-01' and d.copy = 2;

-- The quarterly invoices of child agreements, and those of projects.
insert into mesh.invoice (id, msp_id, client_id, number, kind, agreement_id, issued_on, due_on,
                          period_from, period_until, total, tax, currency)
select pg_temp.id('quarter/' || g.id || x.month), g.msp_id, g.client_id,
       'Q' || to_char(x.month, 'YYYYMM') || '-' || lpad(x.i::text, 3, '0'), 'agreement', g.id,
       x.month,
       x.month + 30, x.month, (x.month + interval '3 months')::date, g.monthly_amount * 3,
       round(g.monthly_amount * 3 * 0.07, 2), g.currency
  from demo_month x
  join mesh.agreement g on g.msp_id = x.msp_id and g.id = pg_temp.id(x.key || '/cloud')
 where extract(month from x.month) in (1, 4, 7, 10) and x.first = x.month;
insert into mesh.invoice (id, msp_id, client_id, number, kind, project_id, issued_on, due_on, total,
                          tax, currency)
select pg_temp.id('bill/' || p.id), p.msp_id, p.client_id, 'P-' || lpad(d.j::text, 3, '0'),
       'project', p.id,
       p.completed_on + 3, p.completed_on + 33, p.price, round(p.price * 0.07, 2), p.currency
  from mesh.project p join demo_project d on d.id = p.id
 where p.state = 'completed' and p.client_id is not null and not (d.n = 1 and d.j = 20);
insert into mesh.invoice_line (id, msp_id, client_id, invoice_id, position, kind, description,
                               quantity, unit_price, unit_cost)
select pg_temp.id('line/' || v.id), v.msp_id, v.client_id, v.id, 1,
       case when v.kind = 'project' then 'labour' else 'licence' end,
       coalesce(p.name, 'Cloud subscriptions'), 1, v.total, case
           when v.kind = 'project' then 0 else round(v.total * 0.8, 2) end
  from mesh.invoice v left join mesh.project p on p.msp_id = v.msp_id and p.id = v.project_id
 where v.project_id is not null or v.number like 'Q%';

-- Paid around the due date; later by habit or in trouble; not yet, if that day
-- is still to come.
create temp table demo_payment as
select v.id, v.msp_id, v.client_id, v.total + v.tax as amount, v.currency,
       greatest(v.issued_on + 2, v.due_on + round(
           -5 + 4 * pg_temp.z(v.id || 'pay')
           + case when pg_temp.u(c.key || 'habit') < 0.10 then 14 else 0 end
           + case when pg_temp.u(v.id || 'slip') < 0.07 then 20 * pg_temp.u(v.id || 'slips')
               else 0 end
           + 32 * coalesce(x.trouble, 0) * g.weight * (0.5 + pg_temp.u(v.id || 'tp')))::int) as day,
       pg_temp.u(v.id || 'parts') < 0.02 as parts
  from mesh.invoice v
  join demo_client c on c.id = v.client_id
  join demo_sign g on g.id = c.id and g.sign = 'late'
  left join demo_month x on x.id = v.client_id and x.month = date_trunc('month', v.due_on)::date
 where v.kind <> 'credit_memo' and v.voided_on is null
   and not exists (select from mesh.invoice m where m.msp_id = v.msp_id
       and m.credits_invoice_id = v.id)
   and not (c.n in (1, 2) and v.number like '%-2');
insert into mesh.payment (id, msp_id, client_id, invoice_id, received_on, amount, currency, method)
select pg_temp.id(p.id || 'paid' || part), p.msp_id, p.client_id, p.id, p.day + (part - 1) * 12,
       case when not p.parts then p.amount when part = 1 then round(p.amount * 0.6, 2)
            else p.amount - round(p.amount * 0.6, 2) end, p.currency,
       pg_temp.pick('{transfer,transfer,direct_debit,card}', p.client_id::text)
  from demo_payment p cross join lateral generate_series(1, 1 + p.parts::int) part
 where p.day + (part - 1) * 12 < pg_temp.today();
