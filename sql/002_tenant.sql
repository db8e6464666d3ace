-- Who uses the platform: providers (tenants), their people, keys and sessions.

set role mesh_owner;

create table mesh.msp (
    id uuid primary key,
    msp_id uuid generated always as (id) stored unique,
    name mesh.label not null unique,
    currency mesh.currency not null default 'USD',
    time_zone text not null default 'UTC',
    city text, region text, country text,
    size text check (size in ('small', 'medium', 'large')),
    network_opt_in boolean not null default false,
    created_at timestamptz not null default now()
);
call mesh.protect('mesh.msp');

create table mesh.app_user (
    id uuid primary key,
    msp_id uuid not null references mesh.msp,
    email text not null check (email = lower(email) and email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
    name mesh.label not null,
    role text not null check (role in ('admin', 'analyst', 'technician', 'viewer', 'client-viewer')),
    client_id uuid,
    password_hash text,
    totp_secret bytea check (octet_length(totp_secret) between 16 and 64),
    disabled_at timestamptz,
    created_at timestamptz not null default now(),
    unique (email),
    check ((role = 'client-viewer') = (client_id is not null))
);
call mesh.protect('mesh.app_user');
revoke select on mesh.app_user from mesh_app, mesh_reader;
grant select (id, msp_id, email, name, role, client_id, disabled_at, created_at)
    on mesh.app_user to mesh_app, mesh_reader;
grant insert, update (name, role, client_id, password_hash, totp_secret, disabled_at)
    on mesh.app_user to mesh_app;

create table mesh.api_key (
    id text primary key check (id ~ '^[a-z0-9]{12}$'),
    msp_id uuid not null references mesh.msp,
    client_id uuid,
    name mesh.label not null,
    secret_sha256 mesh.sha256 not null,
    role text not null default 'service'
        check (role in ('admin', 'analyst', 'technician', 'viewer', 'client-viewer', 'service')),
    scopes text[] not null default '{*}'
        check (cardinality(scopes) between 1 and 32 and length(array_to_string(scopes, ' ')) <= 240),
    rate_per_second int check (rate_per_second between 1 and 1000000),
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz,
    created_at timestamptz not null default now(),
    check ((role = 'client-viewer') = (client_id is not null))
);
call mesh.protect('mesh.api_key');
revoke select on mesh.api_key from mesh_app, mesh_reader;
grant select (id, msp_id, client_id, name, role, scopes, rate_per_second, expires_at, revoked_at,
              last_used_at, created_at) on mesh.api_key to mesh_app;
grant insert, update (name, revoked_at) on mesh.api_key to mesh_app;

create table mesh.session (
    token_sha256 mesh.sha256 primary key,
    msp_id uuid not null references mesh.msp,
    user_id uuid not null references mesh.app_user,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    revoked_at timestamptz
);
create index on mesh.session (expires_at);
create index on mesh.session (user_id);
call mesh.protect('mesh.session');
revoke select on mesh.session from mesh_app, mesh_reader;

-- One number that grows whenever somebody loses a right.  Children compare it
-- with the copy in shared memory and forget what they cached before.
create table mesh.identity_revision (
    one boolean primary key default true check (one),
    revision bigint not null default 1
);
insert into mesh.identity_revision default values;
grant select on mesh.identity_revision to mesh_app;
grant select, update on mesh.identity_revision to mesh_system;

reset role;
set role mesh_system;

create function mesh.bump_identity_revision() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    update mesh.identity_revision set revision = revision + 1;
    return null;
end
$$;

-- select * from mesh.key_identity('k3yk3yk3yk3y');
-- What the gateway must know of a key before it knows the tenant.  Notes the
-- use, at most once a minute a key.
create function mesh.key_identity(key_id text)
    returns table (secret_sha256 bytea, msp_id uuid, client_id uuid, role text, scopes text,
                   rate_per_second int, expires_at timestamptz, revision bigint)
    language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    update mesh.api_key k set last_used_at = now()
     where k.id = key_id and k.revoked_at is null
       and (k.last_used_at is null or k.last_used_at < now() - interval '1 minute');
    return query
        select k.secret_sha256::bytea, k.msp_id, k.client_id, k.role,
               array_to_string(k.scopes, ' '), k.rate_per_second, k.expires_at, r.revision
          from mesh.api_key k, mesh.identity_revision r
         where k.id = key_id and k.revoked_at is null
           and (k.expires_at is null or k.expires_at > now());
end
$$;

-- select * from mesh.sign_in_user('ada@example.test');
create function mesh.sign_in_user(address text)
    returns table (id uuid, msp_id uuid, password_hash text, totp_secret bytea)
    language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select u.id, u.msp_id, u.password_hash, u.totp_secret
      from mesh.app_user u
     where u.email = lower(address) and u.disabled_at is null and u.password_hash is not null
$$;

-- select mesh.session_open(token_sha256, user_id, interval '8 hours');
create function mesh.session_open(token mesh.sha256, who uuid, lifetime interval) returns timestamptz
    language sql security definer set search_path = pg_catalog, pg_temp
as $$
    delete from mesh.session s where s.user_id = who and s.expires_at < now();
    insert into mesh.session (token_sha256, msp_id, user_id, expires_at)
    select token, u.msp_id, u.id, now() + lifetime from mesh.app_user u where u.id = who
    returning expires_at
$$;

-- select * from mesh.session_identity(token_sha256);
create function mesh.session_identity(token mesh.sha256)
    returns table (user_id uuid, msp_id uuid, client_id uuid, role text, name text, email text,
                   msp_name text, expires_at timestamptz, revision bigint)
    language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select u.id, u.msp_id, u.client_id, u.role, u.name::text, u.email, m.name::text, s.expires_at,
           r.revision
      from mesh.session s
      join mesh.app_user u on u.id = s.user_id and u.disabled_at is null
      join mesh.msp m on m.id = u.msp_id
     cross join mesh.identity_revision r
     where s.token_sha256 = token and s.revoked_at is null and s.expires_at > now()
$$;

-- select mesh.session_close(token_sha256);
create function mesh.session_close(token mesh.sha256) returns void
    language sql security definer set search_path = pg_catalog, pg_temp
as $$
    update mesh.session set revoked_at = now() where token_sha256 = token and revoked_at is null
$$;

grant execute on function mesh.key_identity(text), mesh.sign_in_user(text),
    mesh.session_open(mesh.sha256, uuid, interval), mesh.session_identity(mesh.sha256),
    mesh.session_close(mesh.sha256) to mesh_app;
grant execute on function mesh.bump_identity_revision() to mesh_owner;

reset role;
set role mesh_owner;

-- A row at a time: statements that touch none (a sign-in tidies up what has
-- expired) must not make everybody forget.
create trigger revoked after update of revoked_at, role, scopes, client_id, expires_at or delete
    on mesh.api_key for each row execute function mesh.bump_identity_revision();
create trigger revoked after update of revoked_at on mesh.session
    for each row execute function mesh.bump_identity_revision();
create trigger deleted after delete on mesh.session
    for each row when (old.expires_at > now()) execute function mesh.bump_identity_revision();
create trigger revoked after update of role, client_id, disabled_at, password_hash or delete
    on mesh.app_user for each row execute function mesh.bump_identity_revision();

reset role;
