-- Policies, evidence and assessments.
--
-- planted                                        where
-- ---------------------------------------------------------------------------
-- evidence expired and not renewed               Northgate 2 (restore test), 15 (access review), 24 (mfa)
-- backups failing since 2026-10-20               Northgate 16
-- second factor for a part of the staff only     Northgate 24, 37
-- assessed as met, evidence says otherwise       Northgate 16, PR.DS-11
-- policy review overdue                          Northgate, Incident response; Tamwell, Backup
-- plans instead of facts in the policy text      Northgate, Access control, version 2
-- no evidence at all                             Northgate 39, 40

create temp table demo_policy (title text, body text);
insert into demo_policy values
('Access control', 'Every person has one account of their own. Shared accounts are not allowed. '
    'Administrators use a second account for administration. Multi-factor authentication is '
    'required for remote access and for all administrators. Access rights are reviewed every '
    'quarter by the owner of each system, and the review is recorded. Accounts of people who '
    'leave are disabled on their last day.'),
('Backup', 'All servers are backed up every night. One copy is kept at another site and cannot be '
    'changed for 30 days. Restores are tested twice a year and the result is recorded. Backup '
    'failures raise a ticket of high priority.'),
('Incident response', 'Anyone may report an incident by telephone or e-mail at any hour. The duty '
    'manager classifies it within one hour. Affected clients are told within 24 hours. A review '
    'follows every incident of high severity within ten days.'),
('Patching', 'Critical security updates are installed within 14 days and all others within 30 '
    'days. Devices that cannot be updated are isolated. Compliance is measured every month and '
    'reported to the client.');
insert into mesh.policy (id, msp_id, title, version, body, effective_on, review_due_on)
select pg_temp.id('policy/' || m.n || p.title), m.id, p.title, 1, p.body, '2025-02-03',
       case when m.n = 1 and p.title = 'Incident response' or m.n = 5 and p.title = 'Backup'
            then '2026-08-03'::date else '2027-02-03' end
  from demo_msp m cross join demo_policy p where m.n < 12;
update mesh.policy set retired_on = '2026-05-04'
 where msp_id = (select id from demo_msp where n = 1) and title = 'Access control';
insert into mesh.policy (id, msp_id, title, version, body, effective_on, review_due_on)
select pg_temp.id('policy/1/access/2'), id, 'Access control', 2,
       'Every person has one account of their own. Shared accounts are not allowed. We intend to '
           'introduce multi-factor authentication for remote access in the coming year. Access '
           'reviews are planned for each quarter but have not started. An exception for the '
           'service desk is pending approval. Accounts of people who leave are disabled on their '
           'last day.',
       '2026-05-04', '2027-05-04'
  from demo_msp where n = 1;

create temp table demo_control (kind text, control text, every int, days int);
insert into demo_control values ('patch', 'ID.RA-01', 1, 45), ('backup', 'PR.DS-11', 1, 45),
    ('mfa', 'PR.AA-03', 3, 120), ('access_review', 'PR.AA-05', 3, 120),
        ('restore_test', 'RC.RP-03', 6, 210);
insert into mesh.control_evidence (id, msp_id, client_id, framework, control, kind, outcome,
                                   collected_at, valid_until, source, detail)
select pg_temp.id(c.key || '/evidence/' || k.kind || x), c.msp_id, c.id, 'nist-csf-2.0', k.control,
       k.kind, o.outcome,
       d.at, d.at::date + k.days, case k.kind when 'patch' then 'monitoring'
           when 'backup' then 'backup report'
           when 'mfa' then 'directory' else 'record' end,
       case k.kind when 'patch' then jsonb_build_object('share', round(s.share::numeric, 3))
                   when 'backup' then jsonb_build_object('jobs', 30, 'failed', case o.outcome
                       when 'pass' then 0 when 'partial' then 2 else 17 end)
                   when 'mfa' then jsonb_build_object('users', c.seats0, 'enrolled',
                       floor(c.seats0 * case o.outcome when 'pass' then 1 else 0.6 end))
                   else '{}' end
  from demo_client c cross join demo_control k
 cross join generate_series('2025-11-01'::timestamp, '2026-11-01', '1 month') x
 cross join lateral (select (x + make_interval(days => (12 * pg_temp.u(c.key || k.kind || x))::int,
     hours => 6)) at time zone 'UTC' as at) d
 cross join lateral (select 0.90 + 0.10 * pg_temp.u(c.key || 'share' || x) as share) s
 cross join lateral (
    select case when c.n = 1 and c.i = 16 and k.kind = 'backup' and d.at >= '2026-10-20' then 'fail'
                when c.n = 1 and c.i in (24, 37) and k.kind = 'mfa' then 'partial'
                when k.kind = 'patch' and s.share < 0.95 then 'partial'
                when pg_temp.u(c.key || k.kind || x || 'o') < 0.04 then 'partial' else 'pass' end
                    as outcome) o
 where c.stays and (c.n = 1 and c.i < 39 or c.n > 1 and c.i <= 3)
   and (extract(month from x)::int + c.i) % k.every = 0 and d.at < pg_temp.present()
       and d.at >= c.since
   and not (c.n = 1 and (c.i = 2 and k.kind = 'restore_test' and x >= '2026-05-01'
                         or c.i = 15 and k.kind = 'access_review' and x >= '2026-06-01'
                         or c.i = 24 and k.kind = 'mfa' and x >= '2026-07-01'));
insert into mesh.control_evidence (id, msp_id, client_id, framework, control, kind, outcome,
                                   collected_at, valid_until, source, detail)
select pg_temp.id('evidence/backup/now'), msp_id, id, 'nist-csf-2.0', 'PR.DS-11', 'backup', 'fail',
       '2026-11-16 06:00+00',
       '2026-12-31', 'backup report', '{"jobs": 30, "failed": 21}'
  from demo_client where n = 1 and i = 16;

insert into mesh.control_assessment (id, msp_id, client_id, framework, control, status, assessed_at,
                                     assessor)
select pg_temp.id(c.key || '/assessed/' || k.kind), c.msp_id, c.id, 'nist-csf-2.0', k.control,
       case when c.n = 1 and c.i = 16 then 'met'
            when pg_temp.u(c.key || k.kind || 'as') < 0.72 then 'met'
            when pg_temp.u(c.key || k.kind || 'as') < 0.92 then 'partial' else 'missing' end,
       '2026-09-15 10:00+00', 'Annual review'
  from demo_client c cross join demo_control k
 where c.stays and (c.n = 1 and c.i < 39 or c.n > 1 and c.i <= 3);
