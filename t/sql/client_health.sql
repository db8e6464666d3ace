-- What was known of a client on a day, against sums done by hand.
\pset format unaligned
\pset tuples_only on
set client_min_messages = warning;
begin;
create extension if not exists pgtap with schema public;
set local search_path = public, pg_catalog;
set local timezone = 'UTC';
select no_plan();

create temp table t as
select '0b000000-0000-8000-8000-000000000001'::uuid as m,
       '0b000000-0000-8000-8000-00000000000c'::uuid as c,
       '0b000000-0000-8000-8000-00000000000d'::uuid as d,
       '0b000000-0000-8000-8000-00000000000a'::uuid as a,
       '0b000000-0000-8000-8000-00000000000e'::uuid as tech;
create function pg_temp.n(n int) returns uuid language sql immutable
    return format('0b000000-0000-8000-8000-%s', lpad(n::text, 12, '0'))::uuid;

insert into mesh.msp (id, name) select m, 'Fixture' from t;
insert into mesh.technician (id, msp_id, name, hired_on, currency)
    select tech, m, 'Someone', '2019-01-01', 'USD' from t;
insert into mesh.client (id, msp_id, name, status, since, left_on, seats, sites, currency)
select c, m, 'Leaves later', 'left', date '2019-07-01', date '2020-12-01', 10, 2, 'USD' from t
 union all select d, m, 'Just came', 'active', '2020-06-01', null, 7, 1, 'USD' from t;
insert into mesh.client_seats select m, c, v.* from t,
    (values ('2019-07-01'::date, 40), ('2020-02-01', 30), ('2020-07-01', 10)) v;
insert into mesh.agreement (id, msp_id, client_id, name, kind, starts_on, ends_on, renewal,
                            renewal_months, ended_on, monthly_amount, currency, included_hours)
select a, m, c, 'Managed', 'managed', '2019-07-01', '2020-07-01', 'tacit', 12, '2020-12-01', 1000,
       'USD', 10 from t;
insert into mesh.addition (id, msp_id, client_id, agreement_id, product, category, quantity,
                           unit_price, effective_on, cancelled_on, end_reason)
select pg_temp.n(100 + v.k), m, c, a, v.product, 'other', v.q, v.p, v.f, v.u, v.r from t, (values
    (1, 'Seat', 40, 10, '2019-07-01'::date, '2020-02-01'::date, 'replaced'),
    (2, 'Seat', 30, 10, '2020-02-01', null, null),
    (3, 'Backup', 1, 100, '2019-07-01', '2020-06-01', 'cancelled'),
    (4, 'Mail filter', 30, 2, '2019-07-01', '2020-09-01', 'cancelled'),
    (5, 'Too late', 1, 999, '2020-07-01', null, null)) v (k, product, q, p, f, u, r);
insert into mesh.ticket (id, msp_id, client_id, number, subject, category, priority, state,
                         created_at, respond_by, resolve_by, responded_at, resolved_at, closed_at,
                         paused)
select pg_temp.n(200 + v.k), m, c, v.k, 'x', 'x', v.p, 'closed', v.made::timestamptz,
       v.rb::timestamptz, v.eb::timestamptz,
       v.r::timestamptz, v.e::timestamptz, v.e::timestamptz, v.z::interval from t, (values
    (1, 'high', '2020-06-10 08:00', '2020-06-10 09:00', '2020-06-11 08:00', '2020-06-10 08:30',
        '2020-06-10 18:00', '2 hours'),
    (2, 'medium', '2020-05-20 08:00', '2020-05-20 12:00', '2020-05-23 08:00', '2020-05-20 10:00',
        '2020-05-24 08:00', '0'),
    (3, 'low', '2020-05-01 08:00', '2020-05-01 16:00', '2020-05-06 08:00', '2020-05-01 12:00',
        '2020-05-02 08:00', '0'),
    (4, 'low', '2020-03-01 08:00', '2020-03-01 16:00', '2020-03-06 08:00', '2020-03-01 08:15',
        '2020-04-10 08:00', '0'),
    (5, 'critical', '2020-06-30 23:00', '2020-06-30 23:30', '2020-07-01 07:00', '2020-07-01 00:00',
        '2020-07-02 08:00', '0'),
    (6, 'critical', '2020-07-01 00:00', '2020-07-01 00:30', '2020-07-01 08:00', '2020-07-01 00:10',
        '2020-07-01 01:00', '0'))
    v (k, p, made, rb, eb, r, e, z);
