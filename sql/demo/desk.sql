-- Tickets, their events, what people thought of them, and the hours spent.
--
-- planted                                        where
-- ---------------------------------------------------------------------------
-- forgotten tickets: open for more than a month  Northgate 11, 21, 33: one each, high or critical
-- missed service levels                          clients in trouble (clients.sql), most of all now
-- hours never approved                           Northgate, technician 5, 2026-09 and 2026-10
-- hours noted twice                              Northgate, technician 6, 2026-10-14
-- work on a client that had left                 Northgate 41, one entry a week after it left

insert into mesh.sla_target (id, msp_id, client_id, priority, respond_within, resolve_within, clock)
select pg_temp.id('sla/' || m.n || p.priority), m.id, null, p.priority, p.respond, p.resolve,
       'always'
  from demo_msp m
 cross join (values ('critical', interval '30 minutes', interval '8 hours'),
                    ('high', interval '1 hour', interval '24 hours'),
                    ('medium', interval '4 hours', interval '72 hours'),
                    ('low', interval '8 hours', interval '120 hours'))
                        as p (priority, respond, resolve);

create temp table demo_ticket as
select x.n, x.msp_id, x.id as client_id, x.i, x.trouble, k, t.key, pg_temp.id(t.key) as id,
       p.priority, c.category, b.created_at,
       -- Minutes to an answer, hours to an end: about log-normal.
       b.created_at + make_interval(secs => round(60 * q.respond
           * exp(0.75 * pg_temp.z(t.key || 'r') + 0.25 * pg_temp.z(x.key || 'slow'))
           * (1 + 1.3 * x.trouble * w.speed))) as responded_at,
       make_interval(secs => round(3600 * q.resolve
           * exp(0.70 * pg_temp.z(t.key || 's') + 0.25 * pg_temp.z(x.key || 'slow')
                 + 0.15 * pg_temp.z(x.key || 'slow' || x.month))
           * (1 + 1.9 * x.trouble * w.speed))) as took,
       case when pg_temp.u(t.key || 'p') < 0.16
            then make_interval(mins => 120 + (pg_temp.u(t.key || 'pl') * 2600)::int)
            else interval '0' end as paused,
       pg_temp.u(t.key || 'o') < 0.045 + 0.20 * x.trouble * w.reopen as reopened,
       pg_temp.id('tech/' || x.n || '/' || m.desk_from
                  + floor(pg_temp.u(t.key || 't') * (m.people - m.desk_from + 1))::int)
           as technician_id
  from demo_month x
  join demo_msp m using (n)
  join demo_client v on v.id = x.id
  join (select id, max(weight) filter (where sign = 'speed') as speed,
               max(weight) filter (where sign = 'volume') as volume,
               max(weight) filter (where sign = 'reopen') as reopen
          from demo_sign group by id) w on w.id = x.id
 cross join lateral generate_series(1, floor(
        x.seats * (0.10 + 0.14 * pg_temp.u(x.key || 'rate')) * x.days / 30.4
        * (1 + 0.12 * sin(extract(month from x.month) * 1.05))
        * (1 + 0.70 * x.trouble * w.volume)
        * exp(0.25 * pg_temp.z(x.key || 'vol' || x.month))
        + pg_temp.u(x.key || 'round' || x.month))::int) k
 cross join lateral (select x.key || '/ticket/' || x.month || '/' || k as key) t
 cross join lateral (
    select x.first + floor(pg_temp.u(t.key || 'd') * x.days)::int as day) d
 cross join lateral (
    -- Weekends are quiet: most of theirs comes in on the Friday before.
    select (case when extract(isodow from d.day) > 5 and pg_temp.u(t.key || 'we') < 0.85
                 then greatest(x.first, d.day - (extract(isodow from d.day)::int - 5))
                     else d.day end
            + case when pg_temp.u(t.key || 'n') < 0.07
                   then make_interval(secs => floor(86000 * pg_temp.u(t.key || 'h')))
                   else make_interval(secs => floor(27000 + 36000 * pg_temp.u(t.key || 'h'))) end
           ) at time zone m.zone as created_at) b
 cross join lateral (
    select case when u < 0.04 + 0.05 * x.trouble * w.volume then 'critical'
                when u < 0.17 + 0.15 * x.trouble * w.volume then 'high'
                when u < 0.68 then 'medium' else 'low' end as priority
      from (select pg_temp.u(t.key || 'prio')) as y (u)) p
 cross join lateral (
    select case p.priority when 'critical' then 9 when 'high' then 22 when 'medium' then 70
                           else 140 end as respond,
           case p.priority when 'critical' then 2.2 when 'high' then 6.5 when 'medium' then 17
                           else 34 end as resolve) q
 cross join lateral (
    select pg_temp.pick('{workstation,workstation,access,access,email,email,network,printing,'
           'server,cloud,backup,security,telephony}',
                        t.key || 'cat') as category) c
 where b.created_at < pg_temp.present();

