/* SPDX-License-Identifier: Apache-2.0 */
/* mod_mspmesh.c -- the module record, its hooks, and nothing else. */
#include "httpd/auth.h"
#include "httpd/config.h"
#include "httpd/gateway.h"
#include "httpd/process.h"
#include "httpd/reply.h"
#include "httpd/request.h"
#include "mesh/agents.h"

#include <ap_provider.h>

static void register_hooks(apr_pool_t *p)
{
    for (const mesh_agent_t *const *agent = mesh_agents; *agent; agent++) {
        ap_register_provider(p, "mspmesh-agent", (*agent)->name, "1", *agent);
    }
    mesh_process_register(p);
    mesh_request_register(p);
    mesh_auth_register(p);
    mesh_gateway_register(p);
    mesh_reply_register(p);
}

module AP_MODULE_DECLARE_DATA mspmesh_module = {
    STANDARD20_MODULE_STUFF,
    NULL,
    NULL,
    mesh_config_create,
    mesh_config_merge,
    mesh_directives,
    register_hooks,
    AP_MODULE_FLAG_NONE,
};
