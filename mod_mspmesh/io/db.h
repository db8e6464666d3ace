/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db.h -- PostgreSQL transactions on pooled connections; with io/db_link.h the
 * one home of libpq.
 *
 * A child has one mesh_db_t.  A transaction borrows a connection when its
 * first statement is sent and gives it back when it ends; at most as many run
 * at once as there are permits, others wait a bounded time.  Statements go out
 * in pipeline mode: what is sent travels with the next question or with the
 * commit, so that a call costs two round trips.
 *
 * Every transaction carries its scope (tenant, client) as settings that row
 * level security reads, so that a statement without a tenant sees nothing.
 *
 * Pool:   a transaction and its rows live in the pool given; destroying the
 *         pool rolls back what is still open.
 * Thread: mesh_db_t any; a transaction belongs to one thread.
 * Errors: UPSTREAM "database_unavailable" (can_retry unless a commit was on
 *         its way), BUSY "database_busy" (no permit in time), BUSY
 *         "database_timeout", BUSY "conflict" (can_retry), INVALID
 *         "already_exists", INVALID "constraint", INVALID "bad_value", DENIED
 *         "not_permitted", BUG "database_error".
 */
#ifndef MESH_DB_H
#define MESH_DB_H

#include <apr_pools.h>
#include <apr_time.h>

#include "base/err.h"

typedef struct mesh_db_t mesh_db_t;
typedef struct mesh_tx_t mesh_tx_t;
typedef struct mesh_rows_t mesh_rows_t;

/* ---- For callers -------------------------------------------------------- */

/* Whose rows exist; ids are UUIDs as text, NULL for none. */
typedef struct mesh_scope_t {
    const char *msp_id;
    const char *client_id;
} mesh_scope_t;

mesh_err_t *mesh_tx_create(mesh_tx_t **tx, mesh_db_t *db,
                           const mesh_scope_t *scope, int is_read_only,
                           apr_pool_t *p);

/*
 * Send SQL with COUNT arguments, texts or NULL for null, without waiting.
 * SQL must be a literal: its text is prepared once a connection.
 */
mesh_err_t *mesh_tx_send(mesh_tx_t *tx, const char *sql, int count,
                         const char *const *args);

/* The same, and wait for *ROWS. */
mesh_err_t *mesh_tx_query(mesh_tx_t *tx, mesh_rows_t **rows, const char *sql,
                          int count, const char *const *args);

/* Whether anything was sent, that is whether there is something to commit. */
int mesh_tx_is_open(const mesh_tx_t *tx);

/* End it; the connection goes back either way.  After a failed commit nothing
 * is known to be stored; err->can_retry says that nothing is. */
mesh_err_t *mesh_tx_commit(mesh_tx_t *tx);
void mesh_tx_rollback(mesh_tx_t *tx);

/* One statement in a transaction of its own, under SCOPE. */
mesh_err_t *mesh_db_query(mesh_db_t *db, mesh_rows_t **rows,
                          const mesh_scope_t *scope, const char *sql, int count,
                          const char *const *args, apr_pool_t *p);

int mesh_rows_count(const mesh_rows_t *rows);
int mesh_rows_columns(const mesh_rows_t *rows);
const char *mesh_rows_name(const mesh_rows_t *rows, int column);
unsigned int mesh_rows_type(const mesh_rows_t *rows, int column); /* OID */
const char *mesh_rows_cell(const mesh_rows_t *rows, int row, int column);
int mesh_rows_is_null(const mesh_rows_t *rows, int row, const char *column);
const char *mesh_rows_text(const mesh_rows_t *rows, int row,
                           const char *column); /* NULL for null */
apr_int64_t mesh_rows_integer(const mesh_rows_t *rows, int row,
                              const char *column);
double mesh_rows_number(const mesh_rows_t *rows, int row, const char *column);
int mesh_rows_boolean(const mesh_rows_t *rows, int row, const char *column);

/* How many permits there are and how many are taken; for /metrics. */
void mesh_db_usage(mesh_db_t *db, int *permits, int *taken);

/* ---- For who owns the connections --------------------------------------- */

typedef struct mesh_db_source_t {
    /*
     * Lend a connection for the life of P at most: sets *NATIVE to a PGconn*
     * and *LIFE to a pool that dies with the connection.  Returns a lease for
     * give(), or NULL when there is none to be had now.
     */
    void *(*take)(void *baton, void **native, apr_pool_t **life, apr_pool_t *p);
    void (*give)(void *baton, void *lease);
    void *baton;
} mesh_db_source_t;

/*
 * PERMITS transactions at once; who finds none waits up to WAIT, and the same
 * for a connection.  Lives in P.
 */
mesh_err_t *mesh_db_create(mesh_db_t **db, const mesh_db_source_t *source,
                           int permits, apr_interval_time_t wait,
                           apr_pool_t *p);

#endif
