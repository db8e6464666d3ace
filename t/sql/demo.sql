-- The demo: what is planted can be found, and nothing else of its kind shouts.
\pset format unaligned
\pset tuples_only on
set client_min_messages = warning;
begin;
create extension if not exists pgtap with schema public;
set local search_path = public, pg_catalog;
set local timezone = 'UTC';
select no_plan();

create temp table msp as select substr(id::text, 34)::int as n, id, name, network_opt_in
    from mesh.msp
 where id::text like '0a000000-0000-8000-8000-%';
create temp table c as
select m.n, c.*,
       (regexp_match(c.contact_email, '@client(\d+)\.'))[1]::int as i
  from mesh.client c join msp m on m.id = c.msp_id;
create temp table today as select mesh.today() as d;

-- Who is there.
select is(mesh.today(), '2026-11-18', 'the day is fixed');
select is(count(*), 12::bigint, 'twelve providers') from msp;
select is(id, '0a000000-0000-8000-8000-000000000001', 'Northgate has its well known id') from msp
       where name = 'Northgate IT Services';
select is(count(*), 10::bigint, 'ten share in the network') from msp where network_opt_in;
select is(count(*), 40::bigint, 'Northgate has 40 clients') from c
       where n = 1 and status = 'active';
select is(count(*), 16::bigint, 'and 16 have left') from c where n = 1 and left_on <= mesh.today();
select is_empty($$select n from c where n between 2 and 11 group by n
                  having count(*) filter (where status = 'active') not between 8 and 20
                      or count(*) filter (where status = 'left') not between 2 and 6$$,
                      'ten have 8 to 20, and 2 to 6 left');
select is(count(*), 1::bigint, 'one has a single client') from c where n = 12;
select is((select count(*) from c), (select count(distinct name) from c),
       'no two clients share a name');
select is(min(created_at)::date, '2023-12-01', 'tickets begin in December 2023') from mesh.ticket;
select is_empty($$select 1 from mesh.ticket t, today where created_at >= d + 1
       or responded_at >= d + 1 or resolved_at >= d + 1 or closed_at >= d + 1
       union all select 1 from mesh.ticket_event, today where at >= d + 1
       union all select 1 from mesh.satisfaction, today where answered_at >= d + 1
       union all select 1 from mesh.time_entry, today where started_at >= d + 1
       union all select 1 from mesh.payment, today where received_on > d
       union all select 1 from mesh.invoice, today where issued_on > d
       union all select 1 from mesh.metric_point, today where at >= d + 1$$,
       'nothing has happened that is still to come');
select is_empty('select * from mesh.default_rows() where n > 0', 'every point lies in its month');
select cmp_ok(count(*), '>', 20000::bigint, 'tickets by the ten thousand') from mesh.ticket;
select is(count(*), 12::bigint, 'each provider''s model is to be fitted') from mesh.job
 where agent = 'client-health' and action = 'fit' and actor = 'demo'
     and input = '{"from": "history"}';

-- Events tell the same story as the tickets.
select is_empty($$select t.id from mesh.ticket t join msp m on m.id = t.msp_id and m.n = 1
                    left join mesh.ticket_event e on e.msp_id = t.msp_id and e.ticket_id = t.id
                   group by t.msp_id, t.id
                  having min(e.at) filter (where e.kind = 'created') is distinct from t.created_at
                      or min(e.at) filter (where e.kind = 'responded') is distinct
                          from t.responded_at
                      or min(e.at) filter (where e.kind = 'resolved') is distinct from t.resolved_at
                      or max(e.at) filter (where e.kind = 'closed') is distinct from t.closed_at$$,
                'a ticket''s events agree with it');
select is_empty($$select v.number from mesh.invoice v join mesh.invoice_line l
       on l.msp_id = v.msp_id and l.invoice_id = v.id
                   group by v.msp_id, v.id, v.number, v.total having sum(l.amount) <> v.total$$,
                   'an invoice is the sum of its lines');

