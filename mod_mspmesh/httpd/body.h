/* SPDX-License-Identifier: Apache-2.0 */
/*
 * body.h -- what a request says: its JSON body, or its query.
 */
#ifndef MESH_BODY_H
#define MESH_BODY_H

#include <httpd.h>

#include "httpd/request.h"

typedef struct mesh_body_t {
    mesh_json_t *input; /* an object for the action's schema to check */
    const char *raw;    /* as it came */
    apr_size_t raw_length;
    int status; /* not 0: reading failed, and httpd knows how */
    int is_big; /* holds a permit, which mesh_body_done() gives back */
} mesh_body_t;

/*
 * Read what the action wants.  At most LIMIT bytes, refused by Content-Length
 * before reading; at most so many big bodies at once as there are permits.
 * INVALID "too_large", "wrong_content_type", "bad_parameter", those of
 * base/json.h; BUSY "busy".
 */
mesh_err_t *mesh_body_read(mesh_body_t *body, request_rec *r,
                           const mesh_match_t *match, apr_off_t limit);
void mesh_body_done(mesh_body_t *body);

#endif
