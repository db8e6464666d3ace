/* SPDX-License-Identifier: Apache-2.0 */
/* registry.c -- the agents there are, and what follows from them. */
#include "mesh/registry.h"

#include <string.h>
#include <apr_lib.h>
#include <apr_strings.h>

#define MAX_ITEMS 10000

/* ---- Fields as JSON Schema ---------------------------------------------- */

static void describe_field(mesh_json_t *schema, const mesh_field_t *field,
                           apr_pool_t *p);

static void describe_members(mesh_json_t *schema, const mesh_field_t *fields,
                             apr_pool_t *p)
{
    mesh_json_t *properties, *required = NULL;

    mesh_json_set_text(schema, "type", "object");
    if (!fields) {
        return;
    }
    properties = mesh_json_set_object(schema, "properties");
    for (const mesh_field_t *field = fields; field->name; field++) {
        describe_field(mesh_json_set_object(properties, field->name), field, p);
        if (field->flags & MESH_REQUIRED) {
            if (!required) {
                required = mesh_json_set_array(schema, "required");
            }
            mesh_json_add_text(required, field->name);
        }
    }
    mesh_json_set_boolean(schema, "additionalProperties", 0);
}

static void set_bounds(mesh_json_t *schema, const mesh_field_t *field,
                       const char *least, const char *most)
{
    if (field->min >= field->max) {
        return;
    }
    if (field->type == MESH_NUMBER) {
        mesh_json_set_number(schema, least, field->min);
        mesh_json_set_number(schema, most, field->max);
    }
    else {
        mesh_json_set_integer(schema, least, (apr_int64_t)field->min);
        mesh_json_set_integer(schema, most, (apr_int64_t)field->max);
    }
}

static void set_type(mesh_json_t *schema, const mesh_field_t *field,
                     const char *name)
{
    if (field->flags & MESH_NULLABLE) {
        mesh_json_t *both = mesh_json_set_array(schema, "type");

        mesh_json_add_text(both, name);
        mesh_json_add_text(both, "null");
    }
    else {
        mesh_json_set_text(schema, "type", name);
    }
}

static void describe_scalar(mesh_json_t *schema, const mesh_field_t *field)
{
    static const char *const kinds[] = { "string", "number", "boolean",
                                         "null" };
    mesh_json_t *types = mesh_json_set_array(schema, "type");

    for (int i = 0; i < 4; i++) {
        mesh_json_add_text(types, kinds[i]);
    }
    if (field->max > 0) {
        mesh_json_set_integer(schema, "maxLength", (apr_int64_t)field->max);
    }
}

static void describe_string(mesh_json_t *schema, const mesh_field_t *field)
{
    set_type(schema, field, "string");
    set_bounds(schema, field, "minLength", "maxLength");
    if (field->pattern) {
        mesh_json_set_text(schema, "pattern", field->pattern);
    }
    if (field->one_of) {
        mesh_json_t *values = mesh_json_set_array(schema, "enum");

        for (const char *const *value = field->one_of; *value; value++) {
            mesh_json_add_text(values, *value);
        }
        if (field->flags & MESH_NULLABLE) {
            mesh_json_add_null(values);
        }
    }
}

static void describe_field(mesh_json_t *schema, const mesh_field_t *field,
                           apr_pool_t *p)
{
    mesh_json_t *inner;

    if (field->help) {
        mesh_json_set_text(schema, "description", field->help);
    }
    switch (field->type) {
    case MESH_STRING: describe_string(schema, field); break;
    case MESH_INTEGER:
        set_type(schema, field, "integer");
        set_bounds(schema, field, "minimum", "maximum");
        break;
    case MESH_NUMBER:
        set_type(schema, field, "number");
        set_bounds(schema, field, "minimum", "maximum");
        break;
    case MESH_BOOLEAN: set_type(schema, field, "boolean"); break;
    case MESH_SCALAR: describe_scalar(schema, field); break;
    case MESH_OBJECT:
        describe_members(schema, field->fields, p);
        if (field->flags & MESH_NULLABLE) {
            set_type(schema, field, "object");
        }
        break;
    case MESH_ARRAY:
        set_type(schema, field, "array");
        set_bounds(schema, field, "minItems", "maxItems");
        if (field->fields) {
            inner = mesh_json_set_object(schema, "items");
            describe_field(inner, field->fields, p);
        }
        break;
    case MESH_MAP:
        set_type(schema, field, "object");
        set_bounds(schema, field, "minProperties", "maxProperties");
        if (field->fields) {
            inner = mesh_json_set_object(schema, "additionalProperties");
            describe_field(inner, field->fields, p);
        }
        break;
    case MESH_ONE_OF:
        inner = mesh_json_set_array(schema, "oneOf");
        for (const mesh_field_t *alternative = field->fields; alternative->name;
             alternative++) {
            describe_field(mesh_json_add_object(inner), alternative, p);
        }
        break;
    }
}