-- Features: who is at risk stands out.
create temp table f as select c.n, c.i, g.* from mesh.client_health_features('2026-11-18') g
    join c on c.id = g.client_id;
select cmp_ok(count(*), '=', 40::bigint, 'forty rows for Northgate') from f where n = 1;
select cmp_ok((select avg(satisfaction_90d) from f where n = 1 and i in (5, 12, 23, 32, 38)), '<',
              (select avg(satisfaction_90d) - 1.5 from f
                  where n = 1 and i not in (5, 12, 23, 32, 38)),
              'clients at risk are less content');
select cmp_ok((select avg(sla_missed_share_90d) from f where n = 1 and i in (5, 12, 23, 32, 38)),
       '>',
              (select 2 * avg(sla_missed_share_90d) from f
                  where n = 1 and i not in (5, 12, 23, 32, 38)),
              'and waited too long twice as often');
select cmp_ok((select avg(days_late_180d) from f where n = 1 and i in (5, 12, 32, 38)), '>',
              (select 2 * avg(days_late_180d) from f where n = 1 and i not in (5, 12, 23, 32, 38)),
                  'and pay later');
create temp table past as
select h.satisfaction_90d, h.left_within_90d, c.n, h.as_of, h.client_id
  from mesh.client_health_history() h join c on c.id = h.client_id;
select cmp_ok(count(*) filter (where left_within_90d), '>=', 35::bigint,
       'enough departures to learn from at Northgate')
  from past where n = 1;
select ok(bool_or(satisfaction_90d > 7.5) filter (where left_within_90d)
          and bool_or(satisfaction_90d < 5.5) filter (where not left_within_90d),
          'some leave content, and some who are not stay') from past where n = 1;
select is_empty($$select 1 from past join c on c.id = past.client_id
                   where past.left_within_90d <> coalesce(c.left_on <= past.as_of + 90, false)
                      or c.left_on <= past.as_of or c.since > past.as_of
                          or past.as_of > '2026-08-20'$$,
                'labels follow from the day a client left, and only past ones are told');

-- Underwater: work costs more than it brings, over a year.
create temp table margin as
select c.n, c.i, r.revenue - w.labour - r.cost as margin, r.revenue
  from c
 cross join lateral (
    select sum(l.amount) as revenue, sum(l.quantity * l.unit_cost) as cost
      from mesh.invoice v join mesh.invoice_line l on l.msp_id = v.msp_id and l.invoice_id = v.id
     where v.msp_id = c.msp_id and v.client_id = c.id and v.kind = 'agreement'
         and v.voided_on is null
       and v.issued_on >= '2025-11-18') r
 cross join lateral (
    select sum(e.hours * k.hourly_cost) as labour
      from mesh.time_entry e
      left join mesh.cost_rate k on k.msp_id = e.msp_id and k.technician_id = e.technician_id
       and k.effective @> (e.started_at at time zone 'UTC')::date
     where e.msp_id = c.msp_id and e.client_id = c.id and e.project_id is null
         and e.started_at >= '2025-11-18') w
 where c.status = 'active';
select bag_eq($$select n, i from margin where margin < 0.10 * revenue$$,
              $$values (1, 7), (1, 19), (1, 34), (2, 3), (4, 3), (5, 3)$$,
              'underwater agreements, and only those');
select is(c.currency, 'EUR', 'one client of Northgate pays in another currency') from c
       where n = 1 and i = 28;
select bag_eq($$select c.i from mesh.agreement g join c on c.msp_id = g.msp_id
       and c.id = g.client_id
                 cross join lateral (select mesh.term_end(g.starts_on, g.ends_on, g.renewal,
                     g.renewal_months, '2026-11-18') as ends) e
                 where c.n = 1 and g.kind = 'managed' and g.renewal = 'tacit' and g.ended_on is null
                     and g.notice_given_on is null
                   and e.ends > '2026-11-18' and e.ends <= date '2026-11-18' + 60 and e.ends
                       - g.notice_days < '2026-11-18'
                   and c.i in (9, 26)$$, 'values (9), (26)',
                   'agreements whose notice date has passed');
