-- Measured values: hourly for the last 90 days, daily before.
--
-- planted (Northgate; times UTC)                 where
-- ---------------------------------------------------------------------------
-- outage: throughput falls to nothing            firewall 6, 2026-11-03 09:00 to 14:00
-- level shift: latency doubles and stays         firewall 11 latency, since 2026-10-20
-- spikes of one hour                             server 2 cpu, 2026-10-05 03:00 and 2026-11-11 22:00
-- slow leak until restart                        server 9 memory, 2026-09-25 to 2026-10-09
-- missing points (restart of the collector)      server 13 disk, 2026-10-27 04:00 to 16:00
-- backup duration grows, night after night       backup 16, since 2026-10-28
-- nothing wrong                                  firewall 20, tickets of the desk, and every series of the
--                                                  other providers but Ferrowick's link (down on
--                                                  2026-10-14 from 07:00 to 10:00)

update mesh.partition_plan set since = '2023-12-01' where parent = 'mesh.metric_point'::regclass;
select mesh.maintain_partitions() \g /dev/null

create temp table demo_series as
select m.n, m.id as msp_id, v.i, c.id as client_id, v.name, v.type, v.unit, v.level, v.daily,
       v.noise, v.floor,
       pg_temp.id('series/' || m.n || '/' || v.name) as id
  from (values
    (1, 6, 'firewall 6 throughput', 'throughput', 'Mbit/s', 84.0, 0.45, 0.10, 0.0),
    (1, 11, 'firewall 11 latency', 'latency', 'ms', 18.0, 0.10, 0.07, 1.0),
    (1, 2, 'server 2 cpu', 'cpu', 'percent', 31.0, 0.40, 0.12, 1.0),
    (1, 9, 'server 9 memory', 'memory', 'percent', 52.0, 0.06, 0.03, 5.0),
    (1, 13, 'server 13 disk', 'disk', 'percent', 61.0, 0.00, 0.004, 5.0),
    (1, 16, 'backup 16 duration', 'duration', 'minutes', 47.0, 0.05, 0.08, 5.0),
    (1, 20, 'firewall 20 throughput', 'throughput', 'Mbit/s', 40.0, 0.45, 0.10, 0.0),
    (1, null, 'desk tickets', 'tickets', 'count', 2.4, 0.85, 0.20, 0.0),
    (2, 1, 'link throughput', 'throughput', 'Mbit/s', 55.0, 0.45, 0.10, 0.0))
        as v (n, i, name, type, unit, level, daily, noise, floor)
  join demo_msp m on m.n = v.n
  left join demo_client c on c.n = m.n and c.i = v.i
 union all
select m.n, m.id, 1, c.id, 'server 1 cpu', 'cpu', 'percent', 28.0, 0.35, 0.12, 1.0,
       pg_temp.id('series/' || m.n || '/cpu')
  from demo_msp m join demo_client c on c.n = m.n and c.i = 1
 where m.n between 2 and 11;

insert into mesh.metric_series (id, msp_id, client_id, asset_id, name, metric_type, unit, step)
select s.id, s.msp_id, s.client_id, a.id, s.name, s.type, s.unit, '1 hour'
  from demo_series s
  left join demo_asset a on a.client_id = s.client_id and a.j = 1
   and a.kind = case when s.name like 'firewall%' or s.name like 'link%' then 'network'
       else 'server' end;

insert into mesh.metric_point (msp_id, client_id, series_id, at, value)
select s.msp_id, s.client_id, s.id, h,
       round(greatest(s.floor, case
           when s.name in ('firewall 6 throughput') and h >= '2026-11-03 09:00+00'
               and h < '2026-11-03 14:00+00'
             or s.n = 2 and s.name = 'link throughput' and h >= '2026-10-14 07:00+00'
                 and h < '2026-10-14 10:00+00'
           then 0
           when s.name = 'server 2 cpu' and s.n = 1 and h in ('2026-10-05 03:00+00',
               '2026-11-11 22:00+00') then 97
           else s.level
                * (1 + s.daily * (0.9 * sin((extract(hour from h) - 9) * pi() / 12)
                                  * case when extract(isodow from h) > 5 then 0.35 else 1 end
                                  - case when extract(isodow from h) > 5 then 0.45 else 0 end)
                   + s.noise * pg_temp.z(s.id || 'v' || extract(epoch from h)::bigint))
                * case when s.name = 'firewall 11 latency' and h >= '2026-10-20 00:00+00' then 2.1
                       when s.name = 'server 9 memory' and h >= '2026-09-25 00:00+00'
                           and h < '2026-10-09 06:00+00'
                       then 1 + 0.7 * extract(epoch from h - '2026-09-25 00:00+00') / 86400 / 14
                       when s.name = 'backup 16 duration' and h >= '2026-10-28 00:00+00'
                       then 1 + 0.06 * extract(epoch from h - '2026-10-28 00:00+00') / 86400
                           else 1 end
                + case when s.type = 'disk' then 12 * extract(epoch
                    from h - '2025-11-18 00:00+00') / 31536000 else 0 end
           end)::numeric, 3)
  from demo_series s
 cross join lateral (
    select g as h from generate_series('2023-12-01 12:00+00'::timestamptz, '2026-08-19 12:00+00',
           '1 day') g
     union all
    select g from generate_series('2026-08-20 00:00+00'::timestamptz, '2026-11-18 16:00+00',
           '1 hour') g) t
 where not (s.name = 'server 13 disk' and h >= '2026-10-27 04:00+00' and h < '2026-10-27 16:00+00')
   and h >= coalesce((select c.since from demo_client c where c.id = s.client_id), '2023-12-01');
