-- Each provider's own model is fitted from its history as soon as workers run.
-- A queue follows the clock, so these are the only rows that take its time.

insert into mesh.job (id, msp_id, agent, action, input, actor, role)
select pg_temp.id('job/fit/' || n), id, 'client-health', 'fit', '{"from": "history"}', 'demo',
       'service'
  from demo_msp;