insert into mesh.ticket_event (msp_id, client_id, ticket_id, at, kind)
select m, c, pg_temp.n(203), timestamptz '2020-05-03 08:00', 'reopened' from t
 union all select m, c, pg_temp.n(201), '2020-07-03 08:00', 'reopened' from t;
insert into mesh.satisfaction (id, msp_id, client_id, score, answered_at)
select pg_temp.n(300 + v.k), m, c, v.s, v.at::timestamptz from t, (values
    (1, 8, '2020-06-15 10:00'), (2, 6, '2020-05-01 10:00'), (3, 9, '2020-02-01 10:00'),
        (4, 2, '2019-12-01 10:00'),
    (5, 1, '2020-07-01 00:00')) v (k, s, at);
insert into mesh.review_meeting (id, msp_id, client_id, planned_at, held_at, state)
select pg_temp.n(400 + v.k), m, c, v.at::timestamptz, case v.state
       when 'held' then v.at::timestamptz end, v.state from t, (values
    (1, '2020-05-02 10:00', 'held'), (2, '2020-06-02 10:00', 'skipped'),
        (3, '2020-07-02 10:00', 'held')) v (k, at, state);
insert into mesh.invoice (id, msp_id, client_id, number, kind, credits_invoice_id, issued_on,
                          due_on, total, currency, voided_on)
select pg_temp.n(500 + v.k), m, c, 'I' || v.k, v.kind, case when v.kind = 'credit_memo'
       then pg_temp.n(504) end,
       v.at::date, v.due::date, v.total, 'USD', v.void::date from t, (values
    (1, 'time', '2020-05-01', '2020-05-31', 100, null), (2, 'time', '2020-05-11', '2020-06-10', 100,
        null),
    (3, 'time', '2020-05-22', '2020-06-21', 100, null), (4, 'time', '2020-05-16', '2020-06-15', 50,
        null),
    (5, 'time', '2020-05-16', '2020-06-15', 50, '2020-06-01'),
        (6, 'time', '2020-06-10', '2020-07-10', 50, null),
    (7, 'credit_memo', '2020-06-16', '2020-06-16', -50, null)) v (k, kind, at, due, total, void);
insert into mesh.payment (id, msp_id, client_id, invoice_id, received_on, amount, currency)
select pg_temp.n(600 + v.k), m, c, pg_temp.n(500 + v.i), v.at::date, v.sum, 'USD' from t, (values
    (1, 1, '2020-05-20', 100), (2, 2, '2020-06-05', 60), (3, 2, '2020-06-20', 40),
        (4, 3, '2020-07-05', 100)) v (k, i, at, sum);
insert into mesh.time_entry (id, msp_id, client_id, technician_id, agreement_id, started_at, hours,
                             work)
select pg_temp.n(700 + v.k), m, c, tech, a, v.at::timestamptz, v.h, 'support' from t, (values
    (1, '2020-06-01 08:00', 20), (2, '2020-04-10 08:00', 12), (3, '2020-07-01 00:00', 9),
        (4, '2020-03-01 08:00', 9)) v (k, at, h);

create temp table f as select g.* from t, mesh.client_health_features('2020-07-01', t.c) g;
select is(count(*), 1::bigint, 'one client is asked for, one row comes') from f;
select is(seats, 30, 'seats as they were before the day') from f;
select is(sites, 2, 'sites') from f;
select is(since, '2019-07-01', 'since') from f;
select is(renewal_on, '2021-07-01', 'the term that ended that day has renewed by itself') from f;
select is(currency, 'USD', 'currency') from f;
select is(monthly_revenue, 1360::float8,
       'base, thirty seats and a mail filter whose end is still to come') from f;
select is(round(tenure_months::numeric, 4), 12.0246, 'tenure_months') from f;
select is(seats_change_180d, -0.25::float8, 'seats_change_180d') from f;
select is(round(revenue_change_180d::numeric, 6), -0.128205, 'revenue_change_180d') from f;
select is(round(tickets_per_seat_90d::numeric, 6), 0.133333, 'tickets_per_seat_90d') from f;
select is(tickets_30d, 2::float8, 'tickets_30d') from f;
select is(resolution_hours_90d, 60::float8, 'resolution_hours_90d is a median without the pauses')
       from f;
