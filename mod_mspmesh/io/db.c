/* SPDX-License-Identifier: Apache-2.0 */
/* db.c -- PostgreSQL transactions on pooled connections. */
#include "io/db.h"

#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <apr_hash.h>
#include <apr_strings.h>
#include <apr_tables.h>
#include <libpq-fe.h>

#include "base/permits.h"
#include "io/db_pool.h"

struct mesh_db_t {
    mesh_db_source_t source;
    mesh_permits_t *permits;
    apr_interval_time_t wait;
};

/* What is prepared on a connection; a backend's statements die with it. */
typedef struct {
    int backend;
    unsigned int count;
    apr_hash_t *names; /* text of the statement -> its name */
    apr_pool_t *p;
} prepared_t;

/* A statement on its way; its result comes in the order of sending. */
typedef struct {
    const char *sql;
    int is_preparation;
    PGresult *result;
} pending_t;

struct mesh_tx_t {
    mesh_db_t *db;
    apr_pool_t *p;
    const char *scope[2];
    int is_read_only;

    void *lease; /* NULL while no connection is borrowed */
    PGconn *conn;
    prepared_t *prepared;
    apr_array_header_t *pending; /* of pending_t */
    int is_committing;
    mesh_err_t *failed; /* what broke it; everything after fails alike */
};

struct mesh_rows_t {
    PGresult *result;
};

mesh_err_t *mesh_db_create(mesh_db_t **db, const mesh_db_source_t *source,
                           int permits, apr_interval_time_t wait, apr_pool_t *p)
{
    mesh_db_t *made = apr_pcalloc(p, sizeof(*made));

    made->source = *source;
    made->wait = wait;
    *db = made;
    return mesh_permits_create(&made->permits, permits, p);
}

void mesh_db_usage(mesh_db_t *db, int *permits, int *taken)
{
    mesh_permits_usage(db->permits, permits, taken);
}

/* ---- Borrowing a connection --------------------------------------------- */

static mesh_err_t *unavailable(mesh_tx_t *tx, const char *words)
{
    mesh_err_t *err =
        mesh_err(tx->p, MESH_UPSTREAM, "database_unavailable",
                 tx->is_committing
                     ? "The database went away while it stored this; whether "
                       "it did is not known."
                     : "The database cannot be reached. Nothing was changed.");

    err->can_retry = !tx->is_committing;
    return mesh_err_detail(err, tx->p, "%s", words);
}

/*
 * A backend that died while its connection lay in the pool has left word in
 * the socket: first why, then the end.  One poll(2) finds out.
 */
static int is_fresh(PGconn *conn)
{
    struct pollfd fd = { PQsocket(conn), POLLIN, 0 };

    for (int i = 0; i < 4 && fd.fd >= 0 && PQstatus(conn) == CONNECTION_OK
                    && poll(&fd, 1, 0) > 0;
         i++) {
        PQconsumeInput(conn);
    }
    return PQstatus(conn) == CONNECTION_OK;
}

/*
 * Spoil a connection that is alive but not clean.  The pool tests PQstatus()
 * and replaces what is bad; a reset by us would repeat an old password where
 * the password file has a new one.
 */
static void discard(PGconn *conn)
{
    if (PQsocket(conn) >= 0) {
        shutdown(PQsocket(conn), SHUT_RDWR);
        PQconsumeInput(conn);
    }
}

static prepared_t *prepared_on(PGconn *conn, apr_pool_t *life)
{
    static const char *const key = "mesh.db.prepared";
    prepared_t *prepared;
    void *kept = NULL;

    apr_pool_userdata_get(&kept, key, life);
    prepared = kept;
    if (!prepared) {
        prepared = apr_pcalloc(life, sizeof(*prepared));
        apr_pool_create(&prepared->p, life);
        apr_pool_userdata_setn(prepared, key, NULL, life);
    }
    if (!prepared->names || prepared->backend != PQbackendPID(conn)) {
        apr_pool_clear(prepared->p);
        prepared->names = apr_hash_make(prepared->p);
        prepared->backend = PQbackendPID(conn);
    }
    return prepared;
}

static void give_back(mesh_tx_t *tx)
{
    if (tx->lease) {
        tx->db->source.give(tx->db->source.baton, tx->lease);
        tx->lease = NULL;
        tx->conn = NULL;
        mesh_permits_give(tx->db->permits);
    }
}

