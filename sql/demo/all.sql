-- The files of the demo in their order, for load.sql's transaction.

set local timezone = 'UTC';
set local work_mem = '64MB';
set local jit = off;

\ir tools.sql
\ir providers.sql
\ir clients.sql
\ir desk.sql
\ir assets.sql
\ir vendors.sql
\ir projects.sql
\ir billing.sql
\ir sales.sql
\ir spend.sql
\ir metrics.sql
\ir compliance.sql
\ir network.sql
\ir jobs.sql
