/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema_int.h -- a compiled schema from inside, for schema*.c only.
 *
 * Thread: everything here is written while a schema is compiled and only
 *         read afterwards; a run belongs to the thread that checks.
 * Pool: the schema's, except for what hangs on a run.
 */
#ifndef MESH_SCHEMA_INT_H
#define MESH_SCHEMA_INT_H

#include "algo/pattern.h"
#include "mesh/schema.h"

/* A number as it was written: an integer does not lose its last digits. */
typedef struct {
    int is_set;
    int is_integer;
    apr_int64_t integer;
    double real;
} mesh_schema_number_t;

typedef struct {
    const char *name;
    mesh_schema_t *schema;
} mesh_schema_member_t;

typedef struct {
    mesh_pattern_t *pattern;
    mesh_schema_t *schema;
} mesh_schema_matching_t;

typedef struct {
    mesh_schema_t **list;
    int count;
} mesh_schema_list_t;

/*
 * anyOf or oneOf.  When every form asks one member, say "kind", for a text of
 * its own, that text tells which form is meant: TAG is "kind", and TAGS are
 * the texts, sorted, each with its form.
 */
typedef struct {
    mesh_schema_list_t forms;
    int only_one; /* oneOf */
    const char *tag;
    int is_tag_required; /* by every form */
    mesh_schema_member_t *tags;
    int tag_count;
} mesh_schema_choice_t;

#define MESH_SCHEMA_ALL_TYPES ((1u << (MESH_JSON_OBJECT + 1)) - 1)

struct mesh_schema_t {
    int is_false;   /* the schema "false": nothing fits */
    int only_type;  /* nothing but types is asked for */
    int only_text;  /* checks a text without needing a JSON value */
    int only_ref;   /* nothing but a $ref */
    unsigned types; /* bit 1 << kind */
    int is_whole;   /* "integer" without "number": a real must be whole */

    const mesh_json_t *allowed; /* enum, or NULL */
    const mesh_json_t *exactly; /* const, or NULL */

    int has_range;
    mesh_schema_number_t minimum, maximum, above, below, multiple;

    apr_size_t min_length, max_length;
    mesh_pattern_t *pattern;

    apr_size_t min_items, max_items;
    int is_unique;
    mesh_schema_list_t prefix;
    mesh_schema_t *items;

    apr_size_t min_members, max_members;
    int visits_members;            /* any of the five below */
    mesh_schema_member_t *members; /* properties, sorted by name */
    int member_count;
    const char *known; /* their names in the order written, for the message */
    mesh_schema_matching_t *matching; /* patternProperties */
    int matching_count;
    mesh_schema_t *others; /* additionalProperties */
    mesh_schema_t *names;  /* propertyNames */
    const char **required;
    int required_count;

    int has_parts; /* any of the five below */
    mesh_schema_t *ref;
    mesh_schema_list_t all;
    mesh_schema_choice_t any, one;
    mesh_schema_t *excluded; /* not */

    int height; /* of the schemas for the same value below; -1: being counted */
};

/* Where in the value (or the schema) we are; lives on the stack. */
typedef struct mesh_schema_place_t {
    const struct mesh_schema_place_t *up; /* NULL: the root */
    const char *name;                     /* NULL: an element of an array */
    apr_size_t index;
} mesh_schema_place_t;

/* PLACE as a JSON pointer, long names cut. */
const char *mesh_schema_pointer(const mesh_schema_place_t *place,
                                apr_pool_t *p);

/* ---- schema_link.c: how do the schemas of a document hang together? ----- */

/* What a schema that is but a $ref refers to, in the end. */
const mesh_schema_t *mesh_schema_follow(const mesh_schema_t *schema);

/* Sort MEMBERS by name, and find the one of that name, or NULL. */
void mesh_schema_sort(mesh_schema_member_t *members, int count);
const mesh_schema_member_t *
mesh_schema_find(const mesh_schema_member_t *members, int count,
                 const char *name);

/*
 * Set schema->height.  A BUG when SCHEMA leads back to itself by $ref, allOf,
 * anyOf, oneOf or not: a check would never end, as these stay at one value.
 */
