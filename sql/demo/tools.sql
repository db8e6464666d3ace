-- What the demo's files share; gone with the connection.

insert into mesh.setting values ('today', '2026-11-18');

-- select pg_temp.u('ticket/7');  -- 0.0…1: the same for the same words
create function pg_temp.u(key text) returns double precision
    language sql immutable parallel safe
    return ('x' || left(md5(key), 8))::bit(32)::bigint / 4294967296.0;

-- select pg_temp.z('ticket/7');  -- about normal, from -3 to 3
create function pg_temp.z(key text) returns double precision
    language sql immutable parallel safe
    return (('x' || substr(md5(key), 1, 6))::bit(24)::int
          + ('x' || substr(md5(key), 7, 6))::bit(24)::int
          + ('x' || substr(md5(key), 13, 6))::bit(24)::int
          + ('x' || substr(md5(key), 19, 6))::bit(24)::int) / 16777216.0 * 1.732 - 3.464;

-- select pg_temp.id('ticket/7');  -- a uuid of version 8
create function pg_temp.id(key text) returns uuid
    language sql immutable parallel safe
    return (substr(md5(key), 1, 12) || '8' || substr(md5(key), 14, 3) || 'a'
            || substr(md5(key), 18))::uuid;

-- select pg_temp.pick('{red,green,blue}', 'ticket/7');  -- green
create function pg_temp.pick(words text[], key text) returns text
    language sql immutable parallel safe
    return words[1 + floor(('x' || left(md5(key), 8))::bit(32)::bigint / 4294967296.0
                           * array_length(words, 1))::int];

-- First and last day of the story, and its present moment.
create function pg_temp.first_day() returns date language sql immutable
    return '2023-12-01'::date;
create function pg_temp.today() returns date language sql immutable
    return '2026-11-18'::date;
create function pg_temp.present() returns timestamptz language sql immutable
    return '2026-11-18 16:30:00+00'::timestamptz;
