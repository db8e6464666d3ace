/* SPDX-License-Identifier: Apache-2.0 */
/* openapi.c -- the description of the whole interface, OpenAPI 3.1. */
#include "mesh/registry.h"

#include <string.h>
#include <apr_lib.h>
#include <apr_strings.h>

static void describe_problem(mesh_json_t *components)
{
    static const char *const texts[] = { "type",     "title", "detail",
                                         "instance", "code",  "request_id" };
    mesh_json_t *problem, *properties;

    problem = mesh_json_set_object(mesh_json_set_object(components, "schemas"),
                                   "Problem");
    mesh_json_set_text(problem, "type", "object");
    mesh_json_set_text(problem, "description",
                       "What went wrong (RFC 9457); code is stable.");
    properties = mesh_json_set_object(problem, "properties");
    for (apr_size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        mesh_json_set_text(mesh_json_set_object(properties, texts[i]), "type",
                           "string");
    }
    mesh_json_set_text(mesh_json_set_object(properties, "status"), "type",
                       "integer");
    mesh_json_set_text(mesh_json_set_object(properties, "errors"), "type",
                       "array");
    mesh_json_set_text(mesh_json_set_object(properties, "error"), "type",
                       "object");
}

static void describe_security(mesh_json_t *components)
{
    mesh_json_t *schemes = mesh_json_set_object(components, "securitySchemes");
    mesh_json_t *scheme = mesh_json_set_object(schemes, "key");

    mesh_json_set_text(scheme, "type", "apiKey");
    mesh_json_set_text(scheme, "in", "header");
    mesh_json_set_text(scheme, "name", "X-API-Key");
    scheme = mesh_json_set_object(schemes, "bearer");
    mesh_json_set_text(scheme, "type", "http");
    mesh_json_set_text(scheme, "scheme", "bearer");
    scheme = mesh_json_set_object(schemes, "session");
    mesh_json_set_text(scheme, "type", "apiKey");
    mesh_json_set_text(scheme, "in", "cookie");
    mesh_json_set_text(scheme, "name", "__Host-mspmesh");
}

static void add_body(mesh_json_t *holder, const mesh_json_t *schema,
                     const char *type, apr_pool_t *p)
{
    mesh_json_t *content = mesh_json_set_object(holder, "content");

    mesh_json_set(mesh_json_set_object(content, type), "schema",
                  mesh_json_copy(schema, p));
}

/* Members of the path and, without a body, all others are parameters. */
static void add_parameters(mesh_json_t *operation, const mesh_bound_t *bound,
                           int has_body, apr_pool_t *p)
{
    mesh_json_t *list = mesh_json_set_array(operation, "parameters");
    const mesh_json_t *properties = mesh_json_member(
        mesh_registry_describe(bound->action->input, p), "properties");

    for (const mesh_field_t *field = bound->action->input; field && field->name;
         field++) {
        int is_path = field->flags & MESH_IN_PATH;
        mesh_json_t *parameter;

        if (!is_path && has_body) {
            continue;
        }
        parameter = mesh_json_add_object(list);
        mesh_json_set_text(parameter, "name", field->name);
        mesh_json_set_text(parameter, "in", is_path ? "path" : "query");
        mesh_json_set_boolean(parameter, "required",
                              is_path || (field->flags & MESH_REQUIRED));
        mesh_json_set(
            parameter, "schema",
            mesh_json_copy(mesh_json_member(properties, field->name), p));
    }
}

/* What the body holds: the members that are not in the path. */
static const mesh_json_t *body_of(const mesh_bound_t *bound, apr_pool_t *p)
{
    mesh_json_t *body = mesh_json_copy(bound->input, p);
    mesh_json_t *properties = mesh_json_member(body, "properties");

    for (const mesh_field_t *field = bound->action->input;
         properties && field && field->name; field++) {
        if (field->flags & MESH_IN_PATH) {
            mesh_json_t *required = mesh_json_member(body, "required");
            mesh_json_t *kept = mesh_json_array(p);

            mesh_json_remove(properties, field->name);
            for (apr_size_t i = 0; required && i < mesh_json_count(required);
                 i++) {
                const char *name =
                    mesh_json_text(mesh_json_element(required, i));

                if (strcmp(name, field->name)) {
                    mesh_json_add_text(kept, name);
                }
            }
            mesh_json_set(body, "required", kept);
        }
    }
    return body;
}