-- The future is not known: what would be answered later is still open.
create temp table demo_ticket_end as
select t.*, case when responded_at > least(created_at + took, pg_temp.present())
                 then case when created_at + took < pg_temp.present() then created_at + took end
                 else responded_at end as answered_at,
       case when created_at + took + paused < pg_temp.present() and not forgotten
            then created_at + took + paused end as resolved_at,
       row_number() over (partition by msp_id order by created_at, id) as number
  from (select t.*, n = 1 and i in (11, 21, 33) and priority in ('critical', 'high')
                    and created_at between '2026-08-20' and '2026-10-10'
                    and row_number() over (partition by client_id, priority in ('critical', 'high'),
                            created_at between '2026-08-20' and '2026-10-10'
                                order by created_at) = 1
                    as forgotten
          from demo_ticket t) t;
update demo_ticket_end set paused = '0' where resolved_at is null;
create index on demo_ticket_end (id);
analyze demo_ticket_end;

insert into mesh.ticket (id, msp_id, client_id, agreement_id, number, subject, category, source,
                         priority, state, technician_id, created_at, respond_by, resolve_by,
                         responded_at, resolved_at, closed_at, paused, skill, skill_level, estimate,
                         on_site)
select t.id, t.msp_id, t.client_id, pg_temp.id('client/' || t.n || '/' || t.i || '/managed'),
       1000 + t.number,
       case t.category
           when 'workstation' then pg_temp.pick('{Laptop will not start,Screen flickers,Very slow '
               'since the update,Docking station not recognised,New starter needs a laptop}', t.key)
           when 'access' then pg_temp.pick('{Cannot sign in,Password reset,Access to shared '
               'folder,Second factor lost,Account for a new colleague}', t.key)
           when 'email' then pg_temp.pick('{Mail is not arriving,Mailbox full,Shared mailbox '
               'missing,Suspicious message,Calendar does not sync}', t.key)
           when 'network' then pg_temp.pick('{Wireless drops out,No internet at the branch,Remote '
               'access fails,Switch port dead}', t.key)
           when 'printing' then pg_temp.pick('{Printer offline,Scans do not arrive,Wrong tray}',
               t.key)
           when 'server' then pg_temp.pick('{Disk almost full,Service stopped,Server restarted by '
               'itself,Certificate about to expire}', t.key)
           when 'cloud' then pg_temp.pick('{Files do not sync,Storage quota reached,Application '
               'times out}', t.key)
           when 'backup' then pg_temp.pick('{Backup failed,Restore a deleted folder,Backup warning}',
               t.key)
           when 'security' then pg_temp.pick('{Alert from endpoint protection,Reported phishing,'
               'Unknown sign-in,Patch missing}', t.key)
           else pg_temp.pick('{Calls are cut off,Desk phone dead,Voicemail not working}',
               t.key) end,
       t.category, pg_temp.pick('{email,email,phone,portal,portal,monitoring}', t.key || 'src'),
       t.priority,
       case when t.resolved_at is null then case when t.answered_at is null then 'new'
           else 'open' end
            when t.resolved_at < pg_temp.present() - interval '3 days' then 'closed'
            else 'resolved' end,
       case when t.answered_at is not null then t.technician_id end, t.created_at,
       t.created_at + s.respond_within, t.created_at + s.resolve_within, t.answered_at,
       t.resolved_at,
       case when t.resolved_at < pg_temp.present() - interval '3 days'
            then t.resolved_at + case when t.reopened then interval '47 hours'
                                      else interval '24 hours' end end,
       t.paused, k.skill, 1 + (t.priority in ('critical', 'high'))::int
           + (pg_temp.u(t.key || 'sl') < 0.3)::int,
       make_interval(mins => 15 * (1 + floor(7 * pg_temp.u(t.key || 'est'))::int)),
       pg_temp.u(t.key || 'site') < 0.12
  from demo_ticket_end t
  join mesh.sla_target s on s.msp_id = t.msp_id and s.priority = t.priority
  join demo_skill k on k.category = t.category;

insert into mesh.ticket_event (msp_id, client_id, ticket_id, at, kind, technician_id)
select t.msp_id, t.client_id, t.id, e.at, e.kind,
       case when e.kind <> 'created' and t.answered_at is not null then t.technician_id end
  from demo_ticket_end t
 cross join lateral (values
    ('created', t.created_at),
    ('responded', t.answered_at),
    ('paused', case when t.paused > '0' then t.answered_at + interval '10 minutes' end),
    ('resumed', case when t.paused > '0' then t.answered_at + interval '10 minutes' + t.paused end),
    ('escalated', case when t.took > interval '60 hours' and t.priority in ('critical', 'high',
        'medium')
                       then t.created_at + interval '50 hours' end),
    ('resolved', t.resolved_at),
    ('reopened', case when t.reopened and t.resolved_at < pg_temp.present() - interval '3 days'
                      then t.resolved_at + interval '20 hours' end),
    ('resolved', case when t.reopened and t.resolved_at < pg_temp.present() - interval '3 days'
                      then t.resolved_at + interval '45 hours' end),
    ('closed', case when t.resolved_at < pg_temp.present() - interval '3 days'
                    then t.resolved_at + case when t.reopened then interval '47 hours'
                                              else interval '24 hours' end end)) as e (kind, at)
 where e.at is not null and e.at < pg_temp.present();