select is(first_response_hours_90d, 2::float8, 'first_response_hours_90d') from f;
select is(sla_missed_share_90d, 0.5::float8, 'sla_missed_share_90d') from f;
select is(urgent_tickets_60d, 2::float8, 'urgent_tickets_60d') from f;
select is(reopened_share_90d, 0.25::float8, 'reopened_share_90d') from f;
select is(satisfaction_90d, 7::float8, 'satisfaction_90d') from f;
select is(satisfaction_change_180d, -2::float8, 'satisfaction_change_180d') from f;
select is(days_since_review, 60::float8, 'days_since_review: skipped and coming ones do not count')
       from f;
select is(invoices_late_share_180d, 0.5::float8,
       'invoices_late_share_180d: neither voided nor credited ones') from f;
select is(days_late_180d, 5::float8, 'days_late_180d') from f;
select is(additions_cancelled_180d, 1::float8,
       'additions_cancelled_180d: a replaced one was not given up') from f;
select is(days_to_renewal, 365::float8, 'days_to_renewal') from f;
select is(round(hours_over_included_90d::numeric, 6), 0.082222, 'hours_over_included_90d') from f;

-- A client of a month: what is not known is null.
create temp table g as select h.* from t, mesh.client_health_features('2020-07-01', t.d) h;
select is(seats, null, 'seats of the future are not told') from g;
select is(tickets_30d, 0::float8, 'no tickets are none') from g;
select ok(seats_change_180d is null and revenue_change_180d is null and resolution_hours_90d is null
          and satisfaction_90d is null and days_since_review is null
              and invoices_late_share_180d is null
          and days_to_renewal is null and hours_over_included_90d is null,
          'what is not known is null') from g;
select is((select h.seats from t, mesh.client_health_features('2026-11-18', t.d) h), 7,
          'today''s seats are known from the client itself');

-- What comes later changes nothing.
delete from mesh.payment where id = pg_temp.n(604);
delete from mesh.satisfaction where id = pg_temp.n(305);
delete from mesh.review_meeting where id = pg_temp.n(403);
delete from mesh.ticket_event where ticket_id = pg_temp.n(201);
delete from mesh.ticket where id = pg_temp.n(206);
delete from mesh.addition where id = pg_temp.n(105);
update mesh.ticket set state = 'open', responded_at = null, resolved_at = null, closed_at = null
    where id = pg_temp.n(205);
update mesh.agreement set ended_on = null where id = (select a from t);
update mesh.addition set cancelled_on = null, end_reason = null where id = pg_temp.n(104);
delete from mesh.time_entry where id = pg_temp.n(703);
select results_eq('select g.* from t, mesh.client_health_features(''2020-07-01'', t.c) g',
       'select * from f',
                  'the features of a day do not know what comes after it');

select is_empty('select g.* from t, mesh.client_health_features(''2020-12-01'', t.c) g',
       'who has left has no row');
select is_empty('select g.* from t, mesh.client_health_features(''2019-06-30'', t.c) g',
       'nor who has not come yet');
select results_eq('select h.as_of, h.left_within_90d from mesh.client_health_history() h, t
                    where h.client_id = t.c and h.as_of > ''2024-01-01''', 'select null::date,
                    null::boolean where false',
                  'the history ends where the client left');

-- As the module sees it: from half a year after the first ticket of this tenant.
create function pg_temp.history() returns table (as_of date, gone boolean) language plpgsql as $$
begin
    perform set_config('mesh.msp_id', (select m::text from t), true);
    perform set_config('mesh.client_id', '', true);
    perform set_config('role', 'mesh_app', true);
    return query select h.as_of, h.left_within_90d from mesh.client_health_history() h
                  where h.client_id = '0b000000-0000-8000-8000-00000000000c' order by 1;
    perform set_config('role', 'none', true);
end
$$;
select results_eq('select * from pg_temp.history()',
                  $$values ('2020-09-01'::date, false), ('2020-10-01', true),
                  ('2020-11-01', true)$$,
                  'the history says who was gone 90 days later');

select throws_ok($$insert into mesh.client_health_score (msp_id, client_id, scored_on,
       churn_probability, health_score)
                   select m, c, '2020-07-01', 1.2, 50 from t$$, '23514', null,
                          'a probability is at most one');
select * from finish();
rollback;