static mesh_err_t *borrow(mesh_tx_t *tx)
{
    const mesh_db_source_t *source = &tx->db->source;
    apr_time_t deadline = apr_time_now() + tx->db->wait;
    apr_interval_time_t pause = apr_time_from_msec(10);
    apr_pool_t *life;
    void *native;

    if (!mesh_permits_take(tx->db->permits, tx->db->wait)) {
        return mesh_err(tx->p, MESH_BUSY, "database_busy",
                        "All database connections are in use. Nothing was "
                        "changed; try again in a moment.");
    }
    /* The pool mends or drops a bad entry when it is next asked, so a few
     * tries walk through a pool that a restart has left full of them. */
    while (!(tx->lease = source->take(source->baton, &native, &life, tx->p))
           || !is_fresh(native)) {
        const char *words = "no connection";

        if (tx->lease) {
            words = apr_pstrdup(tx->p, PQerrorMessage(native));
            source->give(source->baton, tx->lease);
            tx->lease = NULL;
        }
        if (apr_time_now() + pause > deadline) {
            mesh_permits_give(tx->db->permits);
            return unavailable(tx, words);
        }
        apr_sleep(pause);
        pause *= 2; /* each try that fails is a line of mod_dbd's in the log */
    }
    tx->conn = native;
    tx->prepared = prepared_on(tx->conn, life);
    if (PQtransactionStatus(tx->conn) != PQTRANS_IDLE
        || !PQenterPipelineMode(tx->conn)) {
        mesh_err_t *err = unavailable(tx, "the connection was not idle");

        discard(tx->conn);
        give_back(tx);
        return err;
    }
    return NULL;
}

/* ---- Errors ------------------------------------------------------------- */

static mesh_err_t *fault(mesh_tx_t *tx, const PGresult *result, const char *sql)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *words = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *name = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
    mesh_err_t *err;

    /* 25006 is a standby, unless we asked for read only ourselves. */
    if (!state || PQstatus(tx->conn) != CONNECTION_OK
        || !strncmp(state, "57P", 3) || !strncmp(state, "08", 2)
        || (!strcmp(state, "25006") && !tx->is_read_only)) {
        return unavailable(tx, words ? words : PQerrorMessage(tx->conn));
    }
    if (!strcmp(state, "40001") || !strcmp(state, "40P01")) {
        err = mesh_err(tx->p, MESH_BUSY, "conflict",
                       "Another change came first. Nothing was changed.");
        err->can_retry = 1;
    }
    else if (!strcmp(state, "57014") || !strcmp(state, "55P03")) {
        err = mesh_err(tx->p, MESH_BUSY, "database_timeout",
                       "The database took too long. Nothing was changed.");
    }
    else if (!strncmp(state, "53", 2)) {
        err = mesh_err(tx->p, MESH_BUSY, "database_busy",
                       "The database is out of room or connections. Nothing "
                       "was changed.");
    }
    else if (!strcmp(state, "23505")) {
        err = mesh_err(tx->p, MESH_INVALID, "already_exists",
                       "This already exists. Nothing was changed.");
    }
    else if (!strncmp(state, "23", 2)) {
        err = mesh_err(tx->p, MESH_INVALID, "constraint",
                       "This breaks a rule of the data (%s). Nothing was "
                       "changed.",
                       name ? name : "not null");
    }
    else if (!strncmp(state, "22", 2)) {
        err = mesh_err(tx->p, MESH_INVALID, "bad_value",
                       "A value is not what the database can take. Nothing "
                       "was changed.");
    }
    else if (!strcmp(state, "42501")) {
        err = mesh_err(tx->p, MESH_DENIED, "not_permitted",
                       "The database does not permit this. Nothing was "
                       "changed.");
    }
    else {
        err = mesh_err(tx->p, MESH_BUG, "database_error",
                       "The database refused a statement. Nothing was "
                       "changed.");
    }
    return mesh_err_detail(err, tx->p, "%s: %s, in: %.200s", state,
                           words ? words : "", sql);
}

/* ---- The pipeline ------------------------------------------------------- */

static mesh_err_t *push(mesh_tx_t *tx, const char *sql, int count,
                        const char *const *args)
{
    const char *name =
        apr_hash_get(tx->prepared->names, sql, APR_HASH_KEY_STRING);
    int is_sent = 1;

    if (!name) {
        apr_pool_t *p = tx->prepared->p;

        name = apr_psprintf(p, "mesh_%u", ++tx->prepared->count);
        apr_hash_set(tx->prepared->names, apr_pstrdup(p, sql),
                     APR_HASH_KEY_STRING, name);
        APR_ARRAY_PUSH(tx->pending, pending_t) =
            (pending_t){ .sql = sql, .is_preparation = 1 };
        is_sent = PQsendPrepare(tx->conn, name, sql, count, NULL);
    }
    APR_ARRAY_PUSH(tx->pending, pending_t) = (pending_t){ .sql = sql };
    if (!is_sent
        || !PQsendQueryPrepared(tx->conn, name, count, args, NULL, NULL, 0)) {
        return unavailable(tx, PQerrorMessage(tx->conn));
    }
    return NULL;
}

