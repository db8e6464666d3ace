-- Vendors, contracts with them, and the licences bought from them.
--
-- planted                                        where
-- ---------------------------------------------------------------------------
-- over-deployed licences                         Northgate clients 3, 17, 25 (office suite),
--                                                  client 2 of every provider with an even number
-- unused licences, a third or more of them       Northgate clients 8, 22, 36 (design studio)
-- assigned to people never seen                  Northgate 22
-- notice date missed, renews within 60 days      Northgate contract 4; Ferrowick contract 2
-- notice date within the next 14 days            Northgate contract 7
-- contract service level missed for months       Northgate contract 2 (uptime, since 2026-07)
-- vendor getting worse                           vendor 3 of Northgate since 2026-05
-- expired and still used                         Northgate contract 9

insert into mesh.vendor (id, msp_id, name, kind, website, contact_name, contact_email, payment_days)
select pg_temp.id('vendor/' || m.n || '/' || v.j), m.id, v.name, v.kind,
       'https://' || lower(replace(v.name, ' ', '')) || '.example', 'Account desk',
       'desk@' || lower(replace(v.name, ' ', '')) || '.example', v.days
  from demo_msp m
 cross join (values (1, 'Brightdesk Software', 'software', 30),
     (2, 'Halden Telecom', 'service', 14),
                    (3, 'Cirrus Vault', 'service', 30), (4, 'Palisade Security', 'software', 30),
                    (5, 'Umbra Hardware', 'hardware', 14), (6, 'Stilus Design', 'software', 30),
                    (7, 'Corvid Devices', 'hardware', 30), (8, 'Portside Leasing', 'service', 0))
                        as v (j, name, kind, days)
 where m.n <= 6 or v.j <= 6;

insert into mesh.vendor_performance (msp_id, vendor_id, month, score, response_hours,
                                     resolution_hours, tickets, tickets_resolved, uptime)
select v.msp_id, v.id, x::date,
       round((86 + 4 * pg_temp.z(v.id || 'score' || x) - w.worse * 6)::numeric, 2),
       round((3 * exp(0.4 * pg_temp.z(v.id || 'resp' || x)) * (1 + w.worse * 0.5))::numeric, 2),
       round((20 * exp(0.4 * pg_temp.z(v.id || 'reso' || x)) * (1 + w.worse * 0.6))::numeric, 2),
       t.n, t.n - (pg_temp.u(v.id || 'open' || x) * 2)::int * (t.n > 2)::int,
       round((0.9995 - 0.0008 * pg_temp.u(v.id || 'up' || x) - w.worse * 0.002)::numeric, 5)
  from mesh.vendor v
 cross join generate_series('2024-01-01'::timestamp, '2026-10-01', '1 month') x
 cross join lateral (select 1 + floor(7 * pg_temp.u(v.id || 'n' || x))::int as n) t
 cross join lateral (
    select case when v.id = pg_temp.id('vendor/1/3') and x >= '2026-05-01'
                then extract(month from x) - 4 else 0 end::float8 as worse) w;

insert into mesh.contract (id, msp_id, vendor_id, number, kind, subject, starts_on, ends_on,
                           renewal, renewal_months, notice_days, annual_value, currency, owner_id)
select pg_temp.id('contract/' || m.n || '/' || j), m.id,
       pg_temp.id('vendor/' || m.n || '/' || 1 + (j - 1) % 6),
       'C-' || lpad(j::text, 3, '0'),
       (array['software', 'service', 'service', 'software', 'hardware', 'software'])[1
           + (j - 1) % 6],
       (array['Office suite resale', 'Leased lines', 'Backup storage', 'Endpoint protection',
           'Hardware support', 'Design studio resale'])
           [1 + (j - 1) % 6],
       s.starts,
       case when m.n = 1 and j = 4 or m.n = 2 and j = 2 then '2025-12-31'::date
            when m.n = 1 and j = 7 then '2026-02-26'::date
            when m.n = 1 and j = 9 then '2026-09-30'
            else (s.starts + interval '24 months')::date end,
       case when m.n = 1 and j = 9 then 'none' when j % 5 = 0 then 'manual' else 'tacit' end,
       12, case when m.n = 1 and j = 7 then 90 else (array[30, 60, 90])[1 + j % 3] end,
       round((m.rate * (6000 + 42000 * pg_temp.u('value' || m.n || j)))::numeric, -2), m.currency,
       pg_temp.id('tech/' || m.n || '/1')
  from demo_msp m cross join lateral generate_series(1, case when m.n = 1 then 12 else 5 end) j
 cross join lateral (
    select case when m.n = 1 and j in (4, 7) or m.n = 2 and j = 2 then '2022-12-31'::date
                when m.n = 1 and j = 9 then '2023-10-01'::date
                -- Ends well away from today, so that only what is planted is urgent.
                else '2023-03-15'::date + (pg_temp.u('cstart' || m.n || j) * 150)::int end)
                    as s (starts);