-- A third of those helped say what they think.
insert into mesh.satisfaction (id, msp_id, client_id, ticket_id, score, answered_at)
select pg_temp.id(t.key || '/mood'), t.msp_id, t.client_id, t.id,
       greatest(1, least(10, round(
           7.6 + 1.1 * pg_temp.z('client/' || t.n || '/' || t.i || 'mood') * 0.7
           + 1.5 * pg_temp.z(t.key || 'mood')
           - 0.8 * (t.resolved_at - t.created_at - t.paused > s.resolve_within)::int
           - 3.2 * t.trouble * g.weight)))::int,
       t.resolved_at + make_interval(mins => 20 + (1800 * pg_temp.u(t.key || 'ma'))::int)
  from demo_ticket_end t
  join demo_sign g on g.id = t.client_id and g.sign = 'mood'
  join mesh.sla_target s on s.msp_id = t.msp_id and s.priority = t.priority
 where t.resolved_at < pg_temp.present() - interval '31 hours'
   and pg_temp.u(t.key || 'm') < 0.34;

insert into mesh.time_entry (id, msp_id, client_id, technician_id, agreement_id, ticket_id,
                             started_at, hours, work, billable, approved_at, hourly_rate)
select pg_temp.id(t.key || '/time/' || part), t.msp_id, t.client_id, t.technician_id,
       pg_temp.id('client/' || t.n || '/' || t.i || '/managed'), t.id, h.at,
       round(greatest(0.25, least(9, h.hours))::numeric * 4) / 4, 'support', false,
       case when h.at < '2026-11-09'
             and not (t.n = 1 and t.technician_id = pg_temp.id('tech/1/5') and h.at >= '2026-09-01')
            then date_trunc('week', h.at) + interval '7 days 8 hours' end, null
  from demo_ticket_end t
  join demo_client c on c.id = t.client_id
 cross join lateral generate_series(1, 1 + (pg_temp.u(t.key || 'two') < 0.22)::int) part
 cross join lateral (
    select t.answered_at + (part - 1) * interval '3 hours' as at,
           0.72 * exp(0.65 * pg_temp.z(t.key || 'time' || part)) * (1 + 0.35 * t.trouble)
           * case when c.underwater then 4.2 else 1 end as hours) h
 where h.at is not null and h.at < pg_temp.present();

-- Hours outside tickets: upkeep at clients, the provider's own affairs.
insert into mesh.time_entry (id, msp_id, client_id, technician_id, agreement_id, started_at, hours,
                             work, billable, approved_at)
select pg_temp.id(x.key || '/upkeep/' || x.month), x.msp_id, x.id,
       pg_temp.id('tech/' || x.n || '/' || m.desk_from + x.i % (m.people - m.desk_from + 1)),
       pg_temp.id(x.key || '/managed'), (x.first + time '15:00') at time zone m.zone,
       round((1 + x.seats / 25.0) * 4) / 4, 'maintenance', false,
       (x.first + 7 + time '08:00')::timestamp at time zone m.zone
  from demo_month x join demo_msp m using (n);
insert into mesh.time_entry (id, msp_id, technician_id, started_at, hours, work, approved_at)
select pg_temp.id(p.key || '/own/' || w), p.msp_id, p.id, (w + time '09:00') at time zone m.zone,
       round((2 + 5 * pg_temp.u(p.key || 'own' || w))::numeric * 4) / 4,
       pg_temp.pick('{meeting,admin,training}', p.key || 'ownk' || w), w + interval '7 days'
  from demo_person p join demo_msp m using (n)
 cross join generate_series('2023-12-04'::timestamp, '2026-11-16', '1 week') w
 where p.n <= 6 or w >= '2025-11-03';

insert into mesh.time_entry (id, msp_id, client_id, technician_id, agreement_id, ticket_id,
                             started_at, hours, work, billable, approved_at, note)
select pg_temp.id(e.id || 'twice'), e.msp_id, e.client_id, e.technician_id, e.agreement_id,
       e.ticket_id,
       e.started_at, e.hours, e.work, e.billable, e.approved_at, e.note
  from mesh.time_entry e
 where e.technician_id = pg_temp.id('tech/1/6') and e.ticket_id is not null
   and e.started_at >= '2026-10-14' and e.started_at < '2026-10-16';
insert into mesh.time_entry (id, msp_id, client_id, technician_id, agreement_id, started_at, hours,
                             work, billable, approved_at)
select pg_temp.id(key || 'after'), msp_id, id, pg_temp.id('tech/1/7'),
       pg_temp.id(key || '/managed'),
       left_on + 7 + time '14:00', 3.5, 'support', false, left_on + 14 + time '08:00'
  from demo_client where n = 1 and i = 41;
