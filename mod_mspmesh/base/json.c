/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.c -- JSON (RFC 8259), strictly read.
 *
 * mesh_json_t is jansson's json_t under our name, so that nobody else needs
 * its header.  Ownership is by pool: only the root of a tree is registered.
 */
#include "base/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <apr_strings.h>
#include <jansson.h>

static json_t *foreign(const mesh_json_t *json)
{
    return (json_t *)(void *)json;
}

static mesh_json_t *ours(json_t *json)
{
    return (mesh_json_t *)(void *)json;
}

static apr_status_t release(void *json)
{
    json_decref(json);
    return APR_SUCCESS;
}

static mesh_json_t *keep(json_t *json, apr_pool_t *p)
{
    apr_pool_cleanup_register(p, json, release, apr_pool_cleanup_null);
    return ours(json);
}

/* ---- Reading ------------------------------------------------------------ */

/* A pointer that would be longer leads to what holds the culprit. */
#define LONGEST_POINTER 1000

/* "/" and the name that stands at NAME, between its quotes, as a pointer has
 * it; NULL when it is too long. */
static const char *step_of(const char *name, apr_size_t length, apr_pool_t *p)
{
    json_t *read = length <= LONGEST_POINTER
                       ? json_loadb(name - 1, length + 2, JSON_DECODE_ANY, NULL)
                       : NULL;
    const char *c = json_string_value(read);
    const char *step = c ? mesh_err_pointer("", c, p) : NULL;

    json_decref(read);
    return step;
}

/*
 * The JSON pointer of the value that is being read when TEXT breaks off at
 * STOP, and in *DEPTH how deep the text ever nested.  Everything before STOP
 * is known to be well formed, so this only has to tell strings, brackets and
 * commas apart.
 */
static const char *locate(const char *text, apr_size_t stop, int *deepest,
                          apr_pool_t *p)
{
    typedef struct {
        const char *name;
        apr_size_t name_length;
        apr_size_t index;
        int is_object;
    } level_t;
    level_t stack[MESH_JSON_MAX_DEPTH + 2];
    int depth = 0;
    const char *path = "";

    *deepest = 0;
    memset(stack, 0, sizeof(stack));
    for (apr_size_t i = 0; i < stop; i++) {
        level_t *top = &stack[depth];

        switch (text[i]) {
        case '"': {
            apr_size_t start = ++i;

            while (i < stop && text[i] != '"') {
                i += text[i] == '\\' ? 2 : 1;
            }
            if (top->is_object && !top->name && i < stop) {
                top->name = text + start;
                top->name_length = i - start;
            }
            break;
        }
        case '{':
        case '[':
            if (depth < MESH_JSON_MAX_DEPTH + 1) {
                depth++;
                stack[depth] = (level_t){ .is_object = text[i] == '{' };
            }
            if (depth > *deepest) {
                *deepest = depth;
            }
            if (depth > MESH_JSON_MAX_DEPTH) {
                i = stop;
            }
            break;
        case '}':
        case ']': depth -= depth > 0; break;
        case ',':
            top->name = NULL;
            top->index++;
            break;
        default: break;
        }
    }
    for (int i = 1; i <= depth && i <= MESH_JSON_MAX_DEPTH; i++) {
        const char *step;

        if (!stack[i].is_object) {
            step = apr_psprintf(p, "/%" APR_SIZE_T_FMT, stack[i].index);
        }
        else if (!stack[i].name
                 || !(step = step_of(stack[i].name, stack[i].name_length, p))) {
            break;
        }
        if (strlen(path) + strlen(step) > LONGEST_POINTER) {
            break;
        }
        path = apr_pstrcat(p, path, step, NULL);
    }
    return path;
}

static mesh_err_t *refuse(const json_error_t *error, const char *text,
                          apr_size_t length, apr_pool_t *p)
{
    static const struct {
        enum json_error_code code;
        const char *name, *words;
    } known[] = {
        { json_error_invalid_utf8, "not_utf8", "The text is not UTF-8" },
        { json_error_duplicate_key, "duplicate_member",
          "The same member is given twice" },
        { json_error_null_character, "bad_string", "A string holds a NUL" },
        { json_error_null_byte_in_key, "bad_string", "A name holds a NUL" },
        { json_error_numeric_overflow, "bad_number",
          "A number is out of range" },
        { json_error_stack_overflow, "too_deep", "The text nests too deeply" },
    };
    apr_size_t at = error->position > 0 ? (apr_size_t)error->position : 0;
    int deepest;
    const char *pointer = locate(text, at < length ? at : length, &deepest, p);
    const char *name = "not_json", *words = "The body is not JSON";
    mesh_err_t *err;

    for (apr_size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        if (json_error_code(error) == known[i].code) {
            name = known[i].name;
            words = known[i].words;
        }
    }
    if (strstr(error->text, "invalid Unicode")) {
        name = "bad_string";
        words = "A string holds half of a surrogate pair";
    }
    if (deepest > MESH_JSON_MAX_DEPTH) {
        name = "too_deep";
        words = "The text nests too deeply";
    }
    err = mesh_err(p, MESH_INVALID, name, "%s, near line %d column %d.", words,
                   error->line, error->column);
    if (*pointer) {
        err->pointer = pointer;
    }
    return mesh_err_detail(err, p, "%s", error->text);
}

