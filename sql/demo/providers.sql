-- The twelve providers and their people.
--
-- planted                                          where
-- ---------------------------------------------------------------------------
-- not in the network                               Ostermark Systems (large), Wexcombe Cloud
-- one client only                                  Wexcombe Cloud
-- a technician without a cost rate since 2026-09   the last one of Northgate
-- two people away together in the next fortnight   technicians 2 and 3 of Northgate

create temp table demo_msp (
    n int primary key, id uuid, name text, size text, active int, gone int, people int,
    currency text, zone text, city text, region text, country text,
    latitude float8, longitude float8, opt_in boolean, rate float8,
    -- The first two manage; where there are only two they do all.
    desk_from int generated always as (case when people > 2 then 3 else 1 end) stored);
insert into demo_msp
select n, format('0a000000-0000-8000-8000-%s', lpad(n::text, 12, '0'))::uuid, name, size, active,
       gone, people, currency, zone, city, region, country, latitude, longitude, opt_in, rate
  from (values
    (1, 'Northgate IT Services', 'large', 40, 16, 14, 'USD', 'America/New_York', 'Columbus', 'Ohio',
        'US', 39.96, -83.00, true, 1.00),
    (2, 'Ferrowick IT', 'large', 20, 6, 8, 'GBP', 'Europe/London', 'Leeds', 'England', 'GB', 53.80,
        -1.55, true, 0.78),
    (3, 'Ostermark Systems', 'large', 18, 5, 8, 'EUR', 'Europe/Berlin', 'Kassel', 'Hessen', 'DE',
        51.31, 9.49, false, 0.92),
    (4, 'Lanthorn Ridge Computing', 'medium', 16, 4, 7, 'USD', 'America/Denver', 'Boulder',
        'Colorado', 'US', 40.01, -105.27, true, 1.05),
    (5, 'Tamwell Networks', 'medium', 15, 5, 6, 'USD', 'America/Chicago', 'Madison', 'Wisconsin',
        'US', 43.07, -89.40, true, 0.95),
    (6, 'Brackenfold IT', 'medium', 14, 3, 6, 'GBP', 'Europe/London', 'Exeter', 'England', 'GB',
        50.72, -3.53, true, 0.75),
    (7, 'Quillhaven Managed Services', 'medium', 13, 4, 6, 'USD', 'America/New_York', 'Albany',
        'New York', 'US', 42.65, -73.76, true, 1.10),
    (8, 'Halvorsund Data', 'medium', 12, 3, 5, 'EUR', 'Europe/Berlin', 'Bremen', 'Bremen', 'DE',
        53.08, 8.80, true, 0.90),
    (9, 'Pinemarch Technology', 'small', 11, 3, 5, 'USD', 'America/Los_Angeles', 'Eugene', 'Oregon',
        'US', 44.05, -123.09, true, 1.02),
    (10, 'Corvane Digital', 'small', 10, 2, 4, 'USD', 'America/Chicago', 'Tulsa', 'Oklahoma', 'US',
        36.15, -95.99, true, 0.88),
    (11, 'Saltmere Systems', 'small', 8, 2, 4, 'GBP', 'Europe/London', 'Norwich', 'England', 'GB',
        52.63, 1.30, true, 0.76),
    (12, 'Wexcombe Cloud', 'small', 1, 0, 2, 'USD', 'America/New_York', 'Portland', 'Maine', 'US',
        43.66, -70.26, false, 0.97))
    as v (n, name, size, active, gone, people, currency, zone, city, region, country, latitude,
          longitude, opt_in, rate);

insert into mesh.msp (id, name, currency, time_zone, city, region, country, size, network_opt_in,
                      created_at)
select id, name, currency, zone, city, region, country, size, opt_in,
       '2023-11-20 09:00+00'::timestamptz
  from demo_msp;

create temp table demo_person as
select m.n, m.id as msp_id, i, 'tech/' || m.n || '/' || i as key,
       pg_temp.id('tech/' || m.n || '/' || i) as id,
       (array['Ada', 'Bram', 'Celia', 'Dario', 'Edda', 'Farid', 'Greta', 'Hamid', 'Inga', 'Jonas',
              'Kira', 'Lorcan', 'Maud', 'Nils', 'Odile', 'Piet', 'Runa', 'Samir', 'Thea', 'Ulf',
              'Vera', 'Wim'])
           [1 + (i * 7 + m.n * 5) % 22] || ' ' ||
       (array['Alderly', 'Brackwell', 'Castermole', 'Dunmarsh', 'Eastrop', 'Fenwhistle', 'Garrowby',
              'Hexlow', 'Ilmsworth', 'Jarrowick', 'Kestermond', 'Lowthorn', 'Merrowby',
              'Netherclay', 'Oxlade', 'Penhallet', 'Quarrendon', 'Rushmoor', 'Silverton',
              'Tarnbeck', 'Underhay', 'Vexley', 'Wolmere'])[1 + (i * 11 + m.n * 3) % 23] as name,
       case when i = 1 then 'manager' when i = 2 then 'account_manager'
            when i = 3 then 'architect' when i % 4 = 0 then 'senior_engineer'
            when i % 4 = 1 then 'technician' else 'engineer' end as role
  from demo_msp m cross join lateral generate_series(1, m.people) i;