mesh_err_t *mesh_schema_count_height(mesh_schema_t *schema, apr_pool_t *p);

/* Find by which member the forms of its choices are told apart. */
void mesh_schema_find_tags(mesh_schema_t *schema, apr_pool_t *p);

/* ---- schema_order.c: when are two values the same? ---------------------- */

mesh_schema_number_t mesh_schema_number(const mesh_json_t *json);
int mesh_schema_number_order(const mesh_schema_number_t *a,
                             const mesh_schema_number_t *b);
int mesh_schema_is_multiple(const mesh_schema_number_t *n,
                            const mesh_schema_number_t *of);

/* A total order in which 1 and 1.0 are the same, and 1 and true are not. */
int mesh_schema_order(const mesh_json_t *a, const mesh_json_t *b);

/* Whether two elements of ARRAY are the same, and which. */
int mesh_schema_has_twins(const mesh_json_t *array, apr_size_t *first,
                          apr_size_t *second, apr_pool_t *p);

/* ---- schema_words.c: what a schema asks for, in plain words ------------- */

/* "a number from 0 to 10", "text or null"; NULL when there is no saying. */
const char *mesh_schema_words(const mesh_schema_t *schema, apr_pool_t *p);
/* The same for what a number must be, the types left out of account. */
const char *mesh_schema_words_number(const mesh_schema_t *schema,
                                     apr_pool_t *p);
/* "one of: a, b, c" */
const char *mesh_schema_words_allowed(const mesh_json_t *list, apr_pool_t *p);
const char *mesh_schema_words_tags(const mesh_schema_choice_t *choice,
                                   apr_pool_t *p);
/* "from 3 to 40 characters", THINGS in the plural and one of it as ONE */
const char *mesh_schema_words_count(apr_size_t min, apr_size_t max,
                                    const char *one, const char *things,
                                    apr_pool_t *p);
/* "a, b, c", at most 30 NAMES and then how many more there are */
const char *mesh_schema_words_list(const char *const *names, int count,
                                   apr_pool_t *p);

/* ---- schema_check.c, schema_forms.c: a check while it runs -------------- */

/* What all runs of one check share. */
typedef struct {
    long steps;          /* left */
    mesh_err_t *gave_up; /* why the check ended undecided */
} mesh_schema_effort_t;

/*
 * A run is either loud, and collects faults until it has enough of them, or
 * quiet, and only finds out whether a form fits, stopping at the first fault.
 */
typedef struct {
    apr_pool_t *p;
    mesh_schema_effort_t *effort;
    mesh_err_t *first, *last;
    int count;
    int is_quiet;
    int depth; /* in the value */
} mesh_schema_run_t;

/* These answer whether VALUE is good, and else RUN knows why. */
int mesh_schema_check_value(mesh_schema_run_t *run, const mesh_schema_t *schema,
                            const mesh_json_t *value,
                            const mesh_schema_place_t *place);
int mesh_schema_check_choice(mesh_schema_run_t *run,
                             const mesh_schema_choice_t *choice,
                             const mesh_json_t *value,
                             const mesh_schema_place_t *place);
/* The same, and nobody is told why. */
int mesh_schema_fits(mesh_schema_run_t *run, const mesh_schema_t *schema,
                     const mesh_json_t *value,
                     const mesh_schema_place_t *place);
int mesh_schema_has_type(const mesh_schema_t *schema, const mesh_json_t *value);

/* Tell a fault; the answer is always 0, "not good". */
int mesh_schema_fault(mesh_schema_run_t *run, const mesh_schema_place_t *place,
                      const char *name, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* Take over a fault that another run has told, unless there are enough. */
void mesh_schema_collect(mesh_schema_run_t *run, mesh_err_t *err);

/* A quiet run does not even make up the words: they are macro arguments. */
#define MESH_SCHEMA_FAULT(run, ...) \
    ((run)->is_quiet ? 0 : mesh_schema_fault(run, __VA_ARGS__))

#endif
