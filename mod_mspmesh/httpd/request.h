/* SPDX-License-Identifier: Apache-2.0 */
/*
 * request.h -- what we know of a request, from its path to its identity.
 *
 * Pool: the request's.  Thread: the request's.
 */
#ifndef MESH_REQUEST_H
#define MESH_REQUEST_H

#include <httpd.h>

#include "httpd/router.h"
#include "mesh/identity.h"

typedef struct mesh_request_t {
    mesh_match_t match;
    int wants_json;
    apr_time_t started;
    const char *traceparent;
    const char *id;

    /* Set by auth.c, once. */
    int is_identified;
    mesh_identity_t *who;   /* NULL: nobody */
    mesh_err_t *refused;    /* why, when what was shown is not valid */
    const char *credential; /* the session token that was shown, or NULL */
} mesh_request_t;

/* NULL when the request is not ours. */
mesh_request_t *mesh_request_of(const request_rec *r);

/* Whether it is for us; also for requests that failed before any hook ran. */
int mesh_request_is_ours(request_rec *r);

/* Names the request in logs and problems. */
const char *mesh_request_id(request_rec *r);

/* Hooks that find out which requests are ours and keep others from them. */
void mesh_request_register(apr_pool_t *p);

#endif
