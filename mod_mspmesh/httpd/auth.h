/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth.h -- who sent a request.
 *
 * Our own routes identify their callers themselves.  Elsewhere
 * "AuthType MspMesh" with "Require valid-user" or
 * "Require mspmesh-role admin analyst" guards any path of the server.
 */
#ifndef MESH_AUTH_H
#define MESH_AUTH_H

#include <httpd.h>

#include "httpd/request.h"

/*
 * Find out who sent R, once; request->who is NULL for nobody.  DENIED
 * "unauthenticated" when what was shown is not valid, DENIED "bad_origin" when
 * a page of somebody else's sent a session.
 */
mesh_err_t *mesh_auth_identify(request_rec *r, mesh_request_t *request);

void mesh_auth_register(apr_pool_t *p);

#endif
