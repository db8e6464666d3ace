-- What clients run.  Software has its true names, because public lists of
-- vulnerabilities are to be matched with it; nothing else here is real.
--
-- planted                                        where
-- ---------------------------------------------------------------------------
-- old software open to the internet              Northgate 6 (VPN gateway), 18 (file transfer),
--                                                  27 (remote support); client 2 of Ferrowick (mail)
-- servers without a critical patch for 90 days   Northgate 13, 30
-- not seen for 60 days and not retired           one workstation in forty
-- out of warranty servers                        where installed before 2021-11

create temp table demo_asset as
select c.n, c.msp_id, c.id as client_id, c.i, k.kind, j, c.key || '/' || k.kind || '/' || j as key,
       pg_temp.id(c.key || '/' || k.kind || '/' || j) as id,
       greatest(c.since - 200, '2018-06-01'::date
                + (pg_temp.u(c.key || k.kind || j || 'in') * 2950)::int) as installed_on,
       c.left_on
  from demo_client c
  join mesh.client m on m.msp_id = c.msp_id and m.id = c.id
 cross join lateral (values ('workstation', least(m.seats, case when c.n = 1 then 60 else 15 end)),
                            ('server', 1 + m.seats / 20), ('network', 1 + c.sites),
                            ('printer', 1 + m.seats / 30)) as k (kind, number)
 cross join lateral generate_series(1, k.number) j;

insert into mesh.asset (id, msp_id, client_id, name, kind, make, model, serial, os, os_version,
                        address, exposed, installed_on, warranty_ends_on, retired_on, last_seen_at,
                        patched_at)
select a.id, a.msp_id, a.client_id,
       case a.kind when 'workstation' then 'PC' when 'server' then 'SRV'
           when 'network' then 'FW' else 'PRN' end
           || '-' || lpad(a.j::text, 3, '0'),
       a.kind, pg_temp.pick('{Corvid,Palisade,Umbra}', a.key),
       pg_temp.pick('{C14,C15,T3,R220,R440,G60}', a.key || 'm'), upper(substr(md5(a.key), 1, 10)),
       case a.kind when 'workstation' then pg_temp.pick('{Windows 11,Windows 11,Windows 10,macOS}',
           a.key || 'os')
                   when 'server' then pg_temp.pick('{Windows Server 2019,Windows Server 2022,'
                       'Windows Server 2016,Debian}', a.key || 'os')
                   when 'network' then 'FortiOS' end,
       case a.kind when 'network' then case when a.n = 1 and a.i = 6 then '7.0.6'
           else '7.4.8' end end,
       ('10.' || a.n || '.' || a.i || '.' || case a.kind when 'workstation' then 50
           when 'server' then 10
           when 'network' then 1 else 200 end + a.j)::inet,
       a.kind = 'network' and a.j = 1 or a.kind = 'server' and a.j = 1
           and (a.n = 1 and a.i in (18, 27) or a.n = 2 and a.i = 2),
       a.installed_on, (a.installed_on + interval '5 years')::date, case
           when a.left_on is not null then greatest(a.left_on, a.installed_on) end,
       case when a.left_on is not null then a.left_on::timestamptz
            when a.kind = 'workstation' and pg_temp.u(a.key || 'seen') < 0.025
                then '2026-09-05 12:00+00'
            else '2026-11-18 16:00+00'::timestamptz
                - make_interval(secs => floor(80000 * pg_temp.u(a.key || 's'))) end,
       case when a.kind in ('workstation', 'server') then
            least(coalesce(a.left_on, '2026-11-18'),
                  case when a.n = 1 and a.i in (13, 30) and a.kind = 'server' then '2026-08-02'
                       else '2026-11-16'::date - floor(28 * pg_temp.u(a.key
                           || 'patch'))::int end) end
  from demo_asset a;

create temp table demo_software (kind text, os text, vendor text, product text, version text,
    share float8);
insert into demo_software values
    ('workstation', 'Windows%', 'Microsoft', 'Office', '2024', 0.85),
    ('workstation', '%', 'Google', 'Chrome', '142.0', 0.80),
    ('workstation', '%', 'Mozilla', 'Firefox', '145.0', 0.30),
    ('workstation', '%', 'Adobe', 'Acrobat Reader', '25.001', 0.60),
    ('workstation', '%', '7-Zip', '7-Zip', '24.09', 0.35),
    ('server', 'Windows%', 'Microsoft', 'SQL Server', '2022', 0.35),
    ('server', 'Windows%', 'Veeam', 'Backup & Replication', '12.3', 0.45),
    ('server', 'Debian', 'Apache', 'HTTP Server', '2.4.65', 0.80),
    ('server', 'Debian', 'OpenBSD', 'OpenSSH', '9.2', 1.00),
    ('network', '%', 'Fortinet', 'FortiOS', '7.4.8', 1.00);
insert into mesh.software (id, msp_id, client_id, asset_id, vendor, product, version, installed_on,
                           removed_on)
select pg_temp.id(a.key || s.product), a.msp_id, a.client_id, a.id, s.vendor, s.product,
       case when a.kind = 'network' then b.os_version
            when pg_temp.u(a.key || s.product || 'v') < 0.12
            then case s.product when 'Chrome' then '128.0' when '7-Zip' then '22.01'
                                when 'Acrobat Reader' then '23.003' else s.version end
            else s.version end, a.installed_on, b.retired_on
  from demo_asset a
  join mesh.asset b on b.msp_id = a.msp_id and b.id = a.id
  join demo_software s on s.kind = a.kind and b.os like s.os
 where pg_temp.u(a.key || s.product) < s.share;
insert into mesh.software (id, msp_id, client_id, asset_id, vendor, product, version, installed_on)
select pg_temp.id(a.key || v.product), a.msp_id, a.client_id, a.id, v.vendor, v.product, v.version,
       '2023-02-01'
  from (values (1, 18, 'Progress', 'MOVEit Transfer', '2022.0.4'),
               (1, 27, 'ConnectWise', 'ScreenConnect', '23.9.7'),
               (2, 2, 'Microsoft', 'Exchange Server', '2016 CU22'))
                   as v (n, i, vendor, product, version)
  join demo_asset a on a.n = v.n and a.i = v.i and a.kind = 'server' and a.j = 1;