select is(count(*), 1::bigint, 'one agreement has lapsed and is still worked on')
  from mesh.agreement g join c on c.msp_id = g.msp_id and c.id = g.client_id
 where g.renewal = 'none' and g.ends_on < '2026-11-18' and g.ended_on is null
   and exists (select from mesh.time_entry e where e.msp_id = g.msp_id and e.agreement_id = g.id
       and e.started_at > '2026-10-01');

-- The desk.
select bag_eq($$select c.i from mesh.ticket t join c on c.msp_id = t.msp_id and c.id = t.client_id
                 where c.n = 1 and t.resolved_at is null and t.priority in ('critical', 'high')
                   and t.created_at < '2026-10-18'$$, 'values (11), (21), (33)',
                   'forgotten tickets');
select cmp_ok(count(*), '>', 10::bigint, 'hours never approved')
       from mesh.time_entry e join msp m on m.id = e.msp_id
 where m.n = 1 and e.approved_at is null and e.started_at between '2026-09-01' and '2026-11-01';
select cmp_ok(count(*), '>=', 1::bigint, 'hours noted twice') from (
    select 1 from mesh.time_entry where ticket_id is not null
     group by msp_id, ticket_id, technician_id, started_at, hours having count(*) > 1) x;
select is(count(*), 1::bigint, 'work on a client that had left') from mesh.time_entry e
  join c on c.msp_id = e.msp_id and c.id = e.client_id
      where c.n = 1 and c.i = 41 and e.started_at > c.left_on + 6;
select is(count(*), 1::bigint, 'one technician works without a cost rate')
       from mesh.technician p join msp m on m.id = p.msp_id
 where not exists (select from mesh.cost_rate k
     where k.msp_id = p.msp_id and k.technician_id = p.id and k.effective @> date '2026-11-18');

-- Money.
select bag_eq($$select c.n, c.i, v.period_from from mesh.invoice v
       join c on c.msp_id = v.msp_id and c.id = v.client_id
                 where v.kind = 'agreement' and v.voided_on is null
                   and not exists (select from mesh.invoice k
                       where k.msp_id = v.msp_id and k.credits_invoice_id = v.id)
                 group by c.n, c.i, v.agreement_id, v.period_from having count(*) > 1$$,
              $$values (1, 10, '2026-08-01'::date), (2, 6, '2026-05-01')$$,
              'invoiced twice and never credited');
select bag_eq($$select c.n, c.i, x::date from c join mesh.agreement g on g.msp_id = c.msp_id
       and g.client_id = c.id and g.kind = 'managed'
                 cross join generate_series('2023-12-01'::timestamp, '2026-11-01', '1 month') x
                 where greatest(g.starts_on, c.since) <= x and coalesce(g.ended_on, 'infinity') > x
                   and (g.renewal = 'tacit' or g.ends_on > x)
                   and not exists (select from mesh.invoice v
                       where v.msp_id = g.msp_id and v.agreement_id = g.id
                       and v.period_from = x::date)$$,
              $$values (1, 14, '2026-06-01'::date), (1, 29, '2025-11-01'), (1, 29, '2025-12-01'),
              (5, 7, '2026-09-01')$$,
              'months that were never invoiced');
select is(count(*), 1::bigint, 'one credit memo') from mesh.invoice where kind = 'credit_memo';

-- Licences, contracts, vendors.
select bag_eq($$select c.n, c.i from mesh.licence_position p
       join c on c.msp_id = p.msp_id and c.id = p.client_id where p.over > 0$$,
              $$values (1, 3), (1, 17), (1, 25), (2, 2), (4, 2), (6, 2), (8, 2), (10, 2)$$,
              'over-deployed licences');
select bag_eq($$select c.n, c.i from mesh.licence_position p
       join c on c.msp_id = p.msp_id and c.id = p.client_id
                 where p.unused >= 0.33 * p.assigned$$, $$values (1, 8), (1, 22), (1, 36)$$,
                 'licences a third of which is unused');
