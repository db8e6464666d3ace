-- load.sql -- fill a migrated database with twelve providers and three years.
-- Usage: psql -f sql/demo/load.sql, as the superuser.
--
-- Nothing here is drawn: noise comes from hashes of names, and no clock is
-- read, so that two loads are the same to the last digit.  The day is always
-- 2026-11-18.  If the demo is there already, nothing happens.
\set ON_ERROR_STOP on
set client_min_messages = warning;
select not exists (select from mesh.setting where name = 'today') as fresh \gset
\if :fresh
begin;
\ir all.sql
commit;
analyze;
\endif