mesh_json_t *mesh_registry_describe(const mesh_field_t *fields, apr_pool_t *p)
{
    mesh_json_t *schema = mesh_json_object(p);

    describe_members(schema, fields, p);
    return schema;
}

/* One of items[]: a request of its own, with an id to tell it by. */
static mesh_json_t *describe_item(const mesh_json_t *single, apr_pool_t *p)
{
    mesh_json_t *item = mesh_json_copy(single, p), *id, *kinds;

    id = mesh_json_set_object(mesh_json_member(item, "properties"), "id");
    kinds = mesh_json_set_array(id, "type");
    mesh_json_add_text(kinds, "string");
    mesh_json_add_text(kinds, "integer");
    mesh_json_set_integer(id, "maxLength", 200);
    mesh_json_set_text(id, "description", "Comes back with its answer.");
    return item;
}

/* A request or a batch of them. */
static mesh_json_t *describe_batch(const mesh_json_t *single,
                                   const mesh_json_t *item, apr_pool_t *p)
{
    mesh_json_t *schema = mesh_json_object(p), *either, *batch, *items;

    either = mesh_json_set_array(schema, "oneOf");
    mesh_json_add(either, mesh_json_copy(single, p));
    batch = mesh_json_add_object(either);
    mesh_json_set_text(batch, "type", "object");
    mesh_json_add_text(mesh_json_set_array(batch, "required"), "items");
    mesh_json_set_boolean(batch, "additionalProperties", 0);
    items = mesh_json_set_object(mesh_json_set_object(batch, "properties"),
                                 "items");
    mesh_json_set_text(items, "type", "array");
    mesh_json_set_integer(items, "minItems", 1);
    mesh_json_set_integer(items, "maxItems", MAX_ITEMS);
    mesh_json_set(items, "items", mesh_json_copy(item, p));
    return schema;
}

/* What every answer of an agent carries besides its own members. */
static void describe_common(mesh_json_t *schema, apr_pool_t *p)
{
    static const mesh_field_t engine[] = {
        { "name", MESH_STRING, MESH_REQUIRED },
        { "version", MESH_STRING, MESH_REQUIRED },
        { "provider", MESH_STRING, MESH_REQUIRED },
        { NULL },
    };
    static const char *const outcomes[] = { "ok", "insufficient_data", "queued",
                                            NULL };
    static const mesh_field_t common[] = {
        { "result_id", MESH_STRING, MESH_NULLABLE, 0, 0,
          "Of the stored result; null when nothing was stored." },
        { "outcome", MESH_STRING, 0, 0, 0, "How far the answer goes.", NULL,
          outcomes },
        { "engine", MESH_OBJECT, 0, 0, 0, "Who computed it.", engine },
        { "timestamp", MESH_STRING, 0, 0, 0, "When, RFC 3339." },
        { "meta", MESH_OBJECT, 0, 0, 0,
          "What may differ between two equal calls." },
        { "job_id", MESH_STRING, 0, 0, 0, "Of the job that does the work." },
        { NULL },
    };
    mesh_json_t *properties = mesh_json_member(schema, "properties");

    for (const mesh_field_t *field = common; field->name; field++) {
        describe_field(mesh_json_set_object(properties, field->name), field, p);
    }
}

/* ---- Compiling ---------------------------------------------------------- */

static mesh_err_t *compile(mesh_registry_t *registry, const mesh_agent_t *agent,
                           const mesh_action_t *action, apr_pool_t *p)
{
    static const mesh_field_t nothing[] = { { NULL } };
    mesh_bound_t *bound = apr_pcalloc(p, sizeof(*bound));
    mesh_json_t *single;

    bound->agent = agent;
    bound->action = action;
    bound->id = registry->bound->nelts;
    single = mesh_registry_describe(action->input ? action->input : nothing, p);
    bound->input = single;
    MESH_TRY(mesh_schema_compile(&bound->check, single, p));
    if (action->flags & MESH_BATCHES) {
        mesh_json_t *item = describe_item(single, p);

        MESH_TRY(mesh_schema_compile(&bound->check_item, item, p));
        bound->input = describe_batch(single, item, p);
    }
    bound->output = mesh_registry_describe(action->output, p);
    if (action->output && !(action->flags & MESH_PLATFORM)) {
        describe_common(bound->output, p);
    }
    if ((action->flags & MESH_STORES) && !action->event) {
        return mesh_err(p, MESH_BUG, "bad_descriptor",
                        "%s stores results but names no event.", action->name);
    }
    APR_ARRAY_PUSH(registry->bound, const mesh_bound_t *) = bound;
    return NULL;
}

mesh_err_t *mesh_registry_create(mesh_registry_t **registry,
                                 const mesh_agent_t *const *agents,
                                 apr_pool_t *p)
{
    mesh_registry_t *made = apr_pcalloc(p, sizeof(*made));

    made->agents = agents;
    made->bound = apr_array_make(p, 64, sizeof(const mesh_bound_t *));
    for (; *agents; agents++) {
        for (const mesh_action_t *action = (*agents)->actions; action->name;
             action++) {
            mesh_err_t *err = compile(made, *agents, action, p);

            if (err) {
                return mesh_err_detail(
                    err, p, "agent(%s) %s: %s", (*agents)->name, action->name,
                    err->detail ? err->detail : err->message);
            }
        }
    }
    *registry = made;
    return NULL;
}

