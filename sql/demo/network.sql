-- What providers show each other, look for together, and fend off.
--
-- planted                                        where
-- ---------------------------------------------------------------------------
-- one campaign seen by seven providers           hash of 'login-portal-update.example', 2026-11-09 to 13
-- one seen by three only: must not be told       hash of 'quarterly-forms.example'
-- open CRITICAL threats                          Northgate 6, 18
-- reported, never acknowledged for two weeks     Northgate 27
-- a profile that is not shown                    Ostermark Systems

insert into mesh.partner_profile (msp_id, opted_in_at, headline, description, skills,
                                  certifications, industries, city, region, country, latitude,
                                  longitude, team_size, monthly_hours_free, available_on,
                                  hourly_rate, currency, updated_at)
select m.id, case when m.opt_in then '2025-03-10 09:00+00'::timestamptz
       + make_interval(days => m.n * 11) end,
       m.name || ': ' || s.headline, s.description, s.skills, s.certs, s.industries, m.city,
       m.region, m.country,
       m.latitude, m.longitude, m.people, round((20 + 140 * pg_temp.u('free' || m.n))::numeric, 0),
       '2026-11-23'::date + (60 * pg_temp.u('avail' || m.n))::int, round((m.rate * 135)::numeric, 0),
       m.currency,
       '2026-10-01 09:00+00'
  from demo_msp m
  join (values
    (1, 'managed services for law, health and manufacturing',
        'We run desks, networks and cloud for mid-sized firms, with a security team of our own.',
        array['managed services', 'network engineering', 'endpoint security', 'cloud migration',
        'identity management'], array['security practitioner'],
        array['legal', 'healthcare', 'manufacturing']),
    (2, 'network and telephony across the north', 'Structured cabling, wireless surveys and voice.',
        array['network engineering', 'telephony', 'wireless design'], array['network professional'],
        array['education', 'logistics']),
    (3, 'infrastructure for industry', 'Production networks and virtualisation.',
        array['virtualisation', 'industrial networks', 'backup'], array['cloud administrator'],
        array['manufacturing']),
    (4, 'cloud migration', 'We move mail, files and identity.',
        array['cloud migration', 'identity management', 'scripting'], array['cloud architect'],
        array['architecture', 'nonprofit']),
    (5, 'incident response and forensics', 'On site within a day in the Midwest.',
        array['incident response', 'digital forensics', 'endpoint security'],
        array['incident handler'], array['finance', 'healthcare']),
    (6, 'backup and recovery', 'Tested restores for small firms.',
        array['backup', 'disaster recovery', 'storage'], array['storage associate'],
        array['accounting', 'retail']),
    (7, 'compliance work', 'Policies, evidence and audits.',
        array['compliance', 'risk assessment', 'policy writing'], array['lead auditor'],
        array['healthcare', 'legal']),
    (8, 'data platforms', 'Databases, reporting and integration.',
        array['databases', 'data engineering', 'reporting'], array['database professional'],
        array['logistics', 'retail']),
    (9, 'device rollouts', 'Imaging, shipping and staging.',
        array['device management', 'logistics', 'desktop support'], array['device administrator'],
        array['education']),
    (10, 'small business desk', 'A friendly desk at fair prices.',
        array['desktop support', 'printing', 'email'], array['support associate'],
        array['hospitality', 'retail']),
    (11, 'coastal and rural links', 'Radio links and satellite.',
        array['wireless design', 'radio links', 'network engineering'], array['radio licence'],
        array['property', 'hospitality']))
    as s (n, headline, description, skills, certs, industries) on s.n = m.n;

insert into mesh.opportunity (id, msp_id, title, kind, description, skills, industry, value,
                              currency, months, reply_by, state, created_at)
select pg_temp.id('opportunity/' || v.k), m.id, v.title, v.kind, v.body, v.skills, v.industry,
       v.value, m.currency,
       v.months, v.reply::date, v.state, v.at::timestamptz
  from (values
    (1, 1, 'Incident response retainer for three clinics', 'specialist',
        'Two days a month and on call.', array['incident response', 'digital forensics'],
        'healthcare', 54000, 12.0, '2026-12-04', 'open', '2026-11-05 10:00+00'),
    (2, 1, 'Wireless survey of two warehouses', 'project', 'On site, about 30 access points.',
        array['wireless design', 'network engineering'], 'logistics', 18500, 1.5, '2026-11-27',
        'open', '2026-11-10 14:00+00'),
    (3, 4, 'Tenant merger after an acquisition', 'project', 'Mail and identity of 180 people.',
        array['cloud migration', 'identity management'], 'architecture', 42000, 3.0, '2026-12-11',
        'open', '2026-11-12 16:00+00'),
    (4, 7, 'Audit readiness for a health network', 'bid', 'Evidence for 14 sites.',
        array['compliance', 'risk assessment', 'endpoint security'], 'healthcare', 96000, 6.0,
        '2026-12-18', 'open', '2026-10-30 13:00+00'),
    (5, 9, 'Staging of 400 laptops', 'overflow', 'Summer rollout for a school district.',
        array['device management', 'logistics'], 'education', 31000, 2.0, '2026-06-05', 'closed',
        '2026-04-20 17:00+00'))
    as v (k, n, title, kind, body, skills, industry, value, months, reply, state, at)
  join demo_msp m using (n);

insert into mesh.threat (id, msp_id, client_id, title, threat_type, severity, confidence, state,
                         source, indicators, detected_at, acknowledged_at, ended_at, state_by)
