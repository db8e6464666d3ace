/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agents.h -- the files of handlers/; the build writes the list.
 */
#ifndef MESH_AGENTS_H
#define MESH_AGENTS_H

#include "mesh_agent.h"

extern const mesh_agent_t *const mesh_agents[]; /* ends with NULL */

/* The files of sql/, as "name sha256"; ends with NULL. */
extern const char *const mesh_migrations[];

#endif