static int depth_of(const json_t *json, int limit)
{
    const json_t *value;
    int deepest = 0;

    if (!json_is_object(json) && !json_is_array(json)) {
        return 0;
    }
    if (limit == 0) {
        return 1;
    }
    if (json_is_array(json)) {
        for (size_t i = 0; i < json_array_size(json); i++) {
            value = json_array_get(json, i);
            if (json_is_object(value) || json_is_array(value)) {
                int d = depth_of(value, limit - 1);

                deepest = d > deepest ? d : deepest;
            }
        }
    }
    else {
        for (void *iter = json_object_iter((json_t *)json); iter;
             iter = json_object_iter_next((json_t *)json, iter)) {
            value = json_object_iter_value(iter);
            if (json_is_object(value) || json_is_array(value)) {
                int d = depth_of(value, limit - 1);

                deepest = d > deepest ? d : deepest;
            }
        }
    }
    return deepest + 1;
}

mesh_err_t *mesh_json_parse(mesh_json_t **json, const char *text,
                            apr_size_t length, apr_pool_t *p)
{
    json_error_t error;
    json_t *root = json_loadb(text, length,
                              JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);

    *json = NULL;
    if (!root) {
        return refuse(&error, text, length, p);
    }
    *json = keep(root, p);
    if (depth_of(root, MESH_JSON_MAX_DEPTH) > MESH_JSON_MAX_DEPTH) {
        return mesh_err(p, MESH_INVALID, "too_deep",
                        "The text nests deeper than %d levels.",
                        MESH_JSON_MAX_DEPTH);
    }
    return NULL;
}

/* ---- Writing ------------------------------------------------------------ */

typedef struct {
    char *bytes;
    apr_size_t used, size;
    apr_pool_t *p;
} text_t;

static int append(const char *bytes, size_t length, void *data)
{
    text_t *text = data;

    if (length > text->size - text->used) {
        char *smaller = text->bytes;

        text->size = 2 * (text->size + length);
        text->bytes = apr_palloc(text->p, text->size);
        memcpy(text->bytes, smaller, text->used);
    }
    memcpy(text->bytes + text->used, bytes, length);
    text->used += length;
    return 0;
}

static const char *format(const mesh_json_t *json, size_t flags, apr_pool_t *p)
{
    /* Numbers are what costs, so a text is made once and not measured first;
     * most fit in here. */
    char room[4096];
    text_t text = { room, 0, sizeof(room), p };

    /* 15 digits are what a double carries whatever its value: 0.1 stays 0.1. */
    flags |= JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15);
    json_dump_callback(foreign(json), append, &text, flags);
    if (text.bytes == room) {
        return apr_pstrmemdup(p, room, text.used);
    }
    append("", 1, &text);
    return text.bytes;
}

const char *mesh_json_format(const mesh_json_t *json, apr_pool_t *p)
{
    return format(json, 0, p);
}

const char *mesh_json_format_sorted(const mesh_json_t *json, apr_pool_t *p)
{
    return format(json, JSON_SORT_KEYS, p);
}

/* ---- Looking ------------------------------------------------------------ */

mesh_json_kind_t mesh_json_kind(const mesh_json_t *json)
{
    switch (json_typeof(foreign(json))) {
    case JSON_OBJECT: return MESH_JSON_OBJECT;
    case JSON_ARRAY: return MESH_JSON_ARRAY;
    case JSON_STRING: return MESH_JSON_STRING;
    case JSON_INTEGER: return MESH_JSON_INTEGER;
    case JSON_REAL: return MESH_JSON_REAL;
    case JSON_TRUE:
    case JSON_FALSE: return MESH_JSON_BOOLEAN;
    default: return MESH_JSON_NULL;
    }
}

int mesh_json_is_number(const mesh_json_t *json)
{
    return json_is_number(foreign(json));
}

int mesh_json_equal(const mesh_json_t *a, const mesh_json_t *b)
{
    return json_equal(foreign(a), foreign(b));
}

int mesh_json_true(const mesh_json_t *json)
{
    return json_is_true(foreign(json));
}

apr_int64_t mesh_json_integer(const mesh_json_t *json)
{
    return json_integer_value(foreign(json));
}

double mesh_json_number(const mesh_json_t *json)
{
    return json_number_value(foreign(json));
}

