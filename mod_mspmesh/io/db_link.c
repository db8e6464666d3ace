/* SPDX-License-Identifier: Apache-2.0 */
/* db_link.c -- a connection of one's own, for LISTEN and NOTIFY. */
#include "io/db_link.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <apr_strings.h>
#include <libpq-fe.h>

#include "io/db_pool.h"

struct mesh_link_t {
    PGconn *conn;
};

static mesh_err_t *lost(PGconn *conn, apr_pool_t *p)
{
    return mesh_err_detail(mesh_err(p, MESH_UPSTREAM, "database_unavailable",
                                    "The database cannot be reached."),
                           p, "%s", PQerrorMessage(conn));
}

/* The pool's parameters, with our name and a bound on the dialling. */
static PGconn *dial(const PQconninfoOption *options, apr_pool_t *p)
{
    const char *keys[64], *values[64];
    int n = 0;

    for (; options->keyword && n < 60; options++) {
        if (options->val && *options->val) {
            keys[n] = options->keyword;
            values[n++] = apr_pstrdup(p, options->val);
        }
    }
    keys[n] = "connect_timeout";
    values[n++] = "3";
    keys[n] = "application_name";
    values[n++] = "mspmesh listener";
    keys[n] = values[n] = NULL;
    return PQconnectdbParams(keys, values, 0);
}

mesh_err_t *mesh_link_open(mesh_link_t **link, mesh_db_t *db, apr_pool_t *p)
{
    PQconninfoOption *options;
    PGconn *conn;

    *link = NULL;
    MESH_TRY(mesh_db_parameters(db, &options, p));
    conn = dial(options, p);
    if (PQstatus(conn) != CONNECTION_OK) {
        mesh_err_t *err = lost(conn, p);

        PQfinish(conn);
        return err;
    }
    *link = apr_palloc(p, sizeof(**link));
    (*link)->conn = conn;
    return NULL;
}

void mesh_link_close(mesh_link_t *link)
{
    PQfinish(link->conn);
}

mesh_err_t *mesh_link_run(mesh_link_t *link, const char **text, const char *sql,
                          apr_pool_t *p)
{
    PGresult *result = PQexec(link->conn, sql);
    mesh_err_t *err = NULL;

    if (PQresultStatus(result) == PGRES_TUPLES_OK) {
        if (text) {
            *text = PQntuples(result) > 0 && !PQgetisnull(result, 0, 0)
                        ? apr_pstrdup(p, PQgetvalue(result, 0, 0))
                        : NULL;
        }
    }
    else if (PQresultStatus(result) != PGRES_COMMAND_OK) {
        err = lost(link->conn, p);
    }
    PQclear(result);
    return err;
}

mesh_err_t *mesh_link_wait(mesh_link_t *link, int *is_notified, int *is_woken,
                           int wake_fd, apr_interval_time_t timeout,
                           apr_pool_t *p)
{
    struct pollfd fds[2] = { { wake_fd, POLLIN, 0 },
                             { PQsocket(link->conn), POLLIN, 0 } };
    PGnotify *note;

    *is_notified = *is_woken = 0;
    if (poll(fds, 2, (int)apr_time_as_msec(timeout)) > 0) {
        *is_woken = fds[0].revents != 0;
        if (fds[1].revents && !PQconsumeInput(link->conn)) {
            return lost(link->conn, p);
        }
    }
    while ((note = PQnotifies(link->conn))) {
        if (*is_notified != MESH_LINK_HAS_JOBS) {
            *is_notified =
                strcmp(note->extra, MESH_LINK_JOBS) ? 1 : MESH_LINK_HAS_JOBS;
        }
        PQfreemem(note);
    }
    return NULL;
}