create temp table notice as
select m.n, k.number, e.ends, e.ends - k.notice_days as notice_by, k.renewal, k.ends_on
  from mesh.contract k join msp m on m.id = k.msp_id
 cross join lateral (select mesh.term_end(k.starts_on, k.ends_on, k.renewal, k.renewal_months,
     '2026-11-18') as ends) e
 where k.notice_given_on is null and k.ended_on is null;
select bag_eq($$select n, number from notice where renewal = 'tacit' and notice_by < '2026-11-18'
       and ends <= date '2026-11-18' + 60$$,
              $$values (1, 'C-004'), (2, 'C-002')$$, 'notice dates that were missed');
select bag_eq($$select n, number from notice
       where notice_by between '2026-11-18' and '2026-12-02' and n = 1 and renewal = 'tacit'$$,
              $$values (1, 'C-007')$$, 'a notice date within a fortnight');
select bag_eq($$select number::text from notice
       where n = 1 and renewal = 'none' and ends_on < '2026-11-18'$$, $$values ('C-009')$$,
              'an expired contract');
select bag_eq($$select m.n, k.number::text from mesh.contract_sla s
       join mesh.contract k on k.msp_id = s.msp_id and k.id = s.contract_id
                  join msp m on m.id = k.msp_id
                 where s.metric = 'uptime' and s.actual < s.target and s.month >= '2026-07-01'
                 group by 1, 2 having count(*) >= 3$$, $$values (1, 'C-002')$$,
                 'a service level missed for months');
select cmp_ok((select avg(score) from mesh.vendor_performance p join msp m on m.id = p.msp_id
       join mesh.vendor v on v.msp_id = p.msp_id and v.id = p.vendor_id
                where m.n = 1 and v.name = 'Cirrus Vault' and month >= '2026-08-01'), '<',
              (select avg(score) - 15 from mesh.vendor_performance p join msp m on m.id = p.msp_id
                  join mesh.vendor v on v.msp_id = p.msp_id and v.id = p.vendor_id
                where m.n = 1 and v.name = 'Cirrus Vault' and month < '2026-05-01'),
                    'a vendor that gets worse');

-- Projects and spending.
select bag_eq($$select x.name from (
        select p.name, p.estimated_hours, (select sum(hours) from mesh.time_entry e
               where e.msp_id = p.msp_id and e.project_id = p.id) as h
          from mesh.project p join msp m on m.id = p.msp_id where m.n = 1) x
              where x.h > 1.5 * x.estimated_hours$$,
              $$select p.name from mesh.project p join msp m on m.id = p.msp_id
                  where m.n = 1 and p.name ~ ' (3|8|14)$'$$,
              'projects far over their hours');
select bag_eq($$select d.n, d.name from (
        select m.n, p.name, b.month, b.amount, (select sum(e.amount) from mesh.expense e
               where e.msp_id = b.msp_id and e.department_id = b.department_id
                and e.spent_on >= b.month and e.spent_on < b.month + interval '1 month'
                    and e.amount < 40000) as spent
          from mesh.budget b join mesh.department p on p.msp_id = b.msp_id
              and p.id = b.department_id join msp m on m.id = b.msp_id
         where b.month between '2026-09-01' and '2026-10-01') d
        group by 1, 2 having sum(spent) > 1.15 * sum(amount)$$,
              $$values (1, 'Service desk'::mesh.label), (3, 'Sales'), (7, 'Sales')$$,
              'departments that overspend');
select is(count(*), 1::bigint, 'a bill entered twice') from (
    select 1 from mesh.expense where invoice_number is not null group by msp_id, vendor_id,
           invoice_number, amount having count(*) > 1) x;
select is(max(amount), 48700.0000, 'one expense out of line') from mesh.expense;

-- Metrics.
select is(count(*), 5::bigint, 'five hours without traffic')
       from mesh.metric_point p join mesh.metric_series s on s.msp_id = p.msp_id
       and s.id = p.series_id
 where s.name = 'firewall 6 throughput' and p.value = 0 and p.at >= '2026-08-20';
