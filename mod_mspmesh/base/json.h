/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.h -- JSON (RFC 8259), strictly read; the one home of jansson.
 *
 * Pool: a value made by mesh_json_parse(), mesh_json_object() and the like
 *       belongs to the pool given and dies with it.  A value that is put into
 *       another becomes part of it and must not be put into a second one.
 *       A value read out of another is part of it: it lives as long.
 * Thread: a value may be read by many threads once nobody changes it.
 * Numbers: integers are 64 bit; reals are finite (the reader refuses others).
 */
#ifndef MESH_JSON_H
#define MESH_JSON_H

#include <apr_pools.h>

#include "base/err.h"

typedef struct mesh_json_t mesh_json_t;

typedef enum {
    MESH_JSON_NULL,
    MESH_JSON_BOOLEAN,
    MESH_JSON_INTEGER,
    MESH_JSON_REAL,
    MESH_JSON_STRING,
    MESH_JSON_ARRAY,
    MESH_JSON_OBJECT,
} mesh_json_kind_t;

/* How deep a text may nest. */
#define MESH_JSON_MAX_DEPTH 64

/*
 * Read TEXT of LENGTH bytes into *JSON.  Refused as INVALID with the position,
 * and a JSON pointer (RFC 6901) where there is one: what is not JSON
 * ("not_json"), bad UTF-8 ("not_utf8"), a member given twice
 * ("duplicate_member"), a NUL or a lone surrogate in a string ("bad_string"),
 * a number out of range ("bad_number"), nesting deeper than
 * MESH_JSON_MAX_DEPTH ("too_deep").
 */
mesh_err_t *mesh_json_parse(mesh_json_t **json, const char *text,
                            apr_size_t length, apr_pool_t *p);

/* Write compactly, members in the order they were set, or sorted by name. */
const char *mesh_json_format(const mesh_json_t *json, apr_pool_t *p);
const char *mesh_json_format_sorted(const mesh_json_t *json, apr_pool_t *p);

mesh_json_kind_t mesh_json_kind(const mesh_json_t *json);
int mesh_json_is_number(const mesh_json_t *json);
int mesh_json_equal(const mesh_json_t *a, const mesh_json_t *b);

/* The value itself; 0, "" or 0 elements when it is of another kind. */
int mesh_json_true(const mesh_json_t *json);
apr_int64_t mesh_json_integer(const mesh_json_t *json);
double mesh_json_number(const mesh_json_t *json);
const char *mesh_json_text(const mesh_json_t *json);
apr_size_t mesh_json_text_length(const mesh_json_t *json); /* in bytes */
apr_size_t mesh_json_count(const mesh_json_t *json); /* elements, members */

/* A member or an element; NULL when there is none. */
mesh_json_t *mesh_json_member(const mesh_json_t *object, const char *name);
mesh_json_t *mesh_json_element(const mesh_json_t *array, apr_size_t index);

/* The text of a member; NULL when there is none or it is no string. */
const char *mesh_json_member_text(const mesh_json_t *object, const char *name);

/*
 * Walk the members of an object in order:
 * for (m = mesh_json_first(o); m; m = mesh_json_next(o, m)) ...
 */
typedef struct mesh_json_iter_t mesh_json_iter_t;
mesh_json_iter_t *mesh_json_first(const mesh_json_t *object);
mesh_json_iter_t *mesh_json_next(const mesh_json_t *object,
                                 mesh_json_iter_t *iter);
const char *mesh_json_name(mesh_json_iter_t *iter);
mesh_json_t *mesh_json_value(mesh_json_iter_t *iter);

/* Make values. */
mesh_json_t *mesh_json_object(apr_pool_t *p);
mesh_json_t *mesh_json_array(apr_pool_t *p);
mesh_json_t *mesh_json_copy(const mesh_json_t *json, apr_pool_t *p); /* deep */

/*
 * Set a member.  A text must be UTF-8; what is not becomes null, for the same
 * reason a real that is not finite does: an answer never holds a lie.
 */
void mesh_json_set(mesh_json_t *object, const char *name, mesh_json_t *value);
void mesh_json_set_text(mesh_json_t *object, const char *name, const char *s);
void mesh_json_set_integer(mesh_json_t *object, const char *name,
                           apr_int64_t n);
void mesh_json_set_number(mesh_json_t *object, const char *name, double x);
void mesh_json_set_boolean(mesh_json_t *object, const char *name, int yes);
void mesh_json_set_null(mesh_json_t *object, const char *name);
void mesh_json_remove(mesh_json_t *object, const char *name);

/* A member that is made where it belongs: a new object or array in OBJECT. */
mesh_json_t *mesh_json_set_object(mesh_json_t *object, const char *name);
mesh_json_t *mesh_json_set_array(mesh_json_t *object, const char *name);

/* Append to an array. */
void mesh_json_add(mesh_json_t *array, mesh_json_t *value);
void mesh_json_add_text(mesh_json_t *array, const char *s);
void mesh_json_add_number(mesh_json_t *array, double x);
void mesh_json_add_integer(mesh_json_t *array, apr_int64_t n);
void mesh_json_add_null(mesh_json_t *array);
mesh_json_t *mesh_json_add_object(mesh_json_t *array);
mesh_json_t *mesh_json_add_array(mesh_json_t *array);

/* X with at most DIGITS after the point: what an answer shows of a figure. */
double mesh_json_round(double x, int digits);

#endif
