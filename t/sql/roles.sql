-- What each role may not do.
\pset format unaligned
\pset tuples_only on
set client_min_messages = warning;
begin;
create extension if not exists pgtap with schema public;
set local search_path = public, pg_catalog;
set local timezone = 'UTC';
select no_plan();

-- What the module would read as one tenant, and one client where given.
create function pg_temp.as_app(tenant uuid, client uuid, query text) returns text
    language plpgsql as $$
declare
    answer text;
begin
    perform set_config('mesh.msp_id', coalesce(tenant::text, ''), true);
    perform set_config('mesh.client_id', coalesce(client::text, ''), true);
    perform set_config('role', 'mesh_app', true);
    execute query into answer;
    perform set_config('role', 'none', true);
    return answer;
end
$$;

select ok(not (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication),
          rolname || ' has no power over the server')
  from pg_roles where rolname in ('mesh_app', 'mesh_owner', 'mesh_system', 'mesh_reader')
      order by rolname;
select ok(not rolcanlogin, rolname || ' cannot sign in')
  from pg_roles where rolname in ('mesh_owner', 'mesh_system', 'mesh_reader') order by rolname;
select is((select count(*) from pg_auth_members where member = 'mesh_app'::regrole), 0::bigint,
          'the application is a member of no role');

select is((select count(*) from pg_shdepend where refclassid = 'pg_authid'::regclass
              and refobjid = 'mesh_app'::regrole and deptype = 'o'), 0::bigint,
          'the application owns nothing');
select is((select count(*) from pg_class where relnamespace = 'mesh'::regnamespace
              and relkind in ('r', 'p', 'v', 'S') and relowner <> 'mesh_owner'::regrole), 0::bigint,
          'every table and view is the owner''s');
select ok(not has_schema_privilege('mesh_app', 'mesh', 'create'),
       'the application makes nothing in the schema');

select is_empty($$select c.relname, a.grantee::regrole, a.privilege_type
                    from pg_class c cross join aclexplode(c.relacl) a
                   where c.relnamespace = 'mesh'::regnamespace and c.relispartition
                     and a.grantee <> c.relowner$$, 'nobody is granted a partition');
select is_empty($$select p.oid::regprocedure from pg_proc p
                   where p.pronamespace = 'mesh'::regnamespace
                     and has_function_privilege('public', p.oid, 'execute')
                     and p.prorettype <> 'trigger'::regtype$$, 'no function is everybody''s');
select is_empty($$select c.relname from pg_class c
                   where c.relnamespace = 'mesh'::regnamespace and c.relkind = 'v'
                     and coalesce(array_to_string(c.reloptions, ' '),
                         '') !~ 'security_invoker=(true|on)'$$,
                'every view looks with the eyes of who asks');
select is_empty($$select c.relname, p.privilege
                    from pg_class c
                   cross join (values ('insert'), ('update'), ('delete'), ('truncate'),
                       ('references'), ('trigger'))
                              as p (privilege)
                   where c.relnamespace = 'mesh'::regnamespace and c.relkind in ('r', 'p', 'v')
                     and has_table_privilege('mesh_reader', c.oid, p.privilege)$$,
                'the reader only reads');
select is_empty($$select c.relname, p.privilege
                    from pg_class c cross join (values ('truncate'), ('references'), ('trigger'))
                        as p (privilege)
                   where c.relnamespace = 'mesh'::regnamespace and c.relkind in ('r', 'p')
                     and has_table_privilege('mesh_app', c.oid, p.privilege)$$,
                'the application neither empties nor rewires a table');

select ok(not has_table_privilege('mesh_app', 'mesh.' || t, 'delete'), t || ' is never deleted')
  from unnest('{client,agreement,addition,invoice,invoice_line,payment,ticket,ticket_event,'
      'satisfaction,
                time_entry,cost_rate,event,agent_result,job,threat,metric_point,control_evidence,
                client_health_score}'::text[]) t;
select ok(not has_table_privilege('mesh_app', 'mesh.' || t, 'update'), t || ' is written once')
  from unnest('{event,agent_result,ticket_event,satisfaction,invoice_line,payment,lead_activity,
                control_evidence,control_assessment}'::text[]) t;
select ok(not has_table_privilege('mesh_app', 'mesh.' || t, 'insert')
          and not has_table_privilege('mesh_app', 'mesh.' || t, 'update'),
          t || ' is not the application''s to write')
  from unnest('{setting,partition_plan,network_intelligence,identity_revision,msp,session,'
      'migration}'::text[]) t;
select ok(not has_column_privilege('mesh_app', 'mesh.app_user', 'password_hash', 'select'),
          'password hashes are not read');
select ok(not has_column_privilege('mesh_app', 'mesh.api_key', 'secret_sha256', 'select'),
          'key hashes are not read');
select throws_ok(format('select pg_temp.as_app(null, null, %L)', q), '42501', null, q)
  from unnest(array['create table mesh.mine (a int)', 'delete from mesh.ticket',
      'truncate mesh.ticket',
                    'select count(*) from mesh.event_default',
                    'select count(*) from mesh.metric_point_default',
                    'insert into mesh.partition_plan values (''mesh.ticket'', ''day'')',
                    'call mesh.protect(''mesh.ticket'')', 'select count(*) from mesh.session',
                    'alter table mesh.ticket disable row level security',
                    'drop policy tenant on mesh.ticket']) q;

-- Every function that sees more than its caller, by name.
select results_eq(
    $$select p.oid::regprocedure::text, p.proowner::regrole::text
        from pg_proc p where p.pronamespace = 'mesh'::regnamespace and p.prosecdef
       order by p.oid::regprocedure::text collate "C"$$,
    $$values
        ('mesh.bump_identity_revision()', 'mesh_system'),
        ('mesh.default_rows()', 'mesh_owner'),
        ('mesh.event_after(xid8,uuid,integer)', 'mesh_system'),
        ('mesh.event_horizon()', 'mesh_system'),
        ('mesh.job_backlog()', 'mesh_system'),
        ('mesh.job_beat(uuid,text,interval,real)', 'mesh_system'),
        ('mesh.job_reap()', 'mesh_system'),
        ('mesh.job_return(uuid,text,text,jsonb,interval)', 'mesh_system'),
        ('mesh.job_take(text,interval)', 'mesh_system'),
        ('mesh.key_identity(text)', 'mesh_system'),
        ('mesh.maintain_partitions()', 'mesh_owner'),
        ('mesh.session_close(mesh.sha256)', 'mesh_system'),
        ('mesh.session_identity(mesh.sha256)', 'mesh_system'),
        ('mesh.session_open(mesh.sha256,uuid,interval)', 'mesh_system'),
        ('mesh.sign_in_user(text)', 'mesh_system')$$,
    'these functions see across tenants, and no other');
select is_empty($$select p.oid::regprocedure from pg_proc p
                   where p.pronamespace = 'mesh'::regnamespace and p.prosecdef
                     and not coalesce('search_path=pg_catalog, pg_temp' = any (p.proconfig),
                         false)$$,
                'each of them has a fixed search path');

select * from finish();
rollback;
