-- Clients, what they agreed to, and how it went: who stayed, who left, and
-- which signs there were.
--
-- Trouble is a number from 0 to 1 for a client and day.  It rises for months
-- before most departures, for a while at some clients that then stay, and now
-- at those at risk.  Each client shows it in its own way: of eight signs some
-- are strong, some absent.  A fifth of those who left gave no sign at all,
-- so nobody can foresee all of them, and no honest model does.
--
-- planted                                        where
-- ---------------------------------------------------------------------------
-- 16 clients left Northgate, 2 to 6 the others   demo_client.left_on
-- at risk today                                  Northgate 5, 12, 23, 32, 38; client 4 of others
-- underwater agreements (price too low, work     Northgate 7, 19, 34; client 3 of Ferrowick,
--   four times what is usual)                      Lanthorn Ridge and Tamwell
-- billed in another currency                     Northgate 28 (EUR)
-- agreement with notice date missed: it renewed  Northgate 9, 26 (tacit, notice passed, term ends
--   or will renew with nobody having decided       within 60 days)
-- lapsed agreement that is still worked on       Northgate 15 (no renewal, ended 2026-08-01)
-- parent and child agreements                    every client whose number is a multiple of 13

create temp table demo_client as
with name as (
    select array['Alderbrook', 'Ashcombe', 'Barrowdale', 'Bellweather', 'Birchmont', 'Blackfern',
                 'Bramblewick', 'Bridgemoor', 'Calderstone', 'Cawthorne', 'Cloverfield',
                 'Copperleigh', 'Cranmoor', 'Dapplewood', 'Dovecote', 'Dunwhistle', 'Eastermill',
                 'Elderflint', 'Fallowmere', 'Farrowdale', 'Featherstow', 'Fennimore', 'Foxholm',
                 'Gildersome', 'Glasswater', 'Goldenrod', 'Greycairn', 'Hallowfield',
                 'Harrowgate Lane', 'Hawthorn Row', 'Hazelrigg', 'Hollowbrook', 'Inglewhite',
                 'Ironbridge Row', 'Juniper Hill', 'Kelpwater', 'Kingfisher', 'Larkspur',
                 'Limewater', 'Longmeadow', 'Maplethorpe', 'Marlowick', 'Millrace', 'Mossgate',
                 'Nettlecombe', 'Nightingale', 'Oakenshaw', 'Orchard Mill', 'Osierfield',
                 'Partridge', 'Pebblewick', 'Pendlebrook', 'Plumtree', 'Quince Hill', 'Ravensmoor',
                 'Redcliff', 'Rookhaven', 'Rosewater', 'Rowanfield', 'Rushbrook', 'Saltcoats',
                 'Sandpiper', 'Shelwick', 'Silvermere', 'Skylark', 'Sorrel', 'Starling',
                 'Stonecrop', 'Swallowtail', 'Tanglewood', 'Thistlemoor', 'Thornbury Lane',
                 'Tidewater', 'Turnstone', 'Umberfield', 'Violet Mill', 'Waxwing', 'Westerdale',
                 'Whinfell', 'Willowmere', 'Windlesham', 'Woodrush', 'Wrenfield', 'Yarrow',
                 'Yellowhammer', 'Zephyr Hill'] as first,
        array['legal|Law', 'dental|Dental Group', 'manufacturing|Tooling', 'construction|Builders',
              'accounting|Accountants', 'logistics|Freight', 'healthcare|Clinics',
              'education|Academy', 'nonprofit|Trust', 'architecture|Architects',
              'retail|Outfitters', 'hospitality|Hotels', 'engineering|Engineering',
              'veterinary|Veterinary Care', 'insurance|Brokers', 'property|Estates'] as kind)