select is(count(*), 3::bigint, 'three at Ferrowick') from mesh.metric_point p
       join mesh.metric_series s on s.msp_id = p.msp_id and s.id = p.series_id
 where s.name = 'link throughput' and p.value = 0 and p.at >= '2026-08-20';
select is(count(*), 0::bigint, 'none at a firewall without a fault')
       from mesh.metric_point p join mesh.metric_series s on s.msp_id = p.msp_id
       and s.id = p.series_id
 where s.name = 'firewall 20 throughput' and p.value = 0;
select is(count(*), 2::bigint, 'two spikes') from mesh.metric_point p
       join mesh.metric_series s on s.msp_id = p.msp_id and s.id = p.series_id
  join msp m on m.id = s.msp_id where m.n = 1 and s.name = 'server 2 cpu' and p.value > 90;
select is(count(*), 12::bigint, 'twelve hours missing')
       from generate_series('2026-08-20 00:00+00'::timestamptz, '2026-11-18 16:00+00', '1 hour') h
 where not exists (select from mesh.metric_point p join mesh.metric_series s on s.msp_id = p.msp_id
     and s.id = p.series_id
                    where s.name = 'server 13 disk' and p.at = h);

-- Evidence, policies, assets, threats.
create temp table evidence as
select distinct on (e.msp_id, e.client_id, e.kind) c.n, c.i, e.kind, e.outcome, e.valid_until
  from mesh.control_evidence e join c on c.msp_id = e.msp_id and c.id = e.client_id
 order by e.msp_id, e.client_id, e.kind, e.collected_at desc;
select bag_eq($$select i, kind from evidence where n = 1 and valid_until < '2026-11-18'$$,
              $$values (2, 'restore_test'), (15, 'access_review'), (24, 'mfa')$$,
              'evidence that expired');
select bag_eq($$select n, i from evidence where outcome = 'fail'$$, $$values (1, 16)$$,
       'backups that fail');
select bag_eq($$select c.i from c where n = 1 and status = 'active' and not exists (select
       from mesh.control_evidence e where e.msp_id = c.msp_id and e.client_id = c.id)$$,
              $$values (39), (40)$$, 'no evidence at all');
select is(count(*), 2::bigint, 'policies nobody reviewed') from mesh.policy
       where review_due_on < '2026-11-18' and retired_on is null;
select bag_eq($$select c.n, c.i from mesh.asset a join c on c.msp_id = a.msp_id
       and c.id = a.client_id join mesh.software s on s.msp_id = a.msp_id and s.asset_id = a.id
                 where a.exposed and a.retired_on is null and (s.product,
                     s.version) in (('FortiOS', '7.0.6'), ('MOVEit Transfer', '2022.0.4'),
                     ('ScreenConnect', '23.9.7'), ('Exchange Server', '2016 CU22'))$$,
              $$values (1, 6), (1, 18), (1, 27), (2, 2)$$, 'old software open to the internet');
select bag_eq($$select distinct c.n, c.i from mesh.asset a join c on c.msp_id = a.msp_id
       and c.id = a.client_id
                 where a.kind = 'server' and a.retired_on is null and a.patched_at < '2026-08-20'$$,
                 $$values (1, 13), (1, 30)$$, 'servers without patches');
select is(count(distinct msp_id), 7::bigint, 'seven saw the same campaign') from mesh.sighting
       where indicator_sha256 = pg_catalog.sha256('login-portal-update.example');
select is(count(distinct msp_id), 3::bigint, 'three saw another') from mesh.sighting
       where indicator_sha256 = pg_catalog.sha256('quarterly-forms.example');
select is_empty($$select 1 from mesh.sighting s join msp m on m.id = s.msp_id
       where not m.network_opt_in
                  union all select 1 from mesh.partner_profile p join msp m on m.id = p.msp_id
                      where not m.network_opt_in and p.opted_in_at is not null$$,
                'who did not opt in shares nothing');
select is(count(*), 2::bigint, 'two open CRITICAL threats') from mesh.threat
       where state = 'open' and severity = 'CRITICAL';
select * from finish();
rollback;
