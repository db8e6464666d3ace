-- The core tables, and the rows they refuse.
\pset format unaligned
\pset tuples_only on
set client_min_messages = warning;
begin;
create extension if not exists pgtap with schema public;
set local search_path = public, pg_catalog;
set local timezone = 'UTC';
select no_plan();

select has_table('mesh', t, t)
  from unnest('{technician,technician_skill,shift,absence,cost_rate,client,client_seats,
        review_meeting,vendor,vendor_performance,contract,contract_sla,agreement,addition,project,
        project_assignment,sla_target,ticket,ticket_event,satisfaction,time_entry,invoice,
        invoice_line,payment,asset,software,licence,licence_assignment,licence_usage,
        metric_series,metric_point,lead,lead_activity,proposal,proposal_item,department,
        spending_category,budget,expense,policy,control_evidence,control_assessment,
        partner_profile,opportunity,threat,sighting,client_health_score}'::text[]) t;
select is_empty($$select c.relname, a.attname from pg_attribute a
       join pg_class c on c.oid = a.attrelid
                   where c.relnamespace = 'mesh'::regnamespace and c.relkind in ('r', 'p')
                       and a.attnum > 0
                     and a.attname in ('id', 'client_id', 'msp_id')
                         and a.atttypid <> 'uuid'::regtype
                     and c.relname not in ('api_key')$$, 'ids are uuids');
select is_empty($$select c.relname, a.attname from pg_attribute a
       join pg_class c on c.oid = a.attrelid
                   where c.relnamespace = 'mesh'::regnamespace and c.relkind in ('r', 'p')
                       and not c.relispartition
                     and a.attnum > 0 and a.atttypid = 'timestamp'::regtype$$,
                     'no time is without its zone');
select is_empty($$select c.relname, a.attname from pg_attribute a
       join pg_class c on c.oid = a.attrelid
                   where c.relnamespace = 'mesh'::regnamespace and c.relkind in ('r', 'p')
                       and not c.relispartition
                     and a.attnum > 0 and a.attname = 'client_id' and a.attgenerated = ''
                     and c.relname not in ('event', 'agent_result', 'job', 'app_user', 'api_key')
                     and not exists (select from pg_constraint k
                         where k.contype = 'f' and k.conrelid = c.oid
                                        and a.attnum = any (k.conkey))$$,
                                            'a client_id refers to something');
select is_empty($$select k.conrelid::regclass, k.conname from pg_constraint k
                   where k.contype = 'f' and k.connamespace = 'mesh'::regnamespace
                       and not k.convalidated$$,
                'every reference is checked');
-- Terms: what renews by itself ends later than it says.
select is(mesh.term_end(s, e, r, m, d), w, n) from (values
    ('2023-03-01'::date, '2024-03-01'::date, 'tacit', 12, '2024-02-29'::date, '2024-03-01'::date,
        'a term that runs ends where it says'),
    ('2023-03-01', '2024-03-01', 'tacit', 12, '2024-03-01', '2025-03-01',
        'on that day the next has begun'),
    ('2023-03-01', '2024-03-01', 'tacit', 12, '2026-11-18', '2027-03-01', 'and the next'),
    ('2023-03-01', '2024-03-01', 'manual', 12, '2026-11-18', '2024-03-01',
        'nothing renews by hand alone'),
    ('2023-03-01', '2024-03-01', 'none', null, '2026-11-18', '2024-03-01', 'nor without a renewal'),
    ('2023-03-01', null, 'tacit', 12, '2026-11-18', null, 'what has no end has none'),
    ('2024-01-31', '2024-07-31', 'tacit', 1, '2025-02-28', '2025-03-31',
        'the end of a month stays the end of a month'),
    ('2020-02-29', '2024-02-29', 'tacit', 12, '2025-03-01', '2026-02-28',
        'a leap day gives way')) v (s, e, r, m, d, w, n);

create temp table t as
select m.id as m, c.id as c, g.id as g, (select id from mesh.technician
       where msp_id = m.id limit 1) as tech,
       (select id from mesh.vendor where msp_id = m.id limit 1) as v,
       (select id from mesh.ticket where msp_id = m.id and client_id = c.id limit 1) as k
  from mesh.msp m join mesh.client c on c.msp_id = m.id join mesh.agreement g on g.msp_id = m.id
      and g.client_id = c.id
 where m.name = 'Northgate IT Services' and c.status = 'active' limit 1;

