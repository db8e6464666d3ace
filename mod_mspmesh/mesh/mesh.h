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
#include "mesh/registry.h"
#include "mesh/worker.h"

typedef struct mesh_t {
    const mesh_registry_t *registry;
    mesh_db_t *db;
    mesh_identities_t identities;
    mesh_artefacts_t *artefacts;
    mesh_announcer_t *announcer; /* NULL where there are no threads */
    mesh_workers_t *workers;     /* likewise */
} mesh_t;

#endif