const mesh_agent_t *mesh_registry_agent(const mesh_registry_t *registry,
                                        const char *name)
{
    for (const mesh_agent_t *const *agent = registry->agents; *agent; agent++) {
        if (!strcmp((*agent)->name, name)) {
            return *agent;
        }
    }
    return NULL;
}

const mesh_bound_t *mesh_registry_action(const mesh_registry_t *registry,
                                         const char *agent, const char *action)
{
    for (int i = 0; i < registry->bound->nelts; i++) {
        const mesh_bound_t *bound =
            APR_ARRAY_IDX(registry->bound, i, const mesh_bound_t *);

        if (!strcmp(bound->agent->name, agent)
            && !strcmp(bound->action->name, action)) {
            return bound;
        }
    }
    return NULL;
}

/* ---- Settings ----------------------------------------------------------- */

const char *mesh_registry_setting(const mesh_agent_t *agent,
                                  const apr_table_t *settings, const char *name,
                                  apr_pool_t *p)
{
    const mesh_setting_t *setting = agent->settings;
    const char *value =
        settings ? apr_table_get(settings,
                                 apr_pstrcat(p, agent->name, " ", name, NULL))
                 : NULL;

    while (!value && setting && setting->name) {
        if (!strcmp(setting->name, name)) {
            value = setting->fallback;
        }
        setting++;
    }
    return value;
}

/* ---- The catalogue ------------------------------------------------------ */

static const char *right_name(mesh_right_t right)
{
    static const char *const names[] = { "public", "read", "run", "manage",
                                         "admin" };

    return names[right];
}

const char *mesh_registry_key(const mesh_agent_t *agent, apr_pool_t *p)
{
    char *key = apr_pstrdup(p, agent->name);

    for (char *c = key; *c; c++) {
        *c = *c == '-' ? '_' : *c;
    }
    return key;
}

static void list_actions(mesh_json_t *list, const mesh_registry_t *registry,
                         const mesh_agent_t *agent, const char *prefix,
                         apr_pool_t *p)
{
    for (int i = 0; i < registry->bound->nelts; i++) {
        const mesh_bound_t *bound =
            APR_ARRAY_IDX(registry->bound, i, const mesh_bound_t *);
        mesh_json_t *entry;

        if (bound->agent != agent || !bound->action->method) {
            continue;
        }
        entry = mesh_json_add_object(list);
        mesh_json_set_text(entry, "name", bound->action->name);
        mesh_json_set_text(entry, "method", bound->action->method);
        mesh_json_set_text(
            entry, "path",
            apr_pstrcat(p, prefix, agent->route, bound->action->path, NULL));
        mesh_json_set_text(entry, "summary", bound->action->summary);
        mesh_json_set_text(entry, "right", right_name(bound->action->right));
        mesh_json_set(entry, "input", mesh_json_copy(bound->input, p));
        mesh_json_set(entry, "output", mesh_json_copy(bound->output, p));
    }
}

mesh_json_t *mesh_registry_catalogue(const mesh_registry_t *registry,
                                     const char *prefix,
                                     const apr_table_t *settings, apr_pool_t *p)
{
    mesh_json_t *catalogue = mesh_json_object(p);
    mesh_json_t *list = mesh_json_set_array(catalogue, "agents");
    int total = 0;

    for (const mesh_agent_t *const *at = registry->agents; *at; at++) {
        const mesh_agent_t *agent = *at;
        mesh_json_t *entry, *knobs;

        if (agent->is_platform) {
            continue;
        }
        total++;
        entry = mesh_json_add_object(list);
        mesh_json_set_text(entry, "key", mesh_registry_key(agent, p));
        mesh_json_set_text(entry, "name", agent->name);
        mesh_json_set_text(entry, "title", agent->title);
        mesh_json_set_text(entry, "summary", agent->summary);
        mesh_json_set_text(entry, "route", agent->route);
        mesh_json_set_text(entry, "page", agent->page);
        mesh_json_set_text(entry, "version", agent->version);
        list_actions(mesh_json_set_array(entry, "actions"), registry, agent,
                     prefix, p);
        knobs = mesh_json_set_array(entry, "settings");
        for (const mesh_setting_t *setting = agent->settings;
             setting && setting->name; setting++) {
            mesh_json_t *knob = mesh_json_add_object(knobs);

            mesh_json_set_text(knob, "name", setting->name);
            mesh_json_set_text(
                knob, "value",
                mesh_registry_setting(agent, settings, setting->name, p));
            mesh_json_set_text(knob, "help", setting->help);
        }
    }
    mesh_json_set_integer(catalogue, "total", total);
    return catalogue;
}
