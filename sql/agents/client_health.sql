-- The client-health agent: what is known of a client on a day, and how that
-- looked in the past, from which a model learns who leaves.

set role mesh_owner;

-- select * from mesh.client_health_features('2026-11-18');  -- a row a client
-- What was known at the start of a day of each client active on it, or of one.
-- Only what is dated before that day counts, the ends of agreements and
-- additions included: a model that saw the future would be worth nothing.
-- Null means not known, never zero.  A ticket counts for speed and service
-- level when it is resolved, in the window it is resolved in; paused time does
-- not count.  Days begin at midnight UTC.
create function mesh.client_health_features(as_of date, one_client uuid default null)
    returns table (client_id uuid, name text, industry text, seats int, sites int, since date,
                   renewal_on date, currency text, monthly_revenue double precision,
                   tenure_months double precision, seats_change_180d double precision,
                   revenue_change_180d double precision, tickets_per_seat_90d double precision,
                   tickets_30d double precision, resolution_hours_90d double precision,
                   first_response_hours_90d double precision,
                   sla_missed_share_90d double precision, urgent_tickets_60d double precision,
                   reopened_share_90d double precision, satisfaction_90d double precision,
                   satisfaction_change_180d double precision, days_since_review double precision,
                   invoices_late_share_180d double precision, days_late_180d double precision,
                   additions_cancelled_180d double precision, days_to_renewal double precision,
                   hours_over_included_90d double precision)
    language sql stable parallel safe
