-- A tenant sees and writes its own rows, and no other's.
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

create temp table who as
select '0a000000-0000-8000-8000-000000000001'::uuid as a,
       '0a000000-0000-8000-8000-000000000002'::uuid as b,
       (select id from mesh.client where msp_id = '0a000000-0000-8000-8000-000000000001'
          and status = 'active' order by name limit 1) as a_client,
       (select id from mesh.client where msp_id = '0a000000-0000-8000-8000-000000000002'
          and status = 'active' order by name limit 1) as b_client;
create temp table tenant_table as
select c.oid::regclass as t, c.relname::text as name, c.relrowsecurity and c.relforcerowsecurity
       as forced,
       exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'client_id'
                  and not a.attisdropped) as has_client
  from pg_class c
  join pg_attribute m on m.attrelid = c.oid and m.attname = 'msp_id' and not m.attisdropped
 where c.relnamespace = 'mesh'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition;

-- A few rows where the demo has none, so that every table is put to the test.
insert into mesh.event (id, msp_id, client_id, type, source, data)
select gen_random_uuid(), m, c, 'test', 'test', '{}' from who,
       lateral (values (a, a_client), (b, b_client)) as v (m, c);
insert into mesh.agent_result (id, msp_id, client_id, agent, action, outcome, input_sha256, output,
                               engine, actor, duration)
select gen_random_uuid(), m, c, 'test', 'test', 'ok', pg_catalog.sha256('x'), '{}', '{}', 'test',
       '1 second'
  from who, lateral (values (a, a_client), (b, b_client)) as v (m, c);
insert into mesh.client_health_score (msp_id, client_id, scored_on, churn_probability, health_score)
select m, c, '2000-01-01', 0.1, 90 from who, lateral (values (a, a_client), (b, b_client))
       as v (m, c);

select cmp_ok((select count(*) from tenant_table), '>', 50::bigint,
       'the tables of tenants are found');
select is_empty($$select name from tenant_table where not forced$$,
                'every table with msp_id has row level security, enabled and forced');
select is_empty($$select name from tenant_table x
                   where not exists (select from pg_policy p
                       where p.polrelid = x.t and p.polname = 'tenant'
                             and p.polroles = array['mesh_app'::regrole::oid] and p.polcmd = '*'
                             and pg_get_expr(p.polqual, p.polrelid) ~ 'mesh.msp_id'
                             and pg_get_expr(p.polwithcheck, p.polrelid) = pg_get_expr(p.polqual,
                                 p.polrelid))$$,
                'every table with msp_id has the tenant policy for reading and writing');
select is_empty($$select name from tenant_table x where has_client
                     and not exists (select from pg_policy p
                         where p.polrelid = x.t and p.polname = 'tenant'
                             and pg_get_expr(p.polqual,
                                 p.polrelid) ~ 'client_id = mesh.client_id\(\)|mesh.client_id''')$$,
                'every table with client_id binds a client''s viewer to that client');
select is_empty($$select p.polrelid::regclass, p.polname from pg_policy p
                   where p.polrelid in (select t from tenant_table)
                     and p.polroles && array[0, 'mesh_app'::regrole::oid]
                         and p.polname <> 'tenant'$$,
                'no other policy opens a table to the application');

-- References between tables of tenants carry the tenant.
select results_eq(
    $$select k.conrelid::regclass::text, k.confrelid::regclass::text
        from pg_constraint k
       where k.contype = 'f' and k.conparentid = 0 and k.confrelid <> 'mesh.msp'::regclass
         and k.conrelid in (select t from tenant_table) and k.confrelid in (select t
             from tenant_table)
         and not exists (select from unnest(k.conkey) n join pg_attribute a
                             on a.attrelid = k.conrelid and a.attnum = n
                                 and a.attname = 'msp_id')$$,
    $$values ('mesh.session', 'mesh.app_user')$$,
    'every reference carries the tenant, but the one of a session to its user');

-- Reading, table by table.
create function pg_temp.readable() returns setof text language plpgsql as $$
declare
    x record;
    own bigint;
    seen bigint;
    w record;
