/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema.c -- compiles a JSON Schema, so that checking needs no look at it.
 *
 * Each keyword is a row that names its reader and the member it fills.  A
 * node of the document is compiled once, however many $ref lead to it.
 */
#include "mesh/schema_int.h"

#include <limits.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <apr_hash.h>
#include <apr_strings.h>

/* How deep the keywords may nest: it bounds the stack. */
#define MAX_DEPTH 200

typedef struct {
    apr_pool_t *p;
    const mesh_json_t *root;
    apr_hash_t *made; /* node of the document -> mesh_schema_t */
    int is_foreign;
    int depth;
} compiler_t;

typedef mesh_err_t *(*reader_t)(compiler_t *c, mesh_schema_t *schema,
                                void *member, const mesh_json_t *value,
                                const char *at);

static mesh_err_t *compile(compiler_t *c, mesh_schema_t **schema,
                           const mesh_json_t *node, const char *at);

static mesh_err_t *misused(compiler_t *c, const char *at, const char *what)
{
    return mesh_err_at(mesh_err(c->p, MESH_BUG, "bad_schema",
                                "The schema is wrong at %s: it must be %s.", at,
                                what),
                       c->p, at);
}

static const char *at_index(compiler_t *c, const char *at, apr_size_t index)
{
    return apr_psprintf(c->p, "%s/%" APR_SIZE_T_FMT, at, index);
}

/* ---- Readers ------------------------------------------------------------ */

static mesh_err_t *read_one_type(compiler_t *c, mesh_schema_t *schema,
                                 const mesh_json_t *value, const char *at)
{
    static const struct {
        const char *name;
        unsigned types;
    } known[] = {
        { "null", 1u << MESH_JSON_NULL },
        { "boolean", 1u << MESH_JSON_BOOLEAN },
        { "integer", 1u << MESH_JSON_INTEGER },
        { "number", 1u << MESH_JSON_INTEGER | 1u << MESH_JSON_REAL },
        { "string", 1u << MESH_JSON_STRING },
        { "array", 1u << MESH_JSON_ARRAY },
        { "object", 1u << MESH_JSON_OBJECT },
    };

    for (apr_size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        if (!strcmp(mesh_json_text(value), known[i].name)) {
            schema->types |= known[i].types;
            return NULL;
        }
    }
    return misused(c, at, "the name of a type, or a list of them");
}

static mesh_err_t *read_type(compiler_t *c, mesh_schema_t *schema, void *member,
                             const mesh_json_t *value, const char *at)
{
    const unsigned whole = 1u << MESH_JSON_INTEGER, real = 1u << MESH_JSON_REAL;

    (void)member;
    schema->types = 0;
    if (mesh_json_kind(value) != MESH_JSON_ARRAY) {
        MESH_TRY(read_one_type(c, schema, value, at));
    }
    else if (!mesh_json_count(value)) {
        return misused(c, at, "a list that names a type");
    }
    for (apr_size_t i = 0;
         mesh_json_kind(value) == MESH_JSON_ARRAY && i < mesh_json_count(value);
         i++) {
        MESH_TRY(read_one_type(c, schema, mesh_json_element(value, i),
                               at_index(c, at, i)));
    }
    schema->is_whole = (schema->types & (whole | real)) == whole;
    return NULL;
}

static mesh_err_t *read_value(compiler_t *c, mesh_schema_t *schema,
                              void *member, const mesh_json_t *value,
                              const char *at)
{
    (void)c;
    (void)schema;
    (void)at;
    *(const mesh_json_t **)member = value;
    return NULL;
}

static mesh_err_t *read_values(compiler_t *c, mesh_schema_t *schema,
                               void *member, const mesh_json_t *value,
                               const char *at)
{
    /* The standard lets a list be empty; of ours nobody would mean that. */
    if (mesh_json_kind(value) != MESH_JSON_ARRAY
        || (!mesh_json_count(value) && !c->is_foreign)) {
        return misused(c, at, "a list of the allowed values");
    }
    return read_value(c, schema, member, value, at);
}