-- More may be assigned than owned.
select lives_ok($$with l as (insert into mesh.licence (id, msp_id, client_id, vendor_id, product,
       metric, owned, monthly_cost,
                                                       currency, starts_on)
                             select gen_random_uuid(), m, c, v, 'Fixture', 'user', 1, 5, 'USD',
                                    '2020-01-01' from t returning *)
                  select 1 from l$$, 'a licence for one');
select lives_ok($$insert into mesh.licence_assignment (id, msp_id, client_id, licence_id,
       assignee_kind, assignee, assigned_on)
                  select gen_random_uuid(), l.msp_id, l.client_id, l.id, 'user', 'user' || k,
                         '2020-02-01'
                    from mesh.licence l, generate_series(1, 3) k
                        where l.product = 'Fixture'$$, 'is assigned to three');
select is(over, 2, 'which is two too many') from mesh.licence_position where product = 'Fixture';
select is(unused, 3, 'and nobody uses it') from mesh.licence_position where product = 'Fixture';
select throws_ok($$insert into mesh.licence_assignment (id, msp_id, client_id, licence_id,
       assignee_kind, assignee, assigned_on)
                   select gen_random_uuid(), msp_id, client_id, id, 'user', 'user1', '2020-03-01'
                          from mesh.licence
                    where product = 'Fixture'$$, '23505', null,
                    'nobody has the same licence twice at a time');

-- Cost rates: from a day on, until the day before the next.
delete from mesh.cost_rate where (msp_id, technician_id) in (select m, tech from t);
prepare rate(daterange) as insert into mesh.cost_rate (id, msp_id, technician_id, effective,
    hourly_cost, currency)
    select gen_random_uuid(), m, tech, $1, 40, 'USD' from t;
select lives_ok($$execute rate('[2020-01-01,2021-01-01)')$$, 'a rate for a year');
select lives_ok($$execute rate('[2021-01-01,)')$$, 'the next begins on the day it ends');
select throws_ok($$execute rate('[2020-12-31,2021-01-01)')$$, '23P01', null,
       'two rates on one day are refused');
select throws_ok($$execute rate('(,2019-01-01)')$$, '23514', null, 'a rate begins some day');
select throws_ok($$execute rate('empty')$$, '23514', null, 'and holds at least a day');

