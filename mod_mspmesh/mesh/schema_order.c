/* SPDX-License-Identifier: Apache-2.0 */
/* schema_order.c -- when are two JSON values the same, or in which order? */
#include "mesh/schema_int.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* An integer of 64 bit and any double must fit, or they compare wrongly. */
_Static_assert(LDBL_MANT_DIG >= 64, "long double is too short");

mesh_schema_number_t mesh_schema_number(const mesh_json_t *json)
{
    mesh_schema_number_t number = { .is_set = 1 };

    number.is_integer = mesh_json_kind(json) == MESH_JSON_INTEGER;
    number.integer = mesh_json_integer(json);
    number.real = mesh_json_number(json);
    return number;
}

int mesh_schema_number_order(const mesh_schema_number_t *a,
                             const mesh_schema_number_t *b)
{
    long double x, y;

    if (a->is_integer && b->is_integer) {
        return (a->integer > b->integer) - (a->integer < b->integer);
    }
    x = a->is_integer ? (long double)a->integer : (long double)a->real;
    y = b->is_integer ? (long double)b->integer : (long double)b->real;
    return (x > y) - (x < y);
}

int mesh_schema_is_multiple(const mesh_schema_number_t *n,
                            const mesh_schema_number_t *of)
{
    const mesh_schema_number_t one = { 1, 1, 1, 1.0 };
    double x, step, times;

    if (n->is_integer && of->is_integer) {
        return n->integer % of->integer == 0;
    }
    x = n->is_integer ? (double)n->integer : n->real;
    step = of->is_integer ? (double)of->integer : of->real;
    times = x / step;
    /* 0.0075 is 75 times 0.0001 to whoever wrote them, though not in binary.
     * Where no digit is left for a fraction only the exact rest tells, or
     * that the step divides 1, and so every whole number. */
    if (fabs(times) < 1 / (16 * DBL_EPSILON)) {
        return fabs(times - rint(times)) <= 4 * DBL_EPSILON * fabs(times);
    }
    return fmod(x, step) == 0
           || (x == floor(x) && step < 1 && step > 1e-12
               && mesh_schema_is_multiple(&one, of));
}

static int rank(const mesh_json_t *json)
{
    mesh_json_kind_t kind = mesh_json_kind(json);

    return kind == MESH_JSON_REAL ? MESH_JSON_INTEGER : (int)kind;
}

static int order_of_texts(const mesh_json_t *a, const mesh_json_t *b)
{
    apr_size_t n = mesh_json_text_length(a), m = mesh_json_text_length(b);
    int order = memcmp(mesh_json_text(a), mesh_json_text(b), n < m ? n : m);

    return order ? order : (n > m) - (n < m);
}

static int order_of_arrays(const mesh_json_t *a, const mesh_json_t *b)
{
    apr_size_t n = mesh_json_count(a), m = mesh_json_count(b);

    for (apr_size_t i = 0; i < n && i < m; i++) {
        int order =
            mesh_schema_order(mesh_json_element(a, i), mesh_json_element(b, i));

        if (order) {
            return order;
        }
    }
    return (n > m) - (n < m);
}

/*
 * Let the first name decide, in the order of names, at which the two differ;
 * so the members need not be sorted.
 */
static int order_of_objects(const mesh_json_t *a, const mesh_json_t *b)
{
    const char *first = NULL;
    int order = 0;

    for (mesh_json_iter_t *m = mesh_json_first(a); m;
         m = mesh_json_next(a, m)) {
        const char *name = mesh_json_name(m);
        const mesh_json_t *other = mesh_json_member(b, name);
        int here = other ? mesh_schema_order(mesh_json_value(m), other) : 1;

        if (here && (!first || strcmp(name, first) < 0)) {
            first = name;
            order = here;
        }
    }
    for (mesh_json_iter_t *m = mesh_json_first(b); m;
         m = mesh_json_next(b, m)) {
        const char *name = mesh_json_name(m);

        if ((!first || strcmp(name, first) < 0) && !mesh_json_member(a, name)) {
            first = name;
            order = -1;
        }
    }
    return order;
}

int mesh_schema_order(const mesh_json_t *a, const mesh_json_t *b)
{
    mesh_schema_number_t x, y;

    if (rank(a) != rank(b)) {
        return rank(a) < rank(b) ? -1 : 1;
    }
    switch (mesh_json_kind(a)) {
    case MESH_JSON_BOOLEAN: return mesh_json_true(a) - mesh_json_true(b);
    case MESH_JSON_INTEGER:
    case MESH_JSON_REAL:
        x = mesh_schema_number(a);
        y = mesh_schema_number(b);
        return mesh_schema_number_order(&x, &y);
    case MESH_JSON_STRING: return order_of_texts(a, b);
    case MESH_JSON_ARRAY: return order_of_arrays(a, b);
    case MESH_JSON_OBJECT: return order_of_objects(a, b);
    default: return 0;
    }
}

/* Most orders are told by the first look, without a way to the value. */
typedef struct {
    const mesh_json_t *json;
    apr_size_t index;
    int rank;
    double number;
} element_t;

static int order_of_elements(const void *a, const void *b)
{
    const element_t *x = a, *y = b;
    int order = (x->rank > y->rank) - (x->rank < y->rank);

    order = order ? order : (x->number > y->number) - (x->number < y->number);
    order = order ? order : mesh_schema_order(x->json, y->json);
    return order ? order : (x->index > y->index) - (x->index < y->index);
}

int mesh_schema_has_twins(const mesh_json_t *array, apr_size_t *first,
                          apr_size_t *second, apr_pool_t *p)
{
    apr_size_t count = mesh_json_count(array);
    apr_pool_t *scratch;
    element_t *elements;
    int found = 0;

    if (count < 2) {
        return 0;
    }
    /* Sorting, not hashing: no list can be made up that takes long. */
    apr_pool_create(&scratch, p);
    elements = apr_palloc(scratch, count * sizeof(*elements));
    for (apr_size_t i = 0; i < count; i++) {
        const mesh_json_t *json = mesh_json_element(array, i);

        elements[i] =
            (element_t){ json, i, rank(json), mesh_json_number(json) };
    }
    qsort(elements, count, sizeof(*elements), order_of_elements);
    for (apr_size_t i = 1; i < count; i++) {
        if (mesh_schema_order(elements[i - 1].json, elements[i].json) == 0
            && (!found || elements[i].index < *second)) {
            found = 1;
            *first = elements[i - 1].index;
            *second = elements[i].index;
        }
    }
    apr_pool_destroy(scratch);
    return found;
}