static mesh_err_t *read_size(compiler_t *c, mesh_schema_t *schema, void *member,
                             const mesh_json_t *value, const char *at)
{
    double n = mesh_json_number(value);

    (void)schema;
    /* 2.0 is a size too; nothing we hold has more than 2^53 parts. */
    if (!mesh_json_is_number(value) || n < 0 || n > 9e15 || n != floor(n)) {
        return misused(c, at, "a whole number that is not negative");
    }
    *(apr_size_t *)member = (apr_size_t)n;
    return NULL;
}

static mesh_err_t *read_number(compiler_t *c, mesh_schema_t *schema,
                               void *member, const mesh_json_t *value,
                               const char *at)
{
    if (!mesh_json_is_number(value)) {
        return misused(c, at, "a number");
    }
    *(mesh_schema_number_t *)member = mesh_schema_number(value);
    schema->has_range = 1;
    return NULL;
}

static mesh_err_t *read_multiple(compiler_t *c, mesh_schema_t *schema,
                                 void *member, const mesh_json_t *value,
                                 const char *at)
{
    if (!(mesh_json_number(value) > 0)) {
        return misused(c, at, "a number greater than 0");
    }
    return read_number(c, schema, member, value, at);
}

static mesh_err_t *read_yes(compiler_t *c, mesh_schema_t *schema, void *member,
                            const mesh_json_t *value, const char *at)
{
    (void)schema;
    if (mesh_json_kind(value) != MESH_JSON_BOOLEAN) {
        return misused(c, at, "true or false");
    }
    *(int *)member = mesh_json_true(value);
    return NULL;
}

static mesh_err_t *read_pattern(compiler_t *c, mesh_schema_t *schema,
                                void *member, const mesh_json_t *value,
                                const char *at)
{
    mesh_err_t *err;

    (void)schema;
    if (mesh_json_kind(value) != MESH_JSON_STRING) {
        return misused(c, at, "a regular expression");
    }
    err = mesh_pattern_compile(member, mesh_json_text(value), c->p);
    return err ? mesh_err_at(err, c->p, at) : NULL;
}

static mesh_err_t *read_schema(compiler_t *c, mesh_schema_t *schema,
                               void *member, const mesh_json_t *value,
                               const char *at)
{
    (void)schema;
    return compile(c, member, value, at);
}

static mesh_err_t *read_schemas(compiler_t *c, mesh_schema_t *schema,
                                void *member, const mesh_json_t *value,
                                const char *at)
{
    mesh_schema_list_t *schemas = member;
    apr_size_t count = mesh_json_count(value);

    (void)schema;
    if (mesh_json_kind(value) != MESH_JSON_ARRAY || !count || count > INT_MAX) {
        return misused(c, at, "a list of schemas");
    }
    schemas->list = apr_pcalloc(c->p, count * sizeof(*schemas->list));
    for (apr_size_t i = 0; i < count; i++) {
        MESH_TRY(compile(c, &schemas->list[i], mesh_json_element(value, i),
                         at_index(c, at, i)));
    }
    schemas->count = (int)count;
    return NULL;
}

static mesh_err_t *read_members(compiler_t *c, mesh_schema_t *schema,
                                void *member, const mesh_json_t *value,
                                const char *at)
{
    apr_size_t count = mesh_json_count(value), n = 0;
    const char **names = apr_palloc(c->p, (count + 1) * sizeof(*names));

    (void)member;
    if (mesh_json_kind(value) != MESH_JSON_OBJECT || count > INT_MAX) {
        return misused(c, at, "an object of schemas");
    }
    schema->members = apr_pcalloc(c->p, (count + 1) * sizeof(*schema->members));
    for (mesh_json_iter_t *m = mesh_json_first(value); m;
         m = mesh_json_next(value, m)) {
        const char *name = mesh_json_name(m);

        names[n] = schema->members[n].name = name;
        MESH_TRY(compile(c, &schema->members[n].schema, mesh_json_value(m),
                         mesh_err_pointer(at, name, c->p)));
        n++;
    }
    schema->member_count = (int)count;
    schema->known = mesh_schema_words_list(names, (int)count, c->p);
    mesh_schema_sort(schema->members, (int)count);
    return NULL;
}

