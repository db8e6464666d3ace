/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db_pool.h -- what db.c and db_link.c share and nobody else sees: libpq.
 */
#ifndef MESH_DB_POOL_H
#define MESH_DB_POOL_H

#include <libpq-fe.h>

#include "io/db.h"

/* How the pool's connections were made; freed with P. */
mesh_err_t *mesh_db_parameters(mesh_db_t *db, PQconninfoOption **options,
                               apr_pool_t *p);

#endif