insert into mesh.technician (id, msp_id, name, email, role, hired_on, billable_rate, currency,
                             target_utilisation, weekly_hours, latitude, longitude, certifications)
select p.id, p.msp_id, p.name, lower(replace(p.name, ' ', '.')) || '@provider' || p.n || '.example',
       p.role, '2017-01-09'::date + (pg_temp.u(p.key || 'h') * 2300)::int,
       round(m.rate::numeric * case p.role when 'architect' then 185 when 'senior_engineer' then 160
                                  when 'manager' then 170 when 'technician' then 110
                                  else 135 end, 0),
       m.currency, case p.role when 'manager' then 0.3 when 'account_manager' then 0.2
           else 0.75 end,
       case when pg_temp.u(p.key || 'w') < 0.15 then 32 else 40 end,
       round((m.latitude + (pg_temp.u(p.key || 'la') - 0.5) * 0.3)::numeric, 5),
       round((m.longitude + (pg_temp.u(p.key || 'lo') - 0.5) * 0.4)::numeric, 5),
       case when pg_temp.u(p.key || 'c') < 0.5 then array['network associate']
            else array['cloud administrator', 'security practitioner'] end
  from demo_person p join demo_msp m using (n);

create temp table demo_skill (skill text primary key, category text);
insert into demo_skill values
    ('windows', 'workstation'), ('network', 'network'), ('cloud', 'cloud'),
        ('security', 'security'),
    ('backup', 'backup'), ('email', 'email'), ('server', 'server'), ('printing', 'printing'),
    ('identity', 'access'), ('telephony', 'telephony');

insert into mesh.technician_skill (msp_id, technician_id, skill, level)
select p.msp_id, p.id, s.skill,
       least(5, 1 + floor(pg_temp.u(p.key || s.skill || 'l') * 4)
                + (p.role in ('architect', 'senior_engineer'))::int)
  from demo_person p cross join demo_skill s
 where pg_temp.u(p.key || s.skill) < case p.role when 'account_manager' then 0.1 else 0.6 end;

-- A raise every January; the day before belongs to the old rate.
insert into mesh.cost_rate (id, msp_id, technician_id, effective, hourly_cost, currency)
select pg_temp.id(p.key || 'rate' || y), p.msp_id, p.id,
       daterange(make_date(y, 1, 1),
                 case when y < 2026 then make_date(y + 1, 1, 1)
                      when p.n = 1 and p.i = m.people then '2026-09-01'::date end),
       round((m.rate * (1 + 0.035 * (y - 2023))
              * case p.role when 'architect' then 68 when 'senior_engineer' then 56
                            when 'manager' then 64 when 'technician' then 33 else 44 end
              * (0.92 + 0.16 * pg_temp.u(p.key || 'cost')))::numeric, 2), m.currency
  from demo_person p join demo_msp m using (n)
 cross join generate_series(2023, 2026) y;

insert into mesh.absence (id, msp_id, technician_id, kind, starts_on, ends_on)
select pg_temp.id(p.key || 'away' || k), p.msp_id, p.id,
       pg_temp.pick('{vacation,vacation,sick,training}', p.key || 'away' || k), d, d + 4
  from demo_person p cross join generate_series(0, 10) k
 cross join lateral (select ('2023-12-04'::date + k * 98
                             + 7 * floor(pg_temp.u(p.key || 'awayd' || k) * 13)::int)) as x (d);
insert into mesh.absence (id, msp_id, technician_id, kind, starts_on, ends_on)
select pg_temp.id(key || 'both'), msp_id, id, 'vacation', '2026-11-23', '2026-11-27'
  from demo_person where n = 1 and i in (2, 3);

insert into mesh.shift (id, msp_id, technician_id, starts_at, ends_at)
select pg_temp.id(p.key || 'shift' || d), p.msp_id, p.id,
       (d + time '08:00' + make_interval(mins => 30 * (p.i % 3))) at time zone m.zone,
       (d + time '16:30' + make_interval(mins => 30 * (p.i % 3))) at time zone m.zone
  from demo_person p join demo_msp m using (n)
 cross join generate_series('2026-10-01'::timestamp, '2026-12-18', '1 day') d
 where extract(isodow from d) < 6 and p.role <> 'account_manager'
   and not exists (select from mesh.absence a where a.msp_id = p.msp_id and a.technician_id = p.id
                      and d between a.starts_on and a.ends_on);
