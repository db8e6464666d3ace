-- Leads, what was done about them, and proposals.
--
-- planted                                        where
-- ---------------------------------------------------------------------------
-- stale: in negotiation, silent for two months   Northgate leads 6, 18
-- expected date long past, still open            Northgate leads 9, 27
-- clients become leads again (more to sell)      every seventh lead

create temp table demo_lead as
select m.n, m.id as msp_id, j, 'lead/' || m.n || '/' || j as key, m.rate, m.currency,
       pg_temp.id('lead/' || m.n || '/' || j) as id, d.created_at,
       case when m.n = 1 and j in (6, 18) then 'negotiation'
           when m.n = 1 and j in (9, 27) then 'proposal'
            when d.created_at < '2026-07-01' then case when w.score > 0.70 then 'won'
                else 'lost' end
            else (array['new', 'qualified', 'qualified', 'proposal', 'negotiation'])
                 [1 + floor(5 * pg_temp.u('stage' || m.n || j))::int] end as stage,
       6 + floor(60 * pg_temp.u('seats' || m.n || j) ^ 2)::int as seats,
       s.source, w.score
  from demo_msp m cross join lateral generate_series(1, case m.n when 1 then 90
      when 12 then 4 else 18 end) j
 cross join lateral (select pg_temp.pick('{website,website,referral,cold_call,event,partner}',
     'src' || m.n || j)
                            as source) s
 cross join lateral (
    select case when m.n = 1 and j in (6, 9, 18, 27) then '2026-06-08 10:00+00'::timestamptz
                else '2024-01-04 09:00+00'::timestamptz + make_interval(
                    mins => (pg_temp.u('lead' || m.n || j) * 1045 * 1440)::int) end as created_at) d
 cross join lateral (
    select 0.55 * pg_temp.u('win' || m.n || j) + 0.45 * case s.source when 'referral' then 0.9
               when 'partner' then 0.8 when 'event' then 0.5
                   when 'website' then 0.45 else 0.1 end as score) w;
insert into mesh.lead (id, msp_id, client_id, company, contact_name, contact_email, source,
                       industry, seats, stage, probability, monthly_value, one_time_value, currency,
                       owner_id, created_at, expected_on, closed_at, lost_reason)
select l.id, l.msp_id, c.id, coalesce(c.name, x.company), x.contact,
       lower(replace(x.contact, ' ', '.')) || '@lead' || l.j || '.example',
       case when c.id is not null then 'client' else l.source end, c.industry, l.seats, l.stage,
       case l.stage when 'new' then 0.05 when 'qualified' then 0.15 when 'proposal' then 0.35
                    when 'negotiation' then 0.6 when 'won' then 1 else 0 end,
       round((l.seats * 62 * l.rate)::numeric, 0), round((l.seats * 90 * l.rate)::numeric, 0),
       l.currency,
       pg_temp.id('tech/' || l.n || '/2'), l.created_at,
       case when l.n = 1 and l.j in (9, 27) then '2026-08-14'::date
            when l.stage in ('won', 'lost') then l.created_at::date + 75
            else greatest(l.created_at::date + 75, '2026-11-25') end,
       case when l.stage in ('won', 'lost')
            then l.created_at + make_interval(days => 20 + (80
                * pg_temp.u(l.key || 'close'))::int) end,
       case when l.stage = 'lost'
           then pg_temp.pick('{price,no decision,competitor,timing,stays in house}', l.key) end
  from demo_lead l
  left join demo_client c on l.j % 7 = 0 and c.n = l.n and c.i = 1 + l.j % (select active
      from demo_msp where n = l.n)
 cross join lateral (
    select pg_temp.pick('{Amberley,Bracken,Carrick,Damson,Elmgate,Fairwell,Gorsehill,Heathcote,'
           'Ivybridge,Kestrel,Linden,Moorside,Northlea,Oldbury Row,Primrose,Quarry Lane,Ridgeway,'
           'Sycamore,Teasel,Upland,Vale,Wharfside}', l.key)
           || ' ' || pg_temp.pick('{Surveyors,Bakery,Printing,Opticians,Ceramics,Recruitment,'
               'Studios,Foods,Motors,Garden Centre,Publishing,Pharmacy}', l.key || 'k')
           as company,
           pg_temp.pick('{Amos,Bette,Clara,Denis,Esme,Frank,Gilda,Harvey,Ines,Jock}', l.key || 'f')
               || ' ' ||
           pg_temp.pick('{Arkwell,Beddoe,Crickmore,Dellar,Emsworth Hill,Foxley,Garside,Hathersage}',
               l.key || 'l') as contact) x;
insert into mesh.lead_activity (id, msp_id, lead_id, kind, at, outcome, technician_id, next_on)
select pg_temp.id(l.key || '/did/' || k), l.msp_id, l.id,
       (array['call', 'email', 'meeting', 'demo', 'email', 'call'])[k], a.at,
       case when pg_temp.u(l.key || 'out' || k) < l.score then 'positive'
            when pg_temp.u(l.key || 'out' || k) < 0.85 then 'neutral' else 'negative' end,
       pg_temp.id('tech/' || l.n || '/2'), (a.at + interval '9 days')::date
  from demo_lead l cross join generate_series(1, 6) k
 cross join lateral (select l.created_at + k * interval '9 days 3 hours' as at) a
 where a.at < pg_temp.present() and pg_temp.u(l.key || 'act' || k) < 0.5 + 0.4 * l.score;
insert into mesh.proposal (id, msp_id, lead_id, number, state, sent_on, valid_until, monthly_value,
                           one_time_value, currency, terms)
select pg_temp.id(l.key || '/proposal'), l.msp_id, l.id, 'PR-' || lpad(l.j::text, 4, '0'),
       case l.stage when 'won' then 'accepted' when 'lost' then 'rejected'
           when 'negotiation' then 'viewed' else 'sent' end,
       d.sent, d.sent + 45, v.monthly_value, v.one_time_value, v.currency,
       'Valid for 45 days, net 30.'
  from demo_lead l join mesh.lead v on v.msp_id = l.msp_id and v.id = l.id
 cross join lateral (select least(l.created_at::date + 18, '2026-11-17') as sent) d
 where l.stage in ('won', 'proposal', 'negotiation') or l.stage = 'lost' and l.score > 0.4;
insert into mesh.proposal_item (id, msp_id, proposal_id, position, kind, description, quantity,
                                unit_price, unit_cost, monthly)
select pg_temp.id(l.key || '/item/' || i.position), l.msp_id, pg_temp.id(l.key || '/proposal'),
       i.position, i.kind,
       i.description, l.seats, round((i.price * l.rate)::numeric, 2),
       round((i.cost * l.rate)::numeric, 2), i.monthly
  from demo_lead l join mesh.proposal p on p.msp_id = l.msp_id and p.lead_id = l.id
 cross join (values (1, 'service', 'Managed seat', 55.5, 14.0, true),
     (2, 'licence', 'Endpoint protection', 6.5, 3.1, true),
                    (3, 'consulting', 'Onboarding', 90.0, 41.0, false))
                        as i (position, kind, description, price, cost, monthly);