static mesh_err_t *read_matching(compiler_t *c, mesh_schema_t *schema,
                                 void *member, const mesh_json_t *value,
                                 const char *at)
{
    apr_size_t count = mesh_json_count(value), n = 0;

    (void)member;
    if (mesh_json_kind(value) != MESH_JSON_OBJECT || count > INT_MAX) {
        return misused(c, at, "an object of schemas");
    }
    schema->matching =
        apr_pcalloc(c->p, (count + 1) * sizeof(*schema->matching));
    for (mesh_json_iter_t *m = mesh_json_first(value); m;
         m = mesh_json_next(value, m)) {
        const char *text = mesh_json_name(m);
        const char *here = mesh_err_pointer(at, text, c->p);
        mesh_err_t *err =
            mesh_pattern_compile(&schema->matching[n].pattern, text, c->p);

        if (err) {
            return mesh_err_at(err, c->p, here);
        }
        MESH_TRY(
            compile(c, &schema->matching[n].schema, mesh_json_value(m), here));
        n++;
    }
    schema->matching_count = (int)count;
    return NULL;
}

static mesh_err_t *read_required(compiler_t *c, mesh_schema_t *schema,
                                 void *member, const mesh_json_t *value,
                                 const char *at)
{
    apr_size_t count = mesh_json_count(value);

    (void)member;
    if (mesh_json_kind(value) != MESH_JSON_ARRAY || count > INT_MAX) {
        return misused(c, at, "a list of names");
    }
    schema->required =
        apr_pcalloc(c->p, (count + 1) * sizeof(*schema->required));
    for (apr_size_t i = 0; i < count; i++) {
        const mesh_json_t *name = mesh_json_element(value, i);

        if (mesh_json_kind(name) != MESH_JSON_STRING) {
            return misused(c, at_index(c, at, i), "a name");
        }
        schema->required[i] = mesh_json_text(name);
    }
    schema->required_count = (int)count;
    return NULL;
}

static mesh_err_t *read_defs(compiler_t *c, mesh_schema_t *schema, void *member,
                             const mesh_json_t *value, const char *at)
{
    mesh_schema_t *made;

    (void)schema;
    (void)member;
    if (mesh_json_kind(value) != MESH_JSON_OBJECT) {
        return misused(c, at, "an object of schemas");
    }
    for (mesh_json_iter_t *m = mesh_json_first(value); m;
         m = mesh_json_next(value, m)) {
        MESH_TRY(compile(c, &made, mesh_json_value(m),
                         mesh_err_pointer(at, mesh_json_name(m), c->p)));
    }
    return NULL;
}

/* ---- References --------------------------------------------------------- */

/* Undo the percent signs of a URI and the tildes of a pointer, in place. */
static void unescape(char *text)
{
    char *to = text;

    for (const char *from = text; *from; from++) {
        const char hex[3] = { from[0] == '%' ? from[1] : 'x',
                              from[0] == '%' && from[1] ? from[2] : 'x' };
        char *end;
        long byte = strtol(hex, &end, 16);

        if (end == hex + 2) {
            *to++ = (char)byte;
            from += 2;
        }
        else {
            *to++ = *from;
        }
    }
    *to = '\0';
    to = text;
    for (const char *from = text; *from; from++) {
        if (from[0] == '~' && (from[1] == '0' || from[1] == '1')) {
            from++;
            *to++ = *from == '0' ? '~' : '/';
        }
        else {
            *to++ = *from;
        }
    }
    *to = '\0';
}

static mesh_err_t *read_ref(compiler_t *c, mesh_schema_t *schema, void *member,
                            const mesh_json_t *value, const char *at)
{
    const char *text = mesh_json_text(value);
    const mesh_json_t *node = *text == '#' ? c->root : NULL;
    char *rest = apr_pstrdup(c->p, *text == '#' ? text + 1 : "");

    (void)schema;
    if (*rest && *rest++ != '/') {
        node = NULL;
    }
    for (char *next = *text == '#' && text[1] ? rest : NULL; node && next;) {
        char *part = next, *slash = strchr(part, '/');

        next = NULL;
        if (slash) {
            *slash = '\0';
            next = slash + 1;
        }
        unescape(part);
        if (mesh_json_kind(node) == MESH_JSON_ARRAY) {
            apr_size_t digits = strspn(part, "0123456789");

            node = digits && digits < 9 && !part[digits]
                       ? mesh_json_element(node, strtoul(part, NULL, 10))
                       : NULL;
        }
        else {
            node = mesh_json_member(node, part);
        }
    }
    if (!node) {
        return mesh_err_at(mesh_err(c->p, MESH_BUG, "bad_reference",
                                    "The schema refers to %s, which is not "
                                    "in the document.",
                                    *text ? text : "nothing"),
                           c->p, at);
    }
    return compile(c, member, node, *text == '#' ? text + 1 : at);
}

