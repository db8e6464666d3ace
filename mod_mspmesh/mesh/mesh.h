/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mesh.h -- what every call of this process needs, made once a child.
 *
 * Thread: read by any; each part guards itself.
 * Pool:   the child's.
 */
#ifndef MESH_MESH_H
#define MESH_MESH_H

#include "io/db.h"
#include "mesh/announcer.h"
#include "mesh/artefact.h"
#include "mesh/identity.h"
#include "mesh/telemetry.h"
#include "mesh/registry.h"
#include "mesh/worker.h"

/* What a virtual host configures; lives as long as the configuration. */
typedef struct mesh_site_t {
    const char *prefix;          /* "/api" */
    const apr_table_t *settings; /* "client-health late-habit" -> value */
    int is_development;
    const char *cookie; /* the session's name */
    apr_interval_time_t session_lifetime;
    const char *catalogue, *catalogue_etag; /* made once */
    const char *openapi, *openapi_etag;
} mesh_site_t;

typedef struct mesh_t {
    const mesh_registry_t *registry;
    const mesh_site_t *main_site; /* whose settings jobs run with */
    mesh_db_t *db;
    mesh_identities_t identities;
    mesh_telemetry_t *telemetry; /* in shared memory */
    mesh_artefacts_t *artefacts;
    mesh_announcer_t *announcer; /* NULL where there are no threads */
    mesh_workers_t *workers;     /* likewise */
    const char *trainer;         /* path of mspmesh-train */
    int connection_budget;       /* connections that all children may open */
    apr_time_t started;
} mesh_t;

#endif