/* A statement that was not prepared after all must not be thought so. */
static void forget(mesh_tx_t *tx, const pending_t *sent)
{
    if (sent->is_preparation) {
        apr_hash_set(tx->prepared->names, sent->sql, APR_HASH_KEY_STRING, NULL);
    }
}

/*
 * Wait for all that was sent.  *LAST is the result of the last statement when
 * all went well, and the caller's to clear.
 */
static mesh_err_t *collect(mesh_tx_t *tx, PGresult **last)
{
    mesh_err_t *err = NULL;
    PGresult *result, *kept = NULL;

    if (!PQpipelineSync(tx->conn)) {
        err = unavailable(tx, PQerrorMessage(tx->conn));
    }
    /* After a failure the server skips the rest, and says so for each. */
    for (int i = 0; i < tx->pending->nelts; i++) {
        const pending_t *sent = &APR_ARRAY_IDX(tx->pending, i, pending_t);

        PQclear(kept);
        kept = NULL;
        while ((result = PQgetResult(tx->conn))) {
            ExecStatusType status = PQresultStatus(result);

            if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
                forget(tx, sent);
                err = err ? err : fault(tx, result, sent->sql);
            }
            PQclear(kept);
            kept = result;
        }
        if (!kept && !err) {
            err = unavailable(tx, PQerrorMessage(tx->conn));
        }
    }
    /* The sync itself. */
    if (PQstatus(tx->conn) == CONNECTION_OK) {
        result = PQgetResult(tx->conn);
        if (!err && PQresultStatus(result) != PGRES_PIPELINE_SYNC) {
            err = unavailable(tx, PQerrorMessage(tx->conn));
        }
        PQclear(result);
    }
    apr_array_clear(tx->pending);
    if (err) {
        PQclear(kept);
        kept = NULL;
    }
    *last = kept;
    return err;
}

/* ---- Transactions ------------------------------------------------------- */

static apr_status_t roll_back_late(void *tx)
{
    mesh_tx_rollback(tx);
    return APR_SUCCESS;
}

mesh_err_t *mesh_tx_create(mesh_tx_t **tx, mesh_db_t *db,
                           const mesh_scope_t *scope, int is_read_only,
                           apr_pool_t *p)
{
    mesh_tx_t *made;

    if (!db) {
        return mesh_err(p, MESH_UPSTREAM, "database_unavailable",
                        "This server has no database.");
    }
    made = apr_pcalloc(p, sizeof(*made));
    made->db = db;
    made->p = p;
    made->scope[0] = scope && scope->msp_id ? scope->msp_id : "";
    made->scope[1] = scope && scope->client_id ? scope->client_id : "";
    made->is_read_only = is_read_only;
    made->pending = apr_array_make(p, 8, sizeof(pending_t));
    apr_pool_cleanup_register(p, made, roll_back_late, apr_pool_cleanup_null);
    *tx = made;
    return NULL;
}

int mesh_tx_is_open(const mesh_tx_t *tx)
{
    return tx->lease != NULL;
}

mesh_err_t *mesh_tx_send(mesh_tx_t *tx, const char *sql, int count,
                         const char *const *args)
{
    if (!tx->failed && !tx->lease) {
        tx->failed = borrow(tx);
        if (!tx->failed) {
            tx->failed = push(
                tx, tx->is_read_only ? "begin read only" : "begin", 0, NULL);
        }
        if (!tx->failed) {
            tx->failed = push(tx,
                              "select set_config('mesh.msp_id', $1, true), "
                              "set_config('mesh.client_id', $2, true)",
                              2, tx->scope);
        }
    }
    if (!tx->failed) {
        tx->failed = push(tx, sql, count, args);
    }
    return tx->failed;
}

static apr_status_t clear_result(void *result)
{
    PQclear(result);
    return APR_SUCCESS;
}

mesh_err_t *mesh_tx_query(mesh_tx_t *tx, mesh_rows_t **rows, const char *sql,
                          int count, const char *const *args)
{
    PGresult *result;

    MESH_TRY(mesh_tx_send(tx, sql, count, args));
    tx->failed = collect(tx, &result);
    if (tx->failed) {
        return tx->failed;
    }
    *rows = apr_palloc(tx->p, sizeof(**rows));
    (*rows)->result = result;
    apr_pool_cleanup_register(tx->p, result, clear_result,
                              apr_pool_cleanup_null);
    return NULL;
}