as $$
    select c.id, c.name::text, c.industry, seat.now, c.sites, c.since,
           agreed.renewal_on, c.currency::text, agreed.revenue,
           (as_of - c.since) / 30.4375::float8,
           seat.now / nullif(seat.before, 0)::float8 - 1,
           case when c.since <= as_of - 180
                then agreed.revenue / nullif(agreed.revenue_before, 0) - 1 end,
           opened.n90 / nullif(seat.now, 0)::float8,
           opened.n30::float8,
           solved.hours,
           answered.hours,
           solved.missed,
           opened.urgent60::float8,
           solved.reopened,
           mood.now,
           mood.now - mood.before,
           (as_of - review.held_on)::float8,
           paid.late_share,
           paid.days_late,
           agreed.cancelled::float8,
           (agreed.renewal_on - as_of)::float8,
           worked.over
      from mesh.client c
     cross join lateral (
        select as_of::timestamp at time zone 'UTC' as now) t
     cross join lateral (
        select coalesce(
                   (select s.seats from mesh.client_seats s
                     where s.msp_id = c.msp_id and s.client_id = c.id and s.since < as_of
                     order by s.since desc limit 1),
                   case when as_of >= mesh.today() then c.seats end) as now,
               (select s.seats from mesh.client_seats s
                 where s.msp_id = c.msp_id and s.client_id = c.id and s.since < as_of - 180
                 order by s.since desc limit 1) as before) seat
     cross join lateral (
        select sum(a.amount) filter (where a.holds)::float8 as revenue,
               sum(a.amount_before) filter (where a.held)::float8 as revenue_before,
               sum(a.cancelled) as cancelled,
               min(a.ends) filter (where a.holds and a.ends > as_of) as renewal_on
          from (select e.ends,
                       g.starts_on < as_of and coalesce(g.ended_on >= as_of, true)
                           and coalesce(e.ends >= as_of, true) as holds,
                       g.starts_on < as_of - 180 and coalesce(g.ended_on >= as_of - 180, true)
                           and coalesce(e.ends >= as_of - 180, true) as held,
                       g.monthly_amount + d.amount as amount,
                       g.monthly_amount + d.amount_before as amount_before,
                       d.cancelled
                  from mesh.agreement g
                 cross join lateral (
                    select mesh.term_end(g.starts_on, g.ends_on, g.renewal, g.renewal_months, as_of)
                        as ends) e
                 cross join lateral (
                    select coalesce(sum(x.quantity * x.unit_price) filter (
                               where x.effective_on < as_of
                                 and coalesce(x.cancelled_on >= as_of, true)), 0) as amount,
                           coalesce(sum(x.quantity * x.unit_price) filter (
                               where x.effective_on < as_of - 180
                                 and coalesce(x.cancelled_on >= as_of - 180, true)), 0)
                               as amount_before,
                           count(*) filter (where x.end_reason = 'cancelled'
                                              and x.cancelled_on < as_of
                                              and x.cancelled_on >= as_of - 180) as cancelled
                      from mesh.addition x
                     where x.msp_id = g.msp_id and x.agreement_id = g.id
                       and x.effective_on < as_of) d
                 where g.msp_id = c.msp_id and g.client_id = c.id and g.starts_on < as_of
                   and g.currency = c.currency) a) agreed
     cross join lateral (
        select count(*) as n90,
               count(*) filter (where k.created_at >= t.now - interval '30 days') as n30,
               count(*) filter (where k.created_at >= t.now - interval '60 days'
                                  and k.priority in ('critical', 'high')) as urgent60
          from mesh.ticket k
         where k.msp_id = c.msp_id and k.client_id = c.id
           and k.created_at >= t.now - interval '90 days' and k.created_at < t.now) opened
     cross join lateral (
        select percentile_cont(0.5) within group (order by
                   extract(epoch from k.resolved_at - k.created_at - k.paused)::float8 / 3600)
                   as hours,
               avg((coalesce(k.responded_at, k.resolved_at) > k.respond_by
                    or k.resolved_at - k.paused > k.resolve_by)::int)::float8 as missed,
               avg((r.ticket_id is not null)::int)::float8 as reopened
          from mesh.ticket k
          left join (
                select distinct v.ticket_id
                  from mesh.ticket_event v
                 where v.msp_id = c.msp_id and v.client_id = c.id and v.kind = 'reopened'
                   and v.at >= t.now - interval '90 days' and v.at < t.now) r
            on r.ticket_id = k.id
         where k.msp_id = c.msp_id and k.client_id = c.id
           and k.resolved_at >= t.now - interval '90 days' and k.resolved_at < t.now) solved
     cross join lateral (
        select percentile_cont(0.5) within group (order by
                   extract(epoch from k.responded_at - k.created_at)::float8 / 3600) as hours
          from mesh.ticket k
         where k.msp_id = c.msp_id and k.client_id = c.id
           and k.responded_at >= t.now - interval '90 days' and k.responded_at < t.now) answered
     cross join lateral (
        select avg(s.score) filter (where s.answered_at >= t.now - interval '90 days')::float8
                   as now,
               avg(s.score) filter (where s.answered_at < t.now - interval '90 days')::float8
                   as before
          from mesh.satisfaction s
         where s.msp_id = c.msp_id and s.client_id = c.id
           and s.answered_at >= t.now - interval '180 days' and s.answered_at < t.now) mood
     cross join lateral (
        select max((m.held_at at time zone 'UTC')::date) as held_on
          from mesh.review_meeting m
         where m.msp_id = c.msp_id and m.client_id = c.id and m.held_at < t.now) review
     cross join lateral (
        select avg((i.days > 0)::int)::float8 as late_share, avg(i.days)::float8 as days_late
          from (select greatest(case when p.paid >= v.total + v.tax - p.credited
                                     then p.last_on else as_of end - v.due_on, 0) as days
                  from mesh.invoice v
                 cross join lateral (
                    select (select coalesce(sum(y.amount), 0) from mesh.payment y
                             where y.msp_id = v.msp_id and y.invoice_id = v.id
                               and y.received_on < as_of) as paid,
                           (select coalesce(max(y.received_on), v.due_on) from mesh.payment y
                             where y.msp_id = v.msp_id and y.invoice_id = v.id
                               and y.received_on < as_of) as last_on,
                           (select coalesce(-sum(m.total + m.tax), 0) from mesh.invoice m
                             where m.msp_id = v.msp_id and m.credits_invoice_id = v.id
                               and m.issued_on < as_of) as credited) p
                 where v.msp_id = c.msp_id and v.client_id = c.id and v.kind <> 'credit_memo'
                   and v.due_on >= as_of - 180 and v.due_on < as_of
                   and coalesce(v.voided_on >= as_of, true)) i) paid
     cross join lateral (
        select sum(h.hours)::float8 / nullif(sum(h.included), 0)::float8 - 1 as over
          from (select g.included_hours * (as_of - greatest(g.starts_on, as_of - 90))
                           / 30.4375 as included,
                       (select coalesce(sum(e.hours), 0) from mesh.time_entry e
                         where e.msp_id = g.msp_id and e.agreement_id = g.id
                           and e.started_at >= t.now - interval '90 days'
                           and e.started_at < t.now) as hours
                  from mesh.agreement g
                 where g.msp_id = c.msp_id and g.client_id = c.id
                   and g.included_hours is not null and g.starts_on < as_of
                   and coalesce(g.ended_on >= as_of, true)) h) worked
     where c.since <= as_of and coalesce(c.left_on > as_of, true)
       and c.status not in ('prospect')
       and (one_client is null or c.id = one_client)
$$;

-- select * from mesh.client_health_history();  -- a row a client and month
-- What was known in the past, and whether the client was gone 90 days later:
-- from half a year after the first ticket until 90 days ago, when the last
-- answers are in.
create function mesh.client_health_history(step interval default '1 month')
    returns table (client_id uuid, as_of date,
                   tenure_months double precision, seats_change_180d double precision,
                   revenue_change_180d double precision, tickets_per_seat_90d double precision,
                   tickets_30d double precision, resolution_hours_90d double precision,
                   first_response_hours_90d double precision,
                   sla_missed_share_90d double precision, urgent_tickets_60d double precision,
                   reopened_share_90d double precision, satisfaction_90d double precision,
                   satisfaction_change_180d double precision, days_since_review double precision,
                   invoices_late_share_180d double precision, days_late_180d double precision,
                   additions_cancelled_180d double precision, days_to_renewal double precision,
                   hours_over_included_90d double precision,
                   left_within_90d boolean)
    language sql stable parallel safe