begin
    select * into w from who;
    for x in select * from tenant_table where has_table_privilege('mesh_app', t, 'select') loop
        execute format('select count(*) from %s where msp_id = %L', x.t, w.a) into own;
        seen := pg_temp.as_app(w.a, null, format('select count(*) from %s', x.t));
        if seen <> own then return next x.name || ': sees ' || seen || ' of its ' || own; end if;
        seen := pg_temp.as_app(w.a, null, format('select count(*) from %s where msp_id <> %L', x.t,
            w.a));
        if seen <> 0 then return next x.name || ': sees another tenant'; end if;
        seen := pg_temp.as_app(null, null, format('select count(*) from %s', x.t));
        if seen <> 0 then return next x.name || ': is seen without a tenant'; end if;
        if x.has_client then
            execute format('select count(*) from %s where client_id = %L', x.t,
                w.a_client) into own;
            seen := pg_temp.as_app(w.a, w.a_client, format('select count(*) from %s', x.t));
            if seen <> own then return next x.name || ': a client sees ' || seen || ' of its '
                || own; end if;
        end if;
    end loop;
end
$$;
select is_empty('select pg_temp.readable()',
       'a tenant sees all of its own and nothing else; a client only itself');

-- Writing: a row of B, offered by A, is refused before anything else is looked at.
create function pg_temp.writable(out tried int, out wrong text) language plpgsql as $$
declare
    x record;
    w record;
    columns text;
    first text;
    code text;
    n bigint;
begin
    tried := 0;
    select * into w from who;
    for x in select * from tenant_table loop
        select string_agg(quote_ident(attname), ', ' order by attnum), min(attname) into columns,
               first
          from pg_attribute where attrelid = x.t and attnum > 0 and not attisdropped
              and attgenerated = '';
        if has_any_column_privilege('mesh_app', x.t, 'insert') then
            execute format('create temp table offered as select * from %s where msp_id = %L limit 1',
                x.t, w.b);
            grant select on offered to mesh_app;
            execute 'select count(*) from offered' into n;
            code := 'accepted';
            begin
                perform pg_temp.as_app(w.a, null,
                    format('with i as (insert into %s (%s) select %2$s from pg_temp.offered '
                        'returning 1)
                            select count(*) from i', x.t, columns));
            exception when others then code := sqlstate; end;
            drop table offered;
            if n > 0 then
                tried := tried + 1;
                if code <> '42501' then wrong := concat_ws(', ', wrong,
                    x.name || ' insert ' || code); end if;
            end if;
        end if;
        if has_table_privilege('mesh_app', x.t, 'update') then
            n := pg_temp.as_app(w.a, null,
                format('with u as (update %s set %I = %2$I where msp_id = %L returning 1) select '
                    'count(*) from u',
                       x.t, first, w.b));
            if n > 0 then wrong := concat_ws(', ', wrong, x.name || ' update'); end if;
            code := 'accepted';
            begin
                n := pg_temp.as_app(w.a, null,
                    format('with u as (update %s set msp_id = %L where msp_id = %L returning 1)
                            select count(*) from u', x.t, w.b, w.a));
                if n = 0 then code := '42501'; end if;
            exception when others then code := sqlstate; end;
            tried := tried + 1;
            if code <> '42501' then wrong := concat_ws(', ', wrong,
                x.name || ' move ' || code); end if;
        end if;
    end loop;
end
$$;
create temp table written as select * from pg_temp.writable();
select cmp_ok((select tried from written), '>', 80, 'writing was tried on every table');
select is((select wrong from written), null,
       'no row goes into another tenant, by insert or update');

-- Not even who bypasses the policies can tie two tenants together.
select throws_ok(format($$insert into mesh.client_seats values (%L, %L, '2020-01-01', 5)$$, a,
       b_client), '23503', null,
                 'a row cannot refer to a client of another tenant') from who;
select throws_ok(format($$insert into mesh.satisfaction (id, msp_id, client_id, ticket_id, score,
       answered_at)
                          select gen_random_uuid(), %L, %L, id, 5, now() from mesh.ticket
                           where msp_id = %L limit 1$$, a, a_client, b), '23503', null,
                 'nor to a ticket of another tenant') from who;
select throws_ok(format($$insert into mesh.satisfaction (id, msp_id, client_id, ticket_id, score,
       answered_at)
                          select gen_random_uuid(), %L, %L, id, 5, now() from mesh.ticket
                           where msp_id = %1$L and client_id <> %2$L limit 1$$, a, a_client),
                               '23503', null,
                 'nor to a ticket of another client of its own tenant') from who;
select throws_ok(format($$insert into mesh.api_key (id, msp_id, client_id, name, secret_sha256,
       role)
                          values ('aaaaaaaaaaaa', %L, %L, 'x', pg_catalog.sha256('x'),
                              'client-viewer')$$, a, b_client),
                 '23503', null, 'a key is not bound to another tenant''s client') from who;
select is(pg_temp.as_app(a, b_client, 'select count(*) from mesh.ticket'), '0',
          'a client of one tenant shows nothing of another') from who;

select * from finish();
rollback;
