-- The schema, its roles and the rules every later file builds on.
--
-- mesh_owner   owns every object; nobody signs in as it at run time
-- mesh_app     what the module signs in as: owns nothing, sees one tenant
-- mesh_system  owns the definer functions that must see across tenants
-- mesh_reader  reads one tenant and nothing else (reports, questions)

do $$
declare
    role text;
begin
    foreach role in array array['mesh_owner', 'mesh_system', 'mesh_reader'] loop
        if not exists (select from pg_roles where rolname = role) then
            execute format('create role %I nologin', role);
        end if;
    end loop;
    if not exists (select from pg_roles where rolname = 'mesh_app') then
        create role mesh_app login;
    end if;
    -- Who migrates must be able to hand objects to the two owners.
    execute format('grant mesh_owner, mesh_system to %I', current_user);
end
$$;

alter schema mesh owner to mesh_owner;
grant usage on schema mesh to mesh_app, mesh_system, mesh_reader;
grant create on schema mesh to mesh_system;
alter table mesh.migration owner to mesh_owner;
grant select on mesh.migration to mesh_app, mesh_system;

create extension if not exists pg_trgm with schema public;
create extension if not exists btree_gist with schema public;

-- A function is nobody's until it is granted.
alter default privileges for role mesh_owner, mesh_system revoke execute on functions from public;

set role mesh_owner;

-- select mesh.msp_id();  -- the tenant of this transaction, or null
-- The module sets mesh.msp_id in every transaction, reads included.
create function mesh.msp_id() returns uuid
    language sql stable parallel safe
    return nullif(current_setting('mesh.msp_id', true), '')::uuid;

-- select mesh.client_id();  -- the one client the caller may see, or null
create function mesh.client_id() returns uuid
    language sql stable parallel safe
    return nullif(current_setting('mesh.client_id', true), '')::uuid;

-- call mesh.protect('mesh.ticket', 'select, insert, update');
-- Row level security as every business table has it: the application and the
-- reader see one tenant, and one client where the caller is bound to one;
-- mesh_system sees all.  The table needs msp_id; the policy also reads
-- client_id where there is such a column.
create procedure mesh.protect(target regclass, app_may text default 'select')
    language plpgsql
as $$
declare
    visible text := 'msp_id = nullif(current_setting(''mesh.msp_id'', true), '''')::uuid';
begin
    if exists (select from pg_attribute
                where attrelid = target and attname = 'client_id' and not attisdropped) then
        visible := visible || ' and (mesh.client_id() is null or client_id = mesh.client_id())';
    end if;
    execute format('alter table %s enable row level security', target);
    execute format('alter table %s force row level security', target);
    execute format('create policy tenant on %s to mesh_app using (%s) with check (%2$s)',
                   target, visible);
    execute format('create policy tenant_reader on %s for select to mesh_reader using (%s)',
                   target, visible);
    execute format('create policy system on %s to mesh_system using (true) with check (true)',
                   target);
    execute format('grant %s on %s to mesh_app', app_may, target);
    execute format('grant select on %s to mesh_reader', target);
    execute format('grant select, insert, update, delete on %s to mesh_system', target);
end
$$;
comment on procedure mesh.protect is 'Row level security as every business table has it';

-- A fact about the whole installation, such as the fixed day of demo data.
create table mesh.setting (
    name text primary key check (name ~ '^[a-z_]+$'),
    value text not null
);
grant select on mesh.setting to mesh_app, mesh_system, mesh_reader;

-- select mesh.today();  -- 2026-11-18 with demo data, else the date
-- Business dates follow this; keys, sessions and leases follow the clock.
create function mesh.today() returns date
    language sql stable parallel safe
    return coalesce((select value::date from mesh.setting where name = 'today'), current_date);

grant execute on function mesh.msp_id(), mesh.client_id(), mesh.today()
    to mesh_app, mesh_system, mesh_reader;

create domain mesh.currency as text check (value ~ '^[A-Z]{3}$');
create domain mesh.sha256 as bytea check (octet_length(value) = 32);
create domain mesh.label as text check (length(value) between 1 and 200);
create domain mesh.money as numeric(18, 4);

reset role;