mesh_err_t *mesh_tx_commit(mesh_tx_t *tx)
{
    PGresult *result = NULL;
    mesh_err_t *err = tx->failed;

    if (!err && tx->lease) {
        /* Nothing is stored before the commit reaches the server, and a
         * transaction that only read has nothing to lose. */
        err = push(tx, "commit", 0, NULL);
        tx->is_committing = !tx->is_read_only;
        if (!err) {
            err = collect(tx, &result);
            /* A transaction that broke on the way answers ROLLBACK. */
            if (!err && strcmp(PQcmdStatus(result), "COMMIT")) {
                err = mesh_err(tx->p, MESH_BUG, "database_error",
                               "The transaction was rolled back.");
            }
            PQclear(result);
        }
        tx->failed = err;
    }
    mesh_tx_rollback(tx);
    return err;
}

void mesh_tx_rollback(mesh_tx_t *tx)
{
    if (!tx->lease) {
        return;
    }
    if (tx->pending->nelts > 0) {
        PGresult *result;

        (void)collect(tx, &result);
        PQclear(result);
    }
    if (PQstatus(tx->conn) == CONNECTION_OK && PQexitPipelineMode(tx->conn)
        && PQtransactionStatus(tx->conn) != PQTRANS_IDLE) {
        PQclear(PQexec(tx->conn, "rollback"));
    }
    if (PQpipelineStatus(tx->conn) != PQ_PIPELINE_OFF
        || PQtransactionStatus(tx->conn) != PQTRANS_IDLE) {
        discard(tx->conn);
    }
    give_back(tx);
}

mesh_err_t *mesh_db_query(mesh_db_t *db, mesh_rows_t **rows,
                          const mesh_scope_t *scope, const char *sql, int count,
                          const char *const *args, apr_pool_t *p)
{
    mesh_err_t *err = NULL;
    mesh_tx_t *tx;

    for (int tries = 0; tries < 3; tries++) {
        MESH_TRY(mesh_tx_create(&tx, db, scope, 0, p));
        err = mesh_tx_query(tx, rows, sql, count, args);
        if (!err) {
            err = mesh_tx_commit(tx);
        }
        mesh_tx_rollback(tx);
        if (!err || !err->can_retry) {
            break;
        }
    }
    return err;
}

static apr_status_t free_options(void *options)
{
    PQconninfoFree(options);
    return APR_SUCCESS;
}

mesh_err_t *mesh_db_parameters(mesh_db_t *db, PQconninfoOption **options,
                               apr_pool_t *p)
{
    mesh_tx_t *tx;

    MESH_TRY(mesh_tx_create(&tx, db, NULL, 1, p));
    MESH_TRY(borrow(tx));
    *options = PQconninfo(tx->conn);
    mesh_tx_rollback(tx);
    if (!*options) {
        return unavailable(tx, "no parameters");
    }
    apr_pool_cleanup_register(p, *options, free_options, apr_pool_cleanup_null);
    return NULL;
}

/* ---- Rows --------------------------------------------------------------- */

int mesh_rows_count(const mesh_rows_t *rows)
{
    return PQntuples(rows->result);
}

int mesh_rows_columns(const mesh_rows_t *rows)
{
    return PQnfields(rows->result);
}

const char *mesh_rows_name(const mesh_rows_t *rows, int column)
{
    return PQfname(rows->result, column);
}

unsigned int mesh_rows_type(const mesh_rows_t *rows, int column)
{
    return PQftype(rows->result, column);
}

const char *mesh_rows_cell(const mesh_rows_t *rows, int row, int column)
{
    if (column < 0 || PQgetisnull(rows->result, row, column)) {
        return NULL;
    }
    return PQgetvalue(rows->result, row, column);
}

const char *mesh_rows_text(const mesh_rows_t *rows, int row, const char *column)
{
    return mesh_rows_cell(rows, row, PQfnumber(rows->result, column));
}

int mesh_rows_is_null(const mesh_rows_t *rows, int row, const char *column)
{
    return mesh_rows_text(rows, row, column) == NULL;
}

apr_int64_t mesh_rows_integer(const mesh_rows_t *rows, int row,
                              const char *column)
{
    const char *text = mesh_rows_text(rows, row, column);

    return text ? apr_strtoi64(text, NULL, 10) : 0;
}

double mesh_rows_number(const mesh_rows_t *rows, int row, const char *column)
{
    const char *text = mesh_rows_text(rows, row, column);

    return text ? strtod(text, NULL) : NAN;
}

int mesh_rows_boolean(const mesh_rows_t *rows, int row, const char *column)
{
    const char *text = mesh_rows_text(rows, row, column);

    return text && *text == 't';
}