static void add_operation(mesh_json_t *path, const mesh_bound_t *bound,
                          apr_pool_t *p)
{
    const mesh_action_t *action = bound->action;
    int has_body = !strcmp(action->method, "POST")
                   || !strcmp(action->method, "PUT")
                   || !strcmp(action->method, "PATCH");
    char *method = apr_pstrdup(p, action->method);
    mesh_json_t *operation, *answers, *answer, *problem;

    for (char *c = method; *c; c++) {
        *c = (char)apr_tolower(*c);
    }
    operation = mesh_json_set_object(path, method);
    mesh_json_set_text(
        operation, "operationId",
        apr_pstrcat(p, bound->agent->name, "-", action->name, NULL));
    mesh_json_set_text(operation, "summary", action->summary);
    mesh_json_add_text(mesh_json_set_array(operation, "tags"),
                       bound->agent->name);
    add_parameters(operation, bound, has_body, p);
    if (has_body) {
        add_body(mesh_json_set_object(operation, "requestBody"),
                 body_of(bound, p), "application/json", p);
    }
    if (action->right == MESH_PUBLIC) {
        mesh_json_set_array(operation, "security");
    }
    answers = mesh_json_set_object(operation, "responses");
    answer = mesh_json_set_object(
        answers, apr_itoa(p, action->status ? action->status : 200));
    mesh_json_set_text(answer, "description", action->summary);
    if (action->output) {
        add_body(answer, bound->output, "application/json", p);
    }
    if (action->flags & MESH_STORES) {
        mesh_json_set_text(mesh_json_set_object(answers, "202"), "description",
                           "Taken as a job; GET /jobs/{id} tells how it is.");
    }
    problem = mesh_json_set_object(answers, "default");
    mesh_json_set_text(problem, "description", "A problem.");
    problem = mesh_json_set_object(problem, "content");
    problem = mesh_json_set_object(problem, "application/problem+json");
    mesh_json_set_text(mesh_json_set_object(problem, "schema"), "$ref",
                       "#/components/schemas/Problem");
}

mesh_json_t *mesh_registry_openapi(const mesh_registry_t *registry,
                                   const char *prefix, apr_pool_t *p)
{
    mesh_json_t *document = mesh_json_object(p), *info, *paths, *components;
    mesh_json_t *security;

    mesh_json_set_text(document, "openapi", "3.1.0");
    info = mesh_json_set_object(document, "info");
    mesh_json_set_text(info, "title", "mod_mspmesh");
    mesh_json_set_text(info, "version", MESH_VERSION);
    mesh_json_set_text(info, "summary",
                       "Intelligence for managed service providers.");
    mesh_json_set_text(mesh_json_set_object(info, "license"), "name",
                       "Apache-2.0");
    mesh_json_set_text(
        mesh_json_add_object(mesh_json_set_array(document, "servers")), "url",
        *prefix ? prefix : "/");
    paths = mesh_json_set_object(document, "paths");
    for (int i = 0; i < registry->bound->nelts; i++) {
        const mesh_bound_t *bound =
            APR_ARRAY_IDX(registry->bound, i, const mesh_bound_t *);
        const char *name;
        mesh_json_t *path;

        if (!bound->action->method) {
            continue;
        }
        name = apr_pstrcat(p, bound->agent->route, bound->action->path, NULL);
        path = mesh_json_member(paths, name);
        add_operation(path ? path : mesh_json_set_object(paths, name), bound,
                      p);
    }
    components = mesh_json_set_object(document, "components");
    describe_problem(components);
    describe_security(components);
    security = mesh_json_set_array(document, "security");
    mesh_json_set_array(mesh_json_add_object(security), "key");
    mesh_json_set_array(mesh_json_add_object(security), "bearer");
    mesh_json_set_array(mesh_json_add_object(security), "session");
    return document;
}
