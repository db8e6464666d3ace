/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registry.h -- the agents there are, and what follows from their
 * descriptors: JSON Schemas, checks, the catalogue, /openapi.json.
 *
 * Thread: read by any once it is made.
 * Pool:   lives in the pool it was made in, that of the configuration.
 */
#ifndef MESH_REGISTRY_H
#define MESH_REGISTRY_H

#include <apr_tables.h>

#include "mesh/schema.h"
#include "mesh_agent.h"

/* An action, compiled. */
typedef struct mesh_bound_t {
    const mesh_agent_t *agent;
    const mesh_action_t *action;
    int id;              /* from 0, in order: names metrics */
    mesh_json_t *input;  /* JSON Schema 2020-12 of the whole request */
    mesh_json_t *output; /* and of the answer */
    mesh_schema_t *check;
    mesh_schema_t *check_item; /* of one of items[]; NULL: takes none */
} mesh_bound_t;

typedef struct mesh_registry_t {
    const mesh_agent_t *const *agents; /* by name; ends with NULL */
    apr_array_header_t *bound;         /* of mesh_bound_t * */
} mesh_registry_t;

/* Compile AGENTS, a list that ends with NULL; a descriptor that contradicts
 * itself is a BUG that says where. */
mesh_err_t *mesh_registry_create(mesh_registry_t **registry,
                                 const mesh_agent_t *const *agents,
                                 apr_pool_t *p);

const mesh_agent_t *mesh_registry_agent(const mesh_registry_t *registry,
                                        const char *name);
const mesh_bound_t *mesh_registry_action(const mesh_registry_t *registry,
                                         const char *agent, const char *action);

/* The JSON Schema of a list of fields. */
mesh_json_t *mesh_registry_describe(const mesh_field_t *fields, apr_pool_t *p);

/* "client-health" -> "client_health", as the prototypes key it. */
const char *mesh_registry_key(const mesh_agent_t *agent, apr_pool_t *p);

/* What GET /agents answers; settings as configured. */
mesh_json_t *mesh_registry_catalogue(const mesh_registry_t *registry,
                                     const char *prefix,
                                     const apr_table_t *settings,
                                     apr_pool_t *p);

/* What GET /openapi.json answers (OpenAPI 3.1). */
mesh_json_t *mesh_registry_openapi(const mesh_registry_t *registry,
                                   const char *prefix, apr_pool_t *p);

/* The value of an agent's setting: as configured, else its fallback. */
const char *mesh_registry_setting(const mesh_agent_t *agent,
                                  const apr_table_t *settings, const char *name,
                                  apr_pool_t *p);

#endif
