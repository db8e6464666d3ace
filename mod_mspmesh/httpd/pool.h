/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool.h -- the connections of mod_dbd, for io/db.h.
 */
#ifndef MESH_POOL_H
#define MESH_POOL_H

#include <httpd.h>

#include "io/db.h"

/* What is wrong with the database's configuration, or NULL.  Tells, at level
 * notice, how many connections this server may open. */
const char *mesh_pool_check(apr_pool_t *p, const server_rec *s);

/* Connections that all children together may open. */
int mesh_pool_budget(void);

/* In child_init: the database of this child. */
mesh_err_t *mesh_pool_create(mesh_db_t **db, server_rec *s,
                             apr_interval_time_t wait, apr_pool_t *p);

#endif