select pg_temp.id('threat/' || v.k), m.id, c.id, v.title, v.type, v.severity, v.confidence, v.state,
       v.source,
       v.indicators::jsonb, v.at::timestamptz, v.acknowledged::timestamptz, v.ended::timestamptz,
       case when v.acknowledged is not null then 'Service desk' end
  from (values
    (1, 1, 6, 'Exploitation attempts against the VPN gateway', 'exploit', 'CRITICAL', 0.93, 'open',
        'monitoring', '[{"type": "ip", "value": "203.0.113.57"}]', '2026-11-17 03:12+00', null,
        null),
    (2, 1, 18, 'Web shell dropped on the file transfer server', 'malware', 'CRITICAL', 0.90, 'open',
        'endpoint', '[{"type": "hash", "value": "9f2b5c0d7e3a41886b1f0c2d9e4a7b63"}]',
        '2026-11-16 22:40+00', null, null),
    (3, 1, 27, 'Remote support tool signed in from abroad', 'suspicious_activity', 'HIGH', 0.78,
        'open', 'monitoring', '[{"type": "ip", "value": "198.51.100.23"}]', '2026-11-03 01:25+00',
        null, null),
    (4, 1, 12, 'Mail asking to confirm a bank account', 'phishing', 'HIGH', 0.88, 'acknowledged',
        'user', '[{"type": "domain", "value": "login-portal-update.example"}]',
        '2026-11-10 09:02+00', '2026-11-10 09:30+00', null),
    (5, 1, 33, 'Sign-in page that copies ours', 'phishing', 'MEDIUM', 0.81, 'mitigated', 'user',
        '[{"type": "url", "value": "https://login-portal-update.example/a"}]', '2026-11-09 13:15+00',
        '2026-11-09 13:40+00', '2026-11-09 17:00+00'),
    (6, 1, null, 'Backup alarm from the test lab', 'ransomware', 'HIGH', 0.55, 'false_positive',
        'endpoint', '[]', '2026-10-22 08:10+00', '2026-10-22 08:20+00', '2026-10-22 09:45+00'),
    (7, 2, 2, 'Mail server probed for an old hole', 'exploit', 'HIGH', 0.84, 'open', 'monitoring',
        '[{"type": "ip", "value": "203.0.113.57"}]', '2026-11-15 04:48+00', null, null),
    (8, 5, 1, 'Encrypted files on one workstation', 'ransomware', 'CRITICAL', 0.95, 'mitigated',
        'endpoint', '[{"type": "hash", "value": "0c1d2e3f405162738495a6b7c8d9eaf0"}]',
        '2026-09-14 06:20+00', '2026-09-14 06:31+00', '2026-09-15 19:00+00'))
    as v (k, n, i, title, type, severity, confidence, state, source, indicators, at, acknowledged,
        ended)
  join demo_msp m using (n)
  left join demo_client c on c.n = v.n and c.i = v.i;
-- A quieter past: two or three a month at Northgate, fewer elsewhere, all dealt with.
insert into mesh.threat (id, msp_id, client_id, title, threat_type, severity, confidence, state,
                         source, indicators, detected_at, acknowledged_at, ended_at, state_by)
select pg_temp.id('threat/past/' || m.n || '/' || k), m.id, c.id,
       case t.type when 'phishing' then 'Reported message' when 'malware' then 'Blocked download'
                   when 'ddos' then 'Flood at the edge' else 'Unusual sign-in' end, t.type,
       pg_temp.pick('{LOW,LOW,MEDIUM,MEDIUM,HIGH}', 'sev' || m.n || k),
       round((0.5 + 0.45 * pg_temp.u('conf' || m.n || k))::numeric, 3),
       case when pg_temp.u('fp' || m.n || k) < 0.2 then 'false_positive' else 'mitigated' end,
       'monitoring', '[]',
       d.at, d.at + interval '40 minutes', d.at + make_interval(hours => 2
           + (30 * pg_temp.u('end' || m.n || k))::int), 'Service desk'
  from demo_msp m cross join lateral generate_series(1, case m.n when 1 then 60
      when 12 then 2 else 12 end) k
  join demo_client c on c.n = m.n and c.i = 1 + k % m.active
 cross join lateral (select pg_temp.pick('{phishing,phishing,phishing,malware,suspicious_activity,'
     'ddos}', 'tt' || m.n || k) as type) t
 cross join lateral (select '2024-01-10 08:00+00'::timestamptz
     + make_interval(mins => (pg_temp.u('at' || m.n || k) * 1010 * 1440)::int) as at) d
 where d.at::date >= c.since;

insert into mesh.sighting (msp_id, indicator_sha256, kind, seen_on, n, severity)
select m.id, pg_catalog.sha256('login-portal-update.example'), 'domain',
       '2026-11-09'::date + m.n % 5, 1 + m.n % 4, 'HIGH'
  from demo_msp m where m.n in (1, 2, 4, 5, 6, 8, 10)
 union all
select m.id, pg_catalog.sha256('quarterly-forms.example'), 'domain', '2026-11-12', 1, 'MEDIUM'
  from demo_msp m where m.n in (2, 7, 9)
 union all
select m.id, pg_catalog.sha256('203.0.113.57'), 'ip', '2026-11-14'::date + m.n % 4, 2 + m.n, 'HIGH'
  from demo_msp m where m.n in (1, 2, 4, 6, 9);