select m.n, m.id as msp_id, i, 'client/' || m.n || '/' || i as key,
       pg_temp.id('client/' || m.n || '/' || i) as id,
       name.first[1 + ((i - 1) * 17 + m.n - 1) % 86] || ' '
           || split_part(name.kind[k.x], '|', 2) as name,
       split_part(name.kind[k.x], '|', 1) as industry,
       i <= m.active as stays,
       l.left_on,
       case when i > m.active and l.left_on < '2025-06-01' or pg_temp.u(s.key || 'old') < 0.72
            then '2015-03-01'::date + (pg_temp.u(s.key || 'since') * 3100)::int
            else '2023-12-10'::date + (pg_temp.u(s.key || 'since') * 560)::int end as since,
       greatest(6, round(exp(case when m.n = 1 then 2.6 else 2.3 end
                             + case when m.n = 1 then 1.8 else 1.4 end
                               * pg_temp.u(s.key || 'seats'))))::int as seats0,
       1 + floor(3.2 * pg_temp.u(s.key || 'sites') ^ 2)::int as sites,
       case when m.n = 1 and i = 28 then 'EUR' else m.currency end as currency,
       t.kind as trouble,
       case t.kind when 'leaving' then l.left_on - 130 - (90 * pg_temp.u(s.key || 'tf'))::int
                   when 'risk' then '2026-11-18'::date - 90 - (70 * pg_temp.u(s.key || 'tf'))::int
                   when 'episode' then '2024-02-01'::date + (860 * pg_temp.u(s.key || 'tf'))::int
            end as trouble_from,
       case t.kind when 'leaving' then l.left_on
                   when 'risk' then '2026-11-19'::date
                   when 'episode' then '2024-02-01'::date + (860 * pg_temp.u(s.key || 'tf'))::int
                                       + 90 + (110 * pg_temp.u(s.key || 'tu'))::int
            end as trouble_until,
       case t.kind when 'leaving' then 0.55 + 0.45 * pg_temp.u(s.key || 'ts')
                   when 'risk' then 0.70 + 0.30 * pg_temp.u(s.key || 'ts')
                   when 'episode' then 0.20 + 0.50 * pg_temp.u(s.key || 'ts') else 0 end
                       as strength,
       m.n = 1 and i in (7, 19, 34) or m.n in (2, 4, 5) and i = 3 as underwater
  from demo_msp m cross join lateral generate_series(1, m.active + m.gone) i
 cross join name
 cross join lateral (select 'client/' || m.n || '/' || i) as s (key)
 cross join lateral (select 1 + (i * 5 + 3) % 16) as k (x)
 cross join lateral (
    select case when i > m.active
                then '2024-05-10'::date + ((i - m.active - 0.5) / m.gone * 890)::int
                     + ((pg_temp.u(s.key || 'left') - 0.5) * 50)::int end) as l (left_on)
 cross join lateral (
    select case when i > m.active and pg_temp.u(s.key || 'quiet') >= 0.19 then 'leaving'
                when i > m.active then 'none'
                when m.n = 1 and i in (5, 12, 23, 32, 38) or m.n > 1 and m.active >= 8 and i = 4
                then 'risk'
                when pg_temp.u(s.key || 'episode') < 0.27 then 'episode' else 'none' end)
                    as t (kind);

-- How strongly a client shows each sign: not at all, or between .5 and 1.1.
create temp table demo_sign as
select c.id, s.sign,
       case when pg_temp.u(c.key || s.sign) < 0.22 then 0
            else 0.5 + 0.6 * pg_temp.u(c.key || s.sign || 'w') end as weight
  from demo_client c
 cross join unnest('{mood,speed,seats,late,cancel,review,volume,reopen}'::text[]) as s (sign);

-- One row a client and month in which it was ours and the story runs.
create temp table demo_month as
select c.n, c.msp_id, c.id, c.key, c.i, m::date as month, d.first, d.last,
       d.last - d.first + 1 as days,
       x.trouble,
       greatest(4, round(c.seats0
           * (1 + (pg_temp.u(c.key || 'grow') - 0.42) * 0.16
               * (m::date - pg_temp.first_day()) / 365.0)
           * (1 - 0.30 * x.trouble * (select weight from demo_sign g
               where g.id = c.id and g.sign = 'seats'))
           * case when pg_temp.u(c.key || 'cut') < 0.25
                   and m::date > '2024-03-01'::date + (pg_temp.u(c.key || 'cutd') * 800)::int
                  then 0.87 else 1 end))::int as seats
  from demo_client c
 cross join generate_series('2023-12-01'::timestamp, '2026-11-01', '1 month') m
 cross join lateral (
    select greatest(m::date, c.since) as first,
           least((m + '1 month - 1 day')::date, coalesce(c.left_on - 1, '2026-11-18'),
                 '2026-11-18'::date) as last) d
 cross join lateral (
    select case
        when c.trouble = 'none' or d.last < c.trouble_from then 0
        when d.last <= c.trouble_until then c.strength * least(1, (d.last - c.trouble_from)
                 / greatest(30, 0.45 * (c.trouble_until - c.trouble_from)))
        else c.strength * greatest(0, 1 - (d.last - c.trouble_until) / 60.0) end::float8)
            as x (trouble)
 where d.last >= d.first;
