-- Results and events are written by every call, and only ever appended.
--
-- They name their tenant without a foreign key.  Its check would lock the
-- tenant's one row in every call, and so make calls of a tenant that run side
-- by side share that row by multixacts.  The tenant is real all the same: row
-- level security admits no other msp_id than the one the gateway found, and
-- nobody is granted to delete a provider.

set role mesh_owner;

alter table mesh.agent_result drop constraint agent_result_msp_id_fkey;
alter table mesh.event drop constraint event_msp_id_fkey;

reset role;
