-- What the providers spend themselves.
--
-- planted                                        where
-- ---------------------------------------------------------------------------
-- department over budget, month after month      Northgate: Service desk since 2026-07 (about 135 %);
--                                                  Ostermark and Quillhaven: Sales since 2026-09
-- one expense far out of line                    Northgate, Infrastructure, 2026-10-12: 48,700
-- the same bill entered twice                    Northgate, Sales, 2026-09-21
-- bills unpaid 45 days after they were due       Northgate, Administration, two of them

insert into mesh.department (id, msp_id, name, cost_centre, manager_id, headcount)
select pg_temp.id('dept/' || m.n || '/' || d.j), m.id, d.name, 'CC' || 100 * d.j,
       pg_temp.id('tech/' || m.n || '/' || 1 + d.j % 2), greatest(1, (m.people * d.share)::int)
  from demo_msp m
 cross join (values (1, 'Service desk', 0.5), (2, 'Infrastructure', 0.25), (3, 'Projects', 0.25),
     (4, 'Sales', 0.12),
                    (5, 'Administration', 0.12)) as d (j, name, share)
 where m.n <= 8 or d.j in (1, 4, 5);
insert into mesh.spending_category (id, msp_id, name, parent_id)
select pg_temp.id('cat/' || m.n || '/' || c.j), m.id, c.name,
       case when c.parent is not null then pg_temp.id('cat/' || m.n || '/' || c.parent) end
  from demo_msp m
 cross join (values (1, 'Technology', null), (2, 'Software', 1), (3, 'Hardware', 1),
     (4, 'Cloud', 1),
                    (5, 'People', null), (6, 'Training', 5), (7, 'Travel', 5),
                        (8, 'Marketing', null),
                    (9, 'Premises', null)) as c (j, name, parent);

create temp table demo_budget as
select m.n, m.id as msp_id, d.id as department_id, d.name, x::date as month, m.currency,
       round((m.rate * (d.headcount * 650 + 2200) * (1 + 0.04
           * (extract(year from x) - 2024)))::numeric, -2) as amount,
       case when m.n = 1 and d.name = 'Service desk' and x >= '2026-07-01' then 1.38
            when m.n in (3, 7) and d.name = 'Sales' and x >= '2026-09-01' then 1.30
            else 0.82 + 0.22 * pg_temp.u(d.id || 'spend' || x) end as factor
  from demo_msp m join mesh.department d on d.msp_id = m.id
 cross join generate_series('2024-01-01'::timestamp, '2026-12-01', '1 month') x;
insert into mesh.budget (msp_id, department_id, month, amount, currency)
select msp_id, department_id, month, amount, currency from demo_budget;

insert into mesh.expense (id, msp_id, department_id, category_id, vendor_id, spent_on, amount,
                          currency, description, invoice_number, due_on, paid_on)
select pg_temp.id(e.key), b.msp_id, b.department_id, pg_temp.id('cat/' || b.n || '/' || e.cat),
       case when e.cat in (2, 3, 4) then pg_temp.id('vendor/' || b.n || '/' || case e.cat
           when 2 then 1 when 3 then 5 else 3 end) end,
       e.day, round((b.amount * b.factor * e.share / 5.0)::numeric, 2), b.currency,
       case e.cat when 2 then 'Subscriptions' when 3 then 'Spare parts'
           when 4 then 'Storage and compute'
                  when 6 then 'Course fees' when 7 then 'Mileage and trains'
                      when 8 then 'Campaign' else 'Rent and power' end,
       upper(substr(md5(e.key), 1, 8)), e.day + 30,
       case when e.day + 26 < '2026-11-18' then e.day + 26 end
  from demo_budget b
 cross join generate_series(1, 5) k
 cross join lateral (select 'expense/' || b.department_id || b.month || k as key) y
 cross join lateral (
    select y.key, (array[2, 3, 4, 6, 7, 8, 9])[1 + floor(7 * pg_temp.u(y.key))::int] as cat,
           0.6 + 0.8 * pg_temp.u(y.key || 'share') as share,
           b.month + (1 + 26 * pg_temp.u(y.key || 'day'))::int as day) e
 where e.day < '2026-11-18';
insert into mesh.expense (id, msp_id, department_id, category_id, vendor_id, spent_on, amount,
                          currency, description, invoice_number, due_on, paid_on)
select pg_temp.id('odd/' || v.k), m.id, pg_temp.id('dept/1/' || v.dept),
       pg_temp.id('cat/1/' || v.cat),
       pg_temp.id('vendor/1/' || v.vendor), v.day::date, v.amount, 'USD', v.what, v.number,
       v.day::date + 30, v.paid::date
  from demo_msp m
 cross join (values
    (1, 2, 3, 5, '2026-10-12', 48700.00, 'Storage array', 'UH-90417', null),
    (2, 4, 8, 2, '2026-09-21', 780.00, 'Regional fair stand', 'HT-2211', '2026-10-19'),
    (3, 4, 8, 2, '2026-09-21', 780.00, 'Regional fair stand', 'HT-2211', '2026-10-23'),
    (4, 5, 9, 2, '2026-08-28', 1240.00, 'Telephone lines', 'HT-2140', null),
    (5, 5, 9, 2, '2026-09-02', 960.00, 'Telephone lines, branch', 'HT-2153', null))
    as v (k, dept, cat, vendor, day, amount, what, number, paid)
 where m.n = 1;