select throws_ok(q, code, null, name) from (values
    ('23514', 'a negative quantity is refused', $$insert into mesh.addition (id, msp_id, client_id,
        agreement_id, product, category, quantity, unit_price, effective_on)
        select gen_random_uuid(), m, c, g, 'x', 'other', -1, 1, '2020-01-01' from t$$),
    ('23514', 'an addition that ended says why', $$insert into mesh.addition (id, msp_id, client_id,
        agreement_id, product, category, quantity, unit_price, effective_on, cancelled_on)
        select gen_random_uuid(), m, c, g, 'x', 'other', 1, 1, '2020-01-01', '2020-02-01' from t$$),
    ('23514', 'and did not end before it began', $$insert into mesh.addition (id, msp_id, client_id,
        agreement_id, product, category, quantity, unit_price, effective_on, cancelled_on,
        end_reason) select gen_random_uuid(), m, c, g, 'x', 'other', 1, 1, '2020-01-01',
        '2020-01-01', 'cancelled' from t$$),
    ('23514', 'seats are not negative', $$insert into mesh.client_seats
        select m, c, '2001-01-01', -1 from t$$),
    ('23514', 'who left has a day for it', $$update mesh.client set status = 'left'
        where id = (select c from t)$$),
    ('23514', 'a reason to leave needs a departure', $$update mesh.client set left_reason = 'price'
        where id = (select c from t)$$),
    ('23514', 'a score is at most ten', $$insert into mesh.satisfaction (id, msp_id, client_id,
        score, answered_at) select gen_random_uuid(), m, c, 11, now() from t$$),
    ('23514', 'hours are not negative', $$insert into mesh.time_entry (id, msp_id, client_id,
        technician_id, started_at, hours, work) select gen_random_uuid(), m, c, tech, now(), -1,
        'support' from t$$),
    ('23514', 'only a client''s hours are billed', $$insert into mesh.time_entry (id, msp_id,
        technician_id, started_at, hours, work, billable) select gen_random_uuid(), m, tech, now(),
        1, 'admin', true from t$$),
    ('23514', 'a skill has a level from one to five', $$insert into mesh.technician_skill
        select m, tech, 'x', 6 from t$$),
    ('23514', 'a ticket is not answered before it is made',
        $$update mesh.ticket set responded_at = created_at - interval '1 second'
        where id = (select k from t)$$),
    ('23514', 'what is closed was resolved', $$update mesh.ticket set resolved_at = null
        where id = (select id from mesh.ticket where state = 'closed' limit 1)$$),
    ('23514', 'a credit memo takes back', $$insert into mesh.invoice (id, msp_id, client_id, number,
        kind, issued_on, due_on, total, currency) select gen_random_uuid(), m, c, 'x', 'credit_memo',
        '2020-01-01', '2020-01-01', 5, 'USD' from t$$),
    ('23514', 'and nothing else does', $$insert into mesh.invoice (id, msp_id, client_id, number,
        kind, issued_on, due_on, total, currency) select gen_random_uuid(), m, c, 'x', 'time',
        '2020-01-01', '2020-01-01', -5, 'USD' from t$$),
    ('23514', 'an agreement''s invoice says for when', $$insert into mesh.invoice (id, msp_id,
        client_id, agreement_id, number, kind, issued_on, due_on, total, currency)
        select gen_random_uuid(), m, c, g, 'x', 'agreement', '2020-01-01', '2020-01-01', 5, 'USD'
        from t$$),
    ('23514', 'a payment is more than nothing', $$insert into mesh.payment (id, msp_id, client_id,
        invoice_id, received_on, amount, currency) select gen_random_uuid(), msp_id, client_id, id,
        '2026-01-01', 0, 'USD' from mesh.invoice limit 1$$),
    ('23514', 'currencies have three letters', $$update mesh.client set currency = 'dollars'
        where id = (select c from t)$$),
    ('23514', 'a tacit renewal says for how long', $$update mesh.agreement set renewal_months = null,
        ends_on = coalesce(ends_on, '2030-01-01') where id = (select g from t)$$),
    ('23514', 'a threat that ended has an end', $$update mesh.threat set state = 'mitigated'
        where id = (select id from mesh.threat where state = 'open' limit 1)$$),
    ('23514', 'a value is a number that can be summed', $$insert into mesh.metric_point
        select msp_id, client_id, id, '2026-01-01 00:01+00', 'NaN'
        from mesh.metric_series limit 1$$),
    ('23514', 'a month begins on its first', $$insert into mesh.budget
        select msp_id, id, '2026-01-02', 5, 'USD' from mesh.department limit 1$$),
    ('23514', 'an internal project has no client', $$insert into mesh.project (id, msp_id, client_id,
        name, kind, starts_on, currency) select gen_random_uuid(), m, c, 'x', 'internal',
        '2020-01-01', 'USD' from t$$),
    ('23P01', 'nobody works two shifts at once', $$insert into mesh.shift
        select gen_random_uuid(), msp_id, technician_id, starts_at + interval '1 minute', ends_at,
        false from mesh.shift limit 1$$),
    ('23505', 'one set of targets holds for a priority', $$insert into mesh.sla_target (id, msp_id,
        client_id, priority, respond_within, resolve_within)
        select gen_random_uuid(), m, null, 'high', '1 hour', '2 hours' from t$$),
    ('23503', 'no ticket is of no client', $$insert into mesh.satisfaction (id, msp_id, client_id,
        score, answered_at) select gen_random_uuid(), m, gen_random_uuid(), 5, now() from t$$))
    v (code, name, q);
-- The same text reported twice is one threat while it is open.
prepare report as insert into mesh.threat (id, msp_id, client_id, title, threat_type, severity,
    text_sha256)
    select gen_random_uuid(), m, null, 'x', 'phishing', 'LOW', pg_catalog.sha256('same') from t;
select lives_ok('execute report', 'a report');
select throws_ok('execute report', '23505', null,
       'a second one of the same text waits for the first to end');
update mesh.threat set state = 'mitigated', ended_at = now()
    where text_sha256 = pg_catalog.sha256('same');
select lives_ok('execute report', 'after that it is new');
select * from finish();
rollback;