const char *mesh_json_text(const mesh_json_t *json)
{
    const char *s = json_string_value(foreign(json));

    return s ? s : "";
}

apr_size_t mesh_json_text_length(const mesh_json_t *json)
{
    return json_string_length(foreign(json));
}

apr_size_t mesh_json_count(const mesh_json_t *json)
{
    return json_is_array(foreign(json)) ? json_array_size(foreign(json))
                                        : json_object_size(foreign(json));
}

mesh_json_t *mesh_json_member(const mesh_json_t *object, const char *name)
{
    return ours(json_object_get(foreign(object), name));
}

const char *mesh_json_member_text(const mesh_json_t *object, const char *name)
{
    return json_string_value(json_object_get(foreign(object), name));
}

mesh_json_t *mesh_json_element(const mesh_json_t *array, apr_size_t index)
{
    return ours(json_array_get(foreign(array), index));
}

mesh_json_iter_t *mesh_json_first(const mesh_json_t *object)
{
    return json_object_iter(foreign(object));
}

mesh_json_iter_t *mesh_json_next(const mesh_json_t *object,
                                 mesh_json_iter_t *iter)
{
    return json_object_iter_next(foreign(object), iter);
}

const char *mesh_json_name(mesh_json_iter_t *iter)
{
    return json_object_iter_key(iter);
}

mesh_json_t *mesh_json_value(mesh_json_iter_t *iter)
{
    return ours(json_object_iter_value(iter));
}

/* ---- Making ------------------------------------------------------------- */

mesh_json_t *mesh_json_object(apr_pool_t *p)
{
    return keep(json_object(), p);
}

mesh_json_t *mesh_json_array(apr_pool_t *p)
{
    return keep(json_array(), p);
}

mesh_json_t *mesh_json_copy(const mesh_json_t *json, apr_pool_t *p)
{
    return keep(json_deep_copy(foreign(json)), p);
}

static json_t *text_or_null(const char *s)
{
    json_t *text = s ? json_string(s) : NULL;

    return text ? text : json_null();
}

static json_t *real_or_null(double x)
{
    return isfinite(x) ? json_real(x) : json_null();
}

static void set_new(mesh_json_t *object, const char *name, json_t *value)
{
    json_object_set_new_nocheck(foreign(object), name, value);
}

void mesh_json_set(mesh_json_t *object, const char *name, mesh_json_t *value)
{
    json_object_set_nocheck(foreign(object), name, foreign(value));
}

void mesh_json_set_text(mesh_json_t *object, const char *name, const char *s)
{
    set_new(object, name, text_or_null(s));
}

void mesh_json_set_integer(mesh_json_t *object, const char *name, apr_int64_t n)
{
    set_new(object, name, json_integer(n));
}

void mesh_json_set_number(mesh_json_t *object, const char *name, double x)
{
    set_new(object, name, real_or_null(x));
}

void mesh_json_set_boolean(mesh_json_t *object, const char *name, int yes)
{
    set_new(object, name, json_boolean(yes));
}

void mesh_json_set_null(mesh_json_t *object, const char *name)
{
    set_new(object, name, json_null());
}

void mesh_json_remove(mesh_json_t *object, const char *name)
{
    json_object_del(foreign(object), name);
}

mesh_json_t *mesh_json_set_object(mesh_json_t *object, const char *name)
{
    json_t *made = json_object();

    set_new(object, name, made);
    return ours(made);
}

mesh_json_t *mesh_json_set_array(mesh_json_t *object, const char *name)
{
    json_t *made = json_array();

    set_new(object, name, made);
    return ours(made);
}

void mesh_json_add(mesh_json_t *array, mesh_json_t *value)
{
    json_array_append(foreign(array), foreign(value));
}

void mesh_json_add_text(mesh_json_t *array, const char *s)
{
    json_array_append_new(foreign(array), text_or_null(s));
}

void mesh_json_add_number(mesh_json_t *array, double x)
{
    json_array_append_new(foreign(array), real_or_null(x));
}

void mesh_json_add_integer(mesh_json_t *array, apr_int64_t n)
{
    json_array_append_new(foreign(array), json_integer(n));
}

void mesh_json_add_null(mesh_json_t *array)
{
    json_array_append_new(foreign(array), json_null());
}

mesh_json_t *mesh_json_add_object(mesh_json_t *array)
{
    json_t *made = json_object();

    json_array_append_new(foreign(array), made);
    return ours(made);
}

mesh_json_t *mesh_json_add_array(mesh_json_t *array)
{
    json_t *made = json_array();

    json_array_append_new(foreign(array), made);
    return ours(made);
}

double mesh_json_round(double x, int digits)
{
    double scale = pow(10, digits);
    double scaled = x * scale;

    return fabs(scaled) < 1e15 ? round(scaled) / scale : x;
}
