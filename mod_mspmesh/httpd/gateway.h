/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway.h -- the handler: from a request to a call, and back.
 *
 * Who, whether they may, how big, what: in that order, so that nothing of a
 * stranger's body is read.
 */
#ifndef MESH_GATEWAY_H
#define MESH_GATEWAY_H

#include <apr_pools.h>

void mesh_gateway_register(apr_pool_t *p);

#endif