as $$
    select f.client_id, d.as_of,
           f.tenure_months, f.seats_change_180d, f.revenue_change_180d, f.tickets_per_seat_90d,
           f.tickets_30d, f.resolution_hours_90d, f.first_response_hours_90d,
           f.sla_missed_share_90d, f.urgent_tickets_60d, f.reopened_share_90d,
           f.satisfaction_90d, f.satisfaction_change_180d, f.days_since_review,
           f.invoices_late_share_180d, f.days_late_180d, f.additions_cancelled_180d,
           f.days_to_renewal, f.hours_over_included_90d,
           coalesce(c.left_on <= d.as_of + 90, false)
      from (select s::date as as_of
              from (select ((min(created_at) at time zone 'UTC')::date + interval '6 months')
                               as starts
                      from mesh.ticket) first
             cross join lateral generate_series(first.starts,
                                                (mesh.today() - 90)::timestamp, step) s) d
     cross join lateral mesh.client_health_features(d.as_of) f
      join mesh.client c on c.id = f.client_id
$$;

-- What the agent said of a client on a day, for its trend.
create table mesh.client_health_score (
    msp_id uuid not null,
    client_id uuid not null,
    scored_on date not null,
    model_id uuid,
    churn_probability double precision not null check (churn_probability between 0 and 1),
    health_score double precision not null check (health_score between 0 and 100),
    primary key (msp_id, client_id, scored_on),
    foreign key (msp_id, client_id) references mesh.client
);
call mesh.protect('mesh.client_health_score', 'select, insert, update');

-- select * from mesh.client_health_page('[{"client_id": …, "name": …}]', '', '-name', 0, 15);
-- One page of clients that were just scored, with their trends, and what is
-- true of all of them.
create function mesh.client_health_page(scored jsonb, words text, sort text, skip int, most int)
    returns table (clients jsonb, total bigint, summary jsonb)
    language sql stable
as $$
    with past as (
        select s.client_id,
               jsonb_agg(jsonb_build_object('on', s.scored_on, 'health_score',
                   round((s.health_score / 100)::numeric, 4)) order by s.scored_on) as trend,
               (array_agg(round((s.health_score / 100)::numeric, 4) order by s.scored_on desc)
                   filter (where s.scored_on <= mesh.today() - 30))[1] as before
          from mesh.client_health_score s
         where s.scored_on > mesh.today() - 100
         group by s.client_id),
    client as (
        select e.value || jsonb_build_object('trend', coalesce(p.trend, '[]'),
                                             'health_score_30d_ago', p.before) as json,
               e.value ->> 'name' as name,
               (e.value ->> 'revenue_at_risk')::float8 as at_risk,
               (e.value ->> 'health_score')::float8 as health,
               p.before::float8 as before,
               case ltrim(sort, '-')
                   when 'name' then null
                   when 'renewal_on'
                       then extract(epoch from (e.value ->> 'renewal_on')::date)::float8
                   else (e.value ->> ltrim(sort, '-'))::float8 end as key
          from jsonb_array_elements(scored) e
          left join past p on p.client_id = (e.value ->> 'client_id')::uuid),
    found as (
        select c.json,
               row_number() over (order by
                   case when sort = 'name' then c.name end,
                   case when sort = '-name' then c.name end desc,
                   case when sort not like '-%' then c.key end nulls last,
                   case when sort like '-%' then c.key end desc nulls last,
                   c.name) as place
          from client c
         where strpos(lower(c.name), lower(words)) > 0)
    select coalesce((select jsonb_agg(f.json order by f.place) from found f
                      where f.place > skip and f.place <= skip + most), '[]'),
           (select count(*) from found),
           (select jsonb_build_object(
                       'clients', count(*),
                       'monthly_revenue', round(sum((c.json ->> 'monthly_revenue')::numeric), 2),
                       'revenue_at_risk', round(sum(c.at_risk)::numeric, 2),
                       'mean_health_score', round(avg(c.health)::numeric, 4),
                       'top10_share', round(((select sum(t.at_risk) from (
                               select at_risk from client where at_risk is not null
                                order by at_risk desc limit 10) t)
                           / nullif(sum(c.at_risk), 0))::numeric, 4),
                       'biggest_fall', (
                           select jsonb_build_object('client_id', w.json -> 'client_id',
                                      'name', w.name, 'from', w.before, 'to', w.health)
                             from client w where w.before > w.health
                            order by w.before - w.health desc, w.name limit 1))
              from client c)
$$;

grant execute on function mesh.client_health_features(date, uuid),
    mesh.client_health_history(interval),
    mesh.client_health_page(jsonb, text, text, int, int) to mesh_app, mesh_reader;

reset role;