/* ---- Keywords ----------------------------------------------------------- */

typedef struct {
    const char *name;
    reader_t reader; /* NULL: says something to the reader only */
    apr_size_t offset;
    int asks_text; /* a text can be checked without a JSON value */
} keyword_t;

#define AT(member) offsetof(struct mesh_schema_t, member)

static const keyword_t keywords[] = {
    { "type", read_type, 0, 1 },
    { "enum", read_values, AT(allowed), 0 },
    { "const", read_value, AT(exactly), 0 },
    { "minimum", read_number, AT(minimum), 0 },
    { "maximum", read_number, AT(maximum), 0 },
    { "exclusiveMinimum", read_number, AT(above), 0 },
    { "exclusiveMaximum", read_number, AT(below), 0 },
    { "multipleOf", read_multiple, AT(multiple), 0 },
    { "minLength", read_size, AT(min_length), 1 },
    { "maxLength", read_size, AT(max_length), 1 },
    { "pattern", read_pattern, AT(pattern), 1 },
    { "minItems", read_size, AT(min_items), 0 },
    { "maxItems", read_size, AT(max_items), 0 },
    { "uniqueItems", read_yes, AT(is_unique), 0 },
    { "prefixItems", read_schemas, AT(prefix), 0 },
    { "items", read_schema, AT(items), 0 },
    { "minProperties", read_size, AT(min_members), 0 },
    { "maxProperties", read_size, AT(max_members), 0 },
    { "properties", read_members, 0, 0 },
    { "patternProperties", read_matching, 0, 0 },
    { "additionalProperties", read_schema, AT(others), 0 },
    { "propertyNames", read_schema, AT(names), 0 },
    { "required", read_required, 0, 0 },
    { "allOf", read_schemas, AT(all), 0 },
    { "anyOf", read_schemas, AT(any.forms), 0 },
    { "oneOf", read_schemas, AT(one.forms), 0 },
    { "not", read_schema, AT(excluded), 0 },
    { "$ref", read_ref, AT(ref), 0 },
    { "$defs", read_defs, 0, 1 },
    { "title", NULL, 0, 1 },
    { "description", NULL, 0, 1 },
    { "default", NULL, 0, 1 },
    { "examples", NULL, 0, 1 },
    { "format", NULL, 0, 1 },
    { "deprecated", NULL, 0, 1 },
    { "readOnly", NULL, 0, 1 },
    { "writeOnly", NULL, 0, 1 },
    { "$comment", NULL, 0, 1 },
    { "$schema", NULL, 0, 1 },
};

/* What the standard gives a meaning that we would have to check. */
static const char *const refused[] = {
    "$anchor",
    "$dynamicAnchor",
    "$dynamicRef",
    "$id",
    "$vocabulary",
    "contains",
    "dependentSchemas",
    "dependentRequired",
    "else",
    "if",
    "maxContains",
    "minContains",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
};

static const keyword_t *find_keyword(const char *name)
{
    for (apr_size_t i = 0; i < sizeof(keywords) / sizeof(*keywords); i++) {
        if (!strcmp(keywords[i].name, name)) {
            return &keywords[i];
        }
    }
    return NULL;
}

static mesh_err_t *pass_over(compiler_t *c, const char *name, const char *at)
{
    int passed = c->is_foreign;

    for (apr_size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
        passed = passed && strcmp(refused[i], name);
    }
    return passed ? NULL
                  : mesh_err_at(mesh_err(c->p, MESH_BUG, "unknown_keyword",
                                         "The schema has the keyword %s, "
                                         "which nothing checks.",
                                         name),
                                c->p, at);
}

