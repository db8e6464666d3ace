-- Projects, who is on them, and the hours they took.
--
-- planted                                        where
-- ---------------------------------------------------------------------------
-- projects far over their hours                  Northgate 3, 8, 14 (projects by number)
-- late and still active                          Northgate 5, 9
-- more than 40 hours a week promised             Northgate, technician 4 from 2026-11-02 on
-- project hours done, never invoiced             Northgate 20

create temp table demo_project as
select m.n, m.id as msp_id, j, 'project/' || m.n || '/' || j as key,
       pg_temp.id('project/' || m.n || '/' || j) as id,
       case when m.n = 1 and j = 40 or j = 9 and m.n > 1 then null else c.id end as client_id,
       c.key as client_key, c.currency,
       d.starts, d.starts + 30 + (pg_temp.u(j || 'due' || m.n) * 90)::int as due,
       round(20 + 100 * pg_temp.u(j || 'hours' || m.n)) as hours,
       case when m.n = 1 and j in (3, 8, 14) then 1.9
            else 0.75 + 0.45 * pg_temp.u(j || 'over' || m.n) end as over,
       m.n = 1 and j in (5, 9) as late, round(m.rate::numeric * 140) as rate
  from demo_msp m cross join lateral generate_series(1, case m.n when 1 then 40
      when 12 then 2 else 9 end) j
 cross join lateral (select 1 + ((j * 7) % m.active) as i) y
  join demo_client c on c.n = m.n and c.i = y.i
 cross join lateral (
    select greatest(c.since + 10,
                    case when m.n = 1 and j in (5, 9) then '2026-07-06'
                         when m.n = 1 and j in (3, 8, 14) then '2026-03-02'::date + j * 7
                         else '2024-01-08'::date + (pg_temp.u(j || 'start' || m.n) * 1020)::int end)
           as starts) d;

insert into mesh.project (id, msp_id, client_id, name, kind, state, starts_on, due_on, completed_on,
                          estimated_hours, budget, price, currency, manager_id)
select p.id, p.msp_id, p.client_id,
       case when p.client_id is null then 'Own ticket system renewal' else
       pg_temp.pick('{Office move,Server replacement,Mail migration,Wireless renewal,Remote '
           'access,Endpoint rollout,Backup redesign,Branch connection,Cloud move,Identity clean-up}',
           p.key)
       end || ' ' || p.j,
       case when p.client_id is null then 'internal'
            else pg_temp.pick('{fixed_price,fixed_price,time_and_materials,retainer}',
                p.key || 'k') end,
       case when p.due < '2026-11-10' and not p.late then 'completed' else 'active' end,
       p.starts, case when p.late then '2026-09-30' else p.due end,
       case when p.due < '2026-11-10' and not p.late then p.due end,
       p.hours, p.hours * 70, case when p.client_id is not null then p.hours * p.rate end,
       p.currency, pg_temp.id('tech/' || p.n || '/1')
  from demo_project p;

insert into mesh.project_assignment (id, msp_id, client_id, project_id, technician_id, role,
                                     starts_on, ends_on, weekly_hours)
select pg_temp.id(p.key || '/on/' || k), p.msp_id, p.client_id, p.id,
       pg_temp.id('tech/' || p.n || '/' || m.desk_from + (p.j + k * 2) % (m.people - m.desk_from
           + 1)),
       case k when 1 then 'lead' else 'engineer' end, p.starts, p.due, 8 + 4 * k
  from demo_project p join demo_msp m using (n) cross join generate_series(1, 2) k
 where m.people > m.desk_from + k;
insert into mesh.project_assignment (id, msp_id, client_id, project_id, technician_id, role,
                                     starts_on, ends_on, weekly_hours)
select pg_temp.id(key || '/too/much'), msp_id, client_id, id, pg_temp.id('tech/1/4'), 'engineer',
       '2026-11-02', '2026-12-18', 24
  from demo_project where n = 1 and j in (5, 9);

insert into mesh.time_entry (id, msp_id, client_id, technician_id, project_id, started_at, hours,
                             work, billable, approved_at, hourly_rate)
select pg_temp.id(p.key || '/time/' || k), p.msp_id, p.client_id,
       pg_temp.id('tech/' || p.n || '/' || m.desk_from + (p.j + k * 2) % (m.people - m.desk_from
           + 1)),
       p.id, h.at, round((p.hours * p.over / w.parts * (0.7 + 0.6 * pg_temp.u(p.key || k)))::numeric
           * 4) / 4,
       'project', p.client_id is not null, case when h.at < '2026-11-09' then h.at
           + interval '9 days' end,
       p.rate
  from demo_project p join demo_msp m using (n)
 cross join lateral (select ceil(p.hours * p.over / 6)::int as parts) w
 cross join lateral generate_series(1, w.parts) k
 cross join lateral (
    select (p.starts + ((case when p.late then '2026-11-16'::date else p.due end - p.starts)
                        * (k - 0.5) / w.parts)::int + time '13:30') at time zone m.zone as at) h
 where h.at < pg_temp.present();