create index on demo_month (id, month);
analyze demo_month;

insert into mesh.client (id, msp_id, name, status, since, left_on, left_reason, industry, seats,
                         sites, currency, account_owner_id, contact_name, contact_email, city,
                         region, country, latitude, longitude, created_at)
select c.id, c.msp_id, c.name, case when c.stays then 'active' else 'left' end, c.since, c.left_on,
       case when not c.stays then case
            when c.trouble = 'leaving' then pg_temp.pick('{service,service,competitor,price}',
                c.key || 'r')
            else pg_temp.pick('{acquired,in_house,closed,price}', c.key || 'r') end end,
       c.industry, (select seats from demo_month x where x.id = c.id order by month desc limit 1),
       c.sites, c.currency, pg_temp.id('tech/' || c.n || '/' || 1 + c.i % 2),
       p.name, lower(replace(p.name, ' ', '.')) || '@client' || c.i || '.example',
       m.city, m.region, m.country,
       round((m.latitude + (pg_temp.u(c.key || 'la') - 0.5) * 0.5)::numeric, 5),
       round((m.longitude + (pg_temp.u(c.key || 'lo') - 0.5) * 0.7)::numeric, 5),
       greatest(c.since + time '10:00', '2023-11-20 10:00'::timestamp)
  from demo_client c join demo_msp m using (n)
 cross join lateral (
    select pg_temp.pick('{Abel,Berta,Corin,Dana,Elias,Flora,Gwen,Hugo,Iris,Jasper,Kay,Lena,Milo,'
           'Nora}',
                        c.key || 'first') || ' ' ||
           pg_temp.pick('{Ackerley,Bexhill,Coldwell,Drayford,Emberton,Fairlow,Grimthorpe,Holloway,'
               'Ivelet,Kettering Moss,Lindrick,Mallory Bank}',
                        c.key || 'last') as name) p;

insert into mesh.client_seats (msp_id, client_id, since, seats)
select msp_id, id, first, seats
  from (select *, lag(seats) over (partition by id order by month) as before from demo_month) x
 where seats is distinct from before;

-- Agreements.  The term began long ago for most and has renewed since.
create temp table demo_agreement as
select c.*, pg_temp.id(c.key || '/managed') as agreement_id,
       case when c.n = 1 and c.i in (9, 26) then '2022-01-08'::date + (c.i - 9) / 4
            when c.n = 1 and c.i = 15 then '2023-08-01'
            else c.since end as starts_on,
       case when c.n = 1 and c.i in (9, 15, 26) then 36 else t.term end as term,
       (m.rate * (180 + 600 * pg_temp.u(c.key || 'base'))
               * case when c.underwater then 0.5 else 1 end)::numeric(10, 0) as base,
       (m.rate * (46 + 34 * pg_temp.u(c.key || 'price'))
               * case when c.underwater then 0.28 else 1 end)::numeric(10, 2) as seat_price,
       (m.rate * 14)::numeric(10, 2) as seat_cost,
       case when pg_temp.u(c.key || 'incl') < 0.6
            then round(c.seats0 * (0.20 + 0.18 * pg_temp.u(c.key || 'inclh'))) end as included_hours
  from demo_client c join demo_msp m using (n)
 cross join lateral (select (array[12, 24, 36])[1 + floor(3 * pg_temp.u(c.key || 'term'))::int])
     as t (term);

insert into mesh.agreement (id, msp_id, client_id, name, kind, starts_on, ends_on, renewal,
                            renewal_months, notice_days, ended_on, monthly_amount, currency,
                            included_hours, hourly_rate, target_margin)
select a.agreement_id, a.msp_id, a.id, 'Managed services', 'managed', a.starts_on,
       (a.starts_on + make_interval(months => a.term))::date,
       case when a.n = 1 and a.i = 15 then 'none' else 'tacit' end, 12,
       case when pg_temp.u(a.key || 'notice') < 0.6 then 90 else 60 end,
       case when not (a.n = 1 and a.i = 15) then a.left_on end,
       a.base, a.currency, a.included_hours, round(m.rate * 135), 0.45
  from demo_agreement a join demo_msp m using (n);

-- A child agreement for cloud subscriptions; nothing to work on.
insert into mesh.agreement (id, msp_id, client_id, parent_id, name, kind, starts_on, ends_on,
                            renewal, renewal_months, notice_days, ended_on, billing_months,
                            monthly_amount, currency, target_margin)