static mesh_err_t *read_keywords(compiler_t *c, mesh_schema_t *schema,
                                 const mesh_json_t *node, const char *at)
{
    int asked = 0, asked_type = 0, asked_ref = 0;

    schema->only_text = 1;
    for (mesh_json_iter_t *m = mesh_json_first(node); m;
         m = mesh_json_next(node, m)) {
        const char *name = mesh_json_name(m);
        const char *here = mesh_err_pointer(at, name, c->p);
        const keyword_t *keyword = find_keyword(name);

        if (!keyword) {
            MESH_TRY(pass_over(c, name, here));
            continue;
        }
        schema->only_text &= keyword->asks_text;
        if (keyword->reader) {
            asked += keyword->reader != read_defs;
            asked_type += keyword->reader == read_type;
            asked_ref += keyword->reader == read_ref;
            MESH_TRY(keyword->reader(c, schema,
                                     (char *)schema + keyword->offset,
                                     mesh_json_value(m), here));
        }
    }
    schema->only_type = asked == asked_type;
    schema->only_ref = asked == 1 && asked_ref;
    schema->visits_members =
        schema->members || schema->matching || schema->others || schema->names;
    schema->has_parts = schema->ref || schema->all.count
                        || schema->any.forms.count || schema->one.forms.count
                        || schema->excluded;
    return NULL;
}

static mesh_err_t *compile(compiler_t *c, mesh_schema_t **schema,
                           const mesh_json_t *node, const char *at)
{
    mesh_schema_t *made = apr_hash_get(c->made, &node, sizeof(node));
    const mesh_json_t **key;
    mesh_err_t *err = NULL;

    *schema = made;
    if (made) {
        return NULL;
    }
    if (mesh_json_kind(node) != MESH_JSON_BOOLEAN
        && mesh_json_kind(node) != MESH_JSON_OBJECT) {
        return misused(c, at, "a schema: an object, true or false");
    }
    if (c->depth >= MAX_DEPTH) {
        return misused(c, at, "less deep");
    }
    *schema = made = apr_pcalloc(c->p, sizeof(*made));
    made->types = MESH_SCHEMA_ALL_TYPES;
    made->max_length = made->max_items = made->max_members = APR_SIZE_MAX;
    key = apr_palloc(c->p, sizeof(*key));
    *key = node;
    apr_hash_set(c->made, key, sizeof(node), made);
    if (mesh_json_kind(node) == MESH_JSON_BOOLEAN) {
        made->only_type = made->only_text = mesh_json_true(node);
        made->is_false = !mesh_json_true(node);
    }
    else {
        c->depth++;
        err = read_keywords(c, made, node, at);
        c->depth--;
    }
    return err;
}

/* ---- The whole document ------------------------------------------------- */

static mesh_err_t *compile_document(mesh_schema_t **schema,
                                    const mesh_json_t *document, int is_foreign,
                                    apr_pool_t *p)
{
    /* Our own copy: allowed values and names are kept as they stand in it. */
    compiler_t c = { .p = p,
                     .root = mesh_json_copy(document, p),
                     .made = apr_hash_make(p),
                     .is_foreign = is_foreign };
    mesh_schema_t *made;

    *schema = NULL;
    MESH_TRY(compile(&c, &made, c.root, ""));
    for (apr_hash_index_t *i = apr_hash_first(p, c.made); i;
         i = apr_hash_next(i)) {
        MESH_TRY(mesh_schema_count_height(apr_hash_this_val(i), p));
    }
    for (apr_hash_index_t *i = apr_hash_first(p, c.made); i;
         i = apr_hash_next(i)) {
        mesh_schema_find_tags(apr_hash_this_val(i), p);
    }
    *schema = made;
    return NULL;
}

mesh_err_t *mesh_schema_compile(mesh_schema_t **schema,
                                const mesh_json_t *document, apr_pool_t *p)
{
    return compile_document(schema, document, 0, p);
}

mesh_err_t *mesh_schema_compile_foreign(mesh_schema_t **schema,
                                        const mesh_json_t *document,
                                        apr_pool_t *p)
{
    return compile_document(schema, document, 1, p);
}