update mesh.contract set notice_days = 90 where number = 'C-004' and msp_id = (select id
    from demo_msp where n = 1);
update mesh.contract set notice_days = 60 where number = 'C-002' and msp_id = (select id
    from demo_msp where n = 2);

insert into mesh.contract_sla (msp_id, contract_id, metric, month, target, actual, unit,
                               higher_is_better)
select c.msp_id, c.id, s.metric, x::date, s.target,
       round(case s.metric when 'uptime'
                 then 99.97 - 0.05 * pg_temp.u(c.id || 'u' || x)
                      - case when c.id = pg_temp.id('contract/1/2') and x >= '2026-07-01' then 0.6
                          else 0 end
                 else 3.2 * exp(0.3 * pg_temp.z(c.id || 'r' || x)) * 0.7 end::numeric, 3),
       s.unit, s.higher
  from mesh.contract c
 cross join generate_series('2025-11-01'::timestamp, '2026-10-01', '1 month') x
 cross join (values ('uptime', 99.9, 'percent', true), ('response', 4.0, 'hours', false))
         as s (metric, target, unit, higher)
 where c.kind = 'service';

-- Licences of clients: one product for all, one for some.
create temp table demo_licence as
select c.n, c.msp_id, c.id as client_id, c.i, c.key || '/' || p.product as key,
       pg_temp.id(c.key || '/licence/' || p.product) as id, p.*, c.currency, c.since, c.left_on,
       greatest(2, case p.product when 'Brightdesk Office' then y.seats else y.seats / 4 end)
           as used,
       c.n = 1 and c.i in (3, 17, 25) and p.product = 'Brightdesk Office'
           or c.n % 2 = 0 and c.i = 2 and p.product = 'Brightdesk Office' as over,
       c.n = 1 and c.i in (8, 22, 36) and p.product = 'Stilus Studio' as idle
  from demo_client c
  join mesh.client y on y.msp_id = c.msp_id and y.id = c.id
 cross join (values (1, 'Brightdesk Office', 12.20, 14.50), (6, 'Stilus Studio', 31.00, 36.00))
         as p (vendor, product, cost, price)
 where (c.n <= 2 or c.i <= 6) and (p.vendor = 1 or c.i % 3 = 1 or c.n = 1 and c.i in (8, 36));
insert into mesh.licence (id, msp_id, client_id, vendor_id, contract_id, product, metric, owned,
                          monthly_cost, monthly_price, currency, starts_on, ends_on, renewal,
                          renewal_months, notice_days, ended_on)
select l.id, l.msp_id, l.client_id, pg_temp.id('vendor/' || l.n || '/' || l.vendor),
       pg_temp.id('contract/' || l.n || '/' || case when l.vendor = 1 or l.n > 1 then 1 else 6 end),
       l.product, 'user',
       case when l.over then floor(l.used * 0.8) else ceil(l.used * 1.04) end::int, l.cost, l.price,
       l.currency, l.since, (l.since + interval '12 months')::date, 'tacit', 12, 30, l.left_on
  from demo_licence l;
insert into mesh.licence_assignment (id, msp_id, client_id, licence_id, assignee_kind, assignee,
                                     assigned_on, released_on, last_used_on)
select pg_temp.id(l.key || '/' || j), l.msp_id, l.client_id, l.id, 'user',
       'user' || lpad(j::text, 3, '0') || '@client' || l.i || '.example',
       case when l.idle or w.idle then least(d.day, '2026-04-30') else d.day end, l.left_on,
       case when l.idle and l.i = 22 and j % 2 = 0 then null
            when l.idle and j % 5 < 2 or w.idle then '2026-05-02'::date + j % 20
            else greatest(d.day, coalesce(l.left_on, '2026-11-18'::date) - 1
                                 - floor(20 * pg_temp.u(l.key || j || 'u') ^ 2)::int) end
  from demo_licence l
 cross join lateral generate_series(1, l.used) j
 cross join lateral (select pg_temp.u(l.key || j || 'idle') < 0.03 and l.left_on is null
                            and l.since < '2026-04-01' and l.vendor = 1 as idle) w
 cross join lateral (
    select l.since + floor(pg_temp.u(l.key || j)
                           * greatest(1, least(coalesce(l.left_on, '2026-11-01'), '2026-11-01')
                               - l.since))::int as day) d;
insert into mesh.licence_usage (msp_id, client_id, licence_id, month, active, sessions, hours)
select l.msp_id, l.client_id, l.id, x::date, a.n, a.n * 21, a.n * 21 * 3.5
  from demo_licence l
 cross join generate_series('2025-11-01'::timestamp, '2026-10-01', '1 month') x
 cross join lateral (
    select (l.used * (0.86 + 0.12 * pg_temp.u(l.key || x))
            * case when l.idle and x >= '2026-05-01' then 0.5 else 1 end)::int as n) a
 where x >= l.since and coalesce(x < l.left_on, true);