select pg_temp.id(key || '/cloud'), msp_id, id, agreement_id, 'Cloud subscriptions', 'subscription',
       starts_on, (starts_on + interval '12 months')::date, 'tacit', 12, 30, left_on, 3,
       (seats0 * 4)::numeric, currency, 0.18
  from demo_agreement where i % 13 = 0;

-- Seats are an addition that is replaced at each change of their number.
insert into mesh.addition (id, msp_id, client_id, agreement_id, product, category, quantity,
                           unit_price, unit_cost, effective_on, cancelled_on, end_reason)
select pg_temp.id(a.key || '/seat/' || s.since), s.msp_id, s.client_id, a.agreement_id,
       'Managed seat', 'seat',
       s.seats, a.seat_price, a.seat_cost,
       case when s.number = 1 then least(a.starts_on, s.since) else s.since end,
       s.until, case when s.until is not null then 'replaced' end
  from (select *, lead(since) over w as until, row_number() over w as number
          from mesh.client_seats window w as (partition by client_id order by since)) s
  join demo_agreement a on a.id = s.client_id;

create temp table demo_product (product text, category text, price numeric, cost numeric, per text);
insert into demo_product values
    ('Endpoint protection', 'security', 6.50, 3.10, 'seat'),
    ('Mail filter', 'security', 3.20, 1.40, 'seat'),
    ('Awareness training', 'security', 2.40, 0.90, 'seat'),
    ('Cloud backup', 'backup', 95.00, 52.00, 'server'),
    ('Office suite', 'licence', 14.50, 12.20, 'seat'),
    ('Firewall as a service', 'hardware', 120.00, 64.00, 'site'),
    ('Managed connectivity', 'connectivity', 210.00, 168.00, 'site'),
    ('Log retention', 'security', 4.10, 2.20, 'seat');

insert into mesh.addition (id, msp_id, client_id, agreement_id, product, category, quantity,
                           unit_price, unit_cost, effective_on, cancelled_on, end_reason)
select pg_temp.id(a.key || '/' || p.product), a.msp_id, a.id, a.agreement_id, p.product, p.category,
       case p.per when 'seat' then a.seats0 when 'server' then 1 + a.seats0 / 20 else a.sites end,
       round(p.price * m.rate::numeric, 2), round(p.cost * m.rate::numeric, 2), e.day,
       case when x.day > e.day then x.day end, case when x.day > e.day then 'cancelled' end
  from demo_agreement a join demo_msp m using (n)
  join demo_sign g on g.id = a.id and g.sign = 'cancel'
 cross join demo_product p
 cross join lateral (select a.starts_on + (pg_temp.u(a.key || p.product || 'e') * 60)::int)
     as e (day)
 cross join lateral (
    select case
        when a.trouble <> 'none' and pg_temp.u(a.key || p.product || 'c') < 0.45 * g.weight
            * a.strength
        then a.trouble_from + 30 + (pg_temp.u(a.key || p.product || 'cd') * 80)::int
        when pg_temp.u(a.key || p.product || 'b') < 0.12
        then '2024-01-15'::date + (pg_temp.u(a.key || p.product || 'bd') * 1000)::int end)
            as w (day)
 cross join lateral (
    select case when w.day < least(a.left_on, '2026-11-18') then w.day end) as x (day)
 where pg_temp.u(a.key || p.product) < 0.55
   and e.day < coalesce(a.left_on, '2026-11-01');

-- Every quarter a review, unless nobody came.
insert into mesh.review_meeting (id, msp_id, client_id, planned_at, held_at, state, technician_id)
select pg_temp.id(x.key || '/review/' || x.month), x.msp_id, x.id, p.at,
       case when h.held then p.at + interval '5 minutes' end,
       case when p.at > pg_temp.present() then 'planned' when h.held then 'held' else 'skipped' end,
       pg_temp.id('tech/' || x.n || '/' || 1 + x.i % 2)
  from demo_month x
  join demo_msp m using (n)
  join demo_sign g on g.id = x.id and g.sign = 'review'
 cross join lateral (
    select (x.month + 3 + (pg_temp.u(x.key || 'rev' || x.month) * 20)::int
            + time '10:00' + make_interval(hours => (x.i % 5))) at time zone m.zone as at) p
 cross join lateral (
    select p.at <= pg_temp.present()
       and pg_temp.u(x.key || 'skip' || x.month) >= 0.14 + 0.75 * x.trouble * g.weight as held) h
 where (extract(month from x.month)::int + x.i) % 3 = 0
   and p.at::date between x.first and x.last + case when x.month = '2026-11-01' then 12 else 0 end;
