/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reply.h -- what goes out: answers, and problems as RFC 9457 has them.
 *
 * The one place where an error becomes a status, a body and a log line.
 */
#ifndef MESH_REPLY_H
#define MESH_REPLY_H

#include <httpd.h>

#include "mesh/call.h"

/* Send an answer; returns what a handler returns. */
int mesh_reply_send(request_rec *r, const mesh_reply_t *reply);

/* Send and log ERR. */
int mesh_reply_problem(request_rec *r, const mesh_err_t *err);

/* The status that ERR means. */
int mesh_reply_status(const mesh_err_t *err);

/*
 * What httpd itself refuses under our paths (a bad request line, an encoded
 * slash, a body that is cut off) gets the same body: this filter replaces
 * httpd's page.  Call once, when hooks are registered.
 */
void mesh_reply_register(apr_pool_t *p);

#endif
