/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema_check.c -- holds a value against a compiled schema.
 *
 * Each function answers whether what it looked at is good, and unless the run
 * is quiet goes on after a fault to find the others.
 */
#include "mesh/schema_int.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>
#include <apr_strings.h>

/*
 * Forms within forms can be tried in so many ways that a small value would
 * take for ever.  A check ends after this many steps, about a second; telling
 * a fault counts for many, as it takes memory.
 */
#define MAX_STEPS       30000000
#define STEPS_PER_FAULT 1000

/* ---- Faults ------------------------------------------------------------- */

/* Whether another fault would be of interest. */
static int goes_on(const mesh_schema_run_t *run)
{
    return !run->is_quiet && run->count < MESH_SCHEMA_MAX_FAULTS
           && !run->effort->gave_up;
}

/* Two schemas for one value (allOf) need not complain twice. */
static int is_known(const mesh_schema_run_t *run, const mesh_err_t *err)
{
    for (const mesh_err_t *e = run->first; e; e = e->next) {
        if (!strcmp(e->name, err->name) && !strcmp(e->pointer, err->pointer)
            && !strcmp(e->message, err->message)) {
            return 1;
        }
    }
    return 0;
}

void mesh_schema_collect(mesh_schema_run_t *run, mesh_err_t *err)
{
    if (run->count >= MESH_SCHEMA_MAX_FAULTS || is_known(run, err)) {
        return;
    }
    if (run->last) {
        run->last->next = err;
    }
    else {
        run->first = err;
    }
    run->last = err;
    run->count++;
}

int mesh_schema_fault(mesh_schema_run_t *run, const mesh_schema_place_t *place,
                      const char *name, const char *fmt, ...)
{
    va_list args;
    const char *words;
    mesh_err_t *err;

    run->effort->steps -= STEPS_PER_FAULT;
    va_start(args, fmt);
    words = apr_pvsprintf(run->p, fmt, args);
    va_end(args);
    err = mesh_err(run->p, MESH_INVALID, name, "%s", words);
    err->pointer = mesh_schema_pointer(place, run->p);
    mesh_schema_collect(run, err);
    return 0;
}

/*
 * What cannot be decided must not pass, and a form that does not fit may be
 * just what another one (not, oneOf) is asking for: so this ends it all.
 */
static int give_up(mesh_schema_run_t *run, const mesh_schema_place_t *place,
                   const char *name, const char *message)
{
    if (!run->effort->gave_up) {
        run->effort->gave_up =
            mesh_err_at(mesh_err(run->p, MESH_INVALID, name, "%s", message),
                        run->p, mesh_schema_pointer(place, run->p));
    }
    return 0;
}

/* ---- Texts -------------------------------------------------------------- */

static apr_size_t code_points(const char *text, apr_size_t length)
{
    apr_size_t n = 0;

    for (apr_size_t i = 0; i < length; i++) {
        n += (text[i] & 0xc0) != 0x80;
    }
    return n;
}

static int check_text(mesh_schema_run_t *run, const mesh_schema_t *schema,
                      const char *text, apr_size_t length,
                      const mesh_schema_place_t *place)
{
    const apr_size_t min = schema->min_length, max = schema->max_length;
    int good = 1, matches;

    /* A code point has one to four bytes: mostly there is no need to count. */
    if (length < min || length / 4 < min || length > max) {
        apr_size_t n = code_points(text, length);

        if (n < min) {
            good = min == 1 && max == APR_SIZE_MAX
                       ? MESH_SCHEMA_FAULT(run, place, "too_short",
                                           "must not be empty")
                       : MESH_SCHEMA_FAULT(
                           run, place, "too_short", "must have %s",
                           mesh_schema_words_count(min, max, "character",
                                                   "characters", run->p));
        }
        else if (n > max) {
            good = MESH_SCHEMA_FAULT(
                run, place, "too_long", "must have %s",
                mesh_schema_words_count(min, max, "character", "characters",
                                        run->p));
        }
    }
    if (schema->pattern && good) {
        if (mesh_pattern_match(schema->pattern, &matches, text, length,
                               run->p)) {
            good = give_up(run, place, "bad_format",
                           "is too long or too repetitive to be compared "
                           "with its pattern");
        }
        else if (!matches) {
            good = MESH_SCHEMA_FAULT(run, place, "bad_format",
                                     "must match the pattern %s",
                                     mesh_pattern_text(schema->pattern));
        }
    }
    return good;
}

/* ---- Numbers ------------------------------------------------------------ */

static int check_number(mesh_schema_run_t *run, const mesh_schema_t *schema,
                        const mesh_json_t *value,
                        const mesh_schema_place_t *place)
{
    const mesh_schema_number_t n = mesh_schema_number(value);

    if ((schema->minimum.is_set
         && mesh_schema_number_order(&n, &schema->minimum) < 0)
        || (schema->maximum.is_set
            && mesh_schema_number_order(&n, &schema->maximum) > 0)
        || (schema->above.is_set
            && mesh_schema_number_order(&n, &schema->above) <= 0)
        || (schema->below.is_set
            && mesh_schema_number_order(&n, &schema->below) >= 0)
        || (schema->multiple.is_set
            && !mesh_schema_is_multiple(&n, &schema->multiple))) {
        return MESH_SCHEMA_FAULT(run, place, "out_of_range", "must be %s",
                                 mesh_schema_words_number(schema, run->p));
    }
    return 1;
}

/* ---- Lists and objects -------------------------------------------------- */

static int descend(mesh_schema_run_t *run, const mesh_schema_t *schema,
                   const mesh_json_t *value, const mesh_schema_place_t *place)
{
    int good;

    if (schema->only_type && schema->types & (1u << mesh_json_kind(value))) {
        return 1;
    }
    if (run->depth >= MESH_JSON_MAX_DEPTH) {
        return give_up(run, place, "too_deep", "nests too deeply");
    }
    run->depth++;
    good = mesh_schema_check_value(run, schema, value, place);
    run->depth--;
    return good;
}

static int check_count(mesh_schema_run_t *run, apr_size_t count, apr_size_t min,
                       apr_size_t max, const char *one, const char *things,
                       const mesh_schema_place_t *place)
{
    if (count >= min && count <= max) {
        return 1;
    }
    return MESH_SCHEMA_FAULT(
        run, place, count < min ? "too_few" : "too_many", "must have %s",
        mesh_schema_words_count(min, max, one, things, run->p));
}

static int check_array(mesh_schema_run_t *run, const mesh_schema_t *schema,
                       const mesh_json_t *value,
                       const mesh_schema_place_t *place)
{
    apr_size_t count = mesh_json_count(value), first, second;
    apr_size_t prefix = (apr_size_t)schema->prefix.count;
    int good = check_count(run, count, schema->min_items, schema->max_items,
                           "element", "elements", place);

    /* Where far too much was sent, the rest is not worth the time. */
    if (!good && (!goes_on(run) || count > schema->max_items)) {
        return 0;
    }
    for (apr_size_t i = 0; i < count; i++) {
        const mesh_schema_place_t here = { .up = place, .index = i };
        const mesh_schema_t *element =
            i < prefix ? schema->prefix.list[i] : schema->items;

        if (!element) {
            break;
        }
        if (!descend(run, element, mesh_json_element(value, i), &here)) {
            good = 0;
            if (!goes_on(run)) {
                return 0;
            }
        }
    }
    if (schema->is_unique
        && mesh_schema_has_twins(value, &first, &second, run->p)) {
        const mesh_schema_place_t here = { .up = place, .index = second };

        good = MESH_SCHEMA_FAULT(run, &here, "not_allowed",
                                 "must differ from element %" APR_SIZE_T_FMT
                                 ", which is the same",
                                 first);
    }
    return good;
}

/* What could be given instead of an unknown member. */
static const char *words_for_known(const mesh_schema_t *schema, apr_pool_t *p)
{
    const char *words = schema->known ? schema->known : "";

    for (int i = 0; i < schema->matching_count; i++) {
        words =
            apr_pstrcat(p, words, *words ? ", " : "", "names that match ",
                        mesh_pattern_text(schema->matching[i].pattern), NULL);
    }
    return *words ? apr_pstrcat(p, "; known are: ", words, NULL)
                  : ", nor is any other name";
}

static int check_name(mesh_schema_run_t *run, const mesh_schema_t *schema,
                      const char *name, const mesh_schema_place_t *place)
{
    mesh_json_t *list;
    mesh_schema_run_t inner = {
        .p = run->p, .effort = run->effort, .depth = run->depth, .is_quiet = 1
    };
    int good;

    if (schema->only_text && schema->types & (1u << MESH_JSON_STRING)) {
        good = check_text(&inner, schema, name, strlen(name), place);
    }
    else {
        list = mesh_json_array(run->p);
        mesh_json_add_text(list, name);
        good = mesh_schema_check_value(&inner, schema,
                                       mesh_json_element(list, 0), place);
    }
    if (good || run->is_quiet) {
        return good;
    }
    /* Once more, for the words: now they are about a name. */
    inner = (mesh_schema_run_t){ .p = run->p,
                                 .effort = run->effort,
                                 .depth = run->depth };
    list = mesh_json_array(run->p);
    mesh_json_add_text(list, name);
    mesh_schema_check_value(&inner, schema, mesh_json_element(list, 0), place);
    for (const mesh_err_t *err = inner.first; err; err = err->next) {
        mesh_schema_fault(run, place, err->name, "its name %s", err->message);
    }
    return 0;
}

static int check_member(mesh_schema_run_t *run, const mesh_schema_t *schema,
                        const char *name, const mesh_json_t *value,
                        const mesh_schema_place_t *place)
{
    const mesh_schema_member_t *known =
        mesh_schema_find(schema->members, schema->member_count, name);
    int good = 1, is_known_here = known != NULL;

    if (known) {
        good = descend(run, known->schema, value, place);
    }
    for (int i = 0; i < schema->matching_count; i++) {
        int matches;

        if (mesh_pattern_match(schema->matching[i].pattern, &matches, name,
                               strlen(name), run->p)) {
            return give_up(run, place, "bad_format",
                           "its name is too long or too repetitive to be "
                           "compared with a pattern");
        }
        if (matches) {
            is_known_here = 1;
            good &= descend(run, schema->matching[i].schema, value, place);
        }
    }
    if (!is_known_here && schema->others) {
        if (schema->others->is_false) {
            return MESH_SCHEMA_FAULT(run, place, "unknown_member",
                                     "is not known here%s",
                                     words_for_known(schema, run->p));
        }
        good &= descend(run, schema->others, value, place);
    }
    if (schema->names && (good || goes_on(run))) {
        good &= check_name(run, schema->names, name, place);
    }
    return good;
}

static int missing(mesh_schema_run_t *run, const mesh_schema_t *schema,
                   const char *name, const mesh_schema_place_t *place)
{
    const mesh_schema_place_t here = { .up = place, .name = name };
    const mesh_schema_member_t *known =
        mesh_schema_find(schema->members, schema->member_count, name);
    const char *words = known ? mesh_schema_words(known->schema, run->p) : NULL;

    return words
               ? mesh_schema_fault(run, &here, "missing_member",
                                   "is missing; it must be %s", words)
               : mesh_schema_fault(run, &here, "missing_member", "is missing");
}

static int check_object(mesh_schema_run_t *run, const mesh_schema_t *schema,
                        const mesh_json_t *value,
                        const mesh_schema_place_t *place)
{
    int good = check_count(run, mesh_json_count(value), schema->min_members,
                           schema->max_members, "member", "members", place);

    for (int i = 0; i < schema->required_count; i++) {
        const char *name = schema->required[i];

        if (!mesh_json_member(value, name)) {
            good = run->is_quiet ? 0 : missing(run, schema, name, place);
            if (!goes_on(run)) {
                return 0;
            }
        }
    }
    if (!schema->visits_members || (!good && !goes_on(run))) {
        return good;
    }
    for (mesh_json_iter_t *m = mesh_json_first(value); m;
         m = mesh_json_next(value, m)) {
        const char *name = mesh_json_name(m);
        const mesh_schema_place_t here = { .up = place, .name = name };

        if (!check_member(run, schema, name, mesh_json_value(m), &here)) {
            good = 0;
            if (!goes_on(run)) {
                return 0;
            }
        }
    }
    return good;
}

int mesh_schema_has_type(const mesh_schema_t *schema, const mesh_json_t *value)
{
    const mesh_json_kind_t kind = mesh_json_kind(value);
    const double x = kind == MESH_JSON_REAL ? mesh_json_number(value) : 0.5;

    return (schema->types & (1u << kind)) != 0
           || (schema->is_whole && x == floor(x));
}

/* ---- All together ------------------------------------------------------- */

static int excluded(mesh_schema_run_t *run, const mesh_schema_t *schema,
                    const mesh_schema_place_t *place)
{
    const char *words = schema->only_type || schema->exactly || schema->allowed
                            ? mesh_schema_words(schema, run->p)
                            : NULL;

    return words ? mesh_schema_fault(run, place, "not_allowed",
                                     "must not be %s", words)
                 : mesh_schema_fault(run, place, "not_allowed",
                                     "has a form that is not allowed here");
}

static int check_parts(mesh_schema_run_t *run, const mesh_schema_t *schema,
                       const mesh_json_t *value,
                       const mesh_schema_place_t *place)
{
    int good =
        !schema->ref || mesh_schema_check_value(run, schema->ref, value, place);

    for (int i = 0; i < schema->all.count && (good || goes_on(run)); i++) {
        good &= mesh_schema_check_value(run, schema->all.list[i], value, place);
    }
    if (good || goes_on(run)) {
        good &= mesh_schema_check_choice(run, &schema->any, value, place);
    }
    if (good || goes_on(run)) {
        good &= mesh_schema_check_choice(run, &schema->one, value, place);
    }
    if (schema->excluded && (good || goes_on(run))
        && mesh_schema_fits(run, schema->excluded, value, place)) {
        good = run->is_quiet ? 0 : excluded(run, schema->excluded, place);
    }
    return good;
}

static int is_allowed(const mesh_schema_t *schema, const mesh_json_t *value)
{
    if (schema->exactly && mesh_schema_order(schema->exactly, value)) {
        return 0;
    }
    for (apr_size_t i = 0;
         schema->allowed && i < mesh_json_count(schema->allowed); i++) {
        if (!mesh_schema_order(mesh_json_element(schema->allowed, i), value)) {
            return 1;
        }
    }
    return !schema->allowed;
}

static const mesh_schema_place_t root = { .up = NULL };

int mesh_schema_check_value(mesh_schema_run_t *run, const mesh_schema_t *schema,
                            const mesh_json_t *value,
                            const mesh_schema_place_t *place)
{
    int good = 1;

    if (run->effort->gave_up || --run->effort->steps <= 0) {
        return give_up(run, &root, "too_hard",
                       "takes too long to check; make it simpler");
    }
    if (schema->is_false) {
        return MESH_SCHEMA_FAULT(run, place, "not_allowed",
                                 "must not be given");
    }
    if (!mesh_schema_has_type(schema, value)) {
        return MESH_SCHEMA_FAULT(run, place, "wrong_type", "must be %s",
                                 mesh_schema_words(schema, run->p));
    }
    if (schema->only_type) {
        return 1;
    }
    if (!is_allowed(schema, value)) {
        return MESH_SCHEMA_FAULT(run, place, "not_allowed", "must be %s",
                                 mesh_schema_words(schema, run->p));
    }
    switch (mesh_json_kind(value)) {
    case MESH_JSON_INTEGER:
    case MESH_JSON_REAL:
        good = !schema->has_range || check_number(run, schema, value, place);
        break;
    case MESH_JSON_STRING:
        good = check_text(run, schema, mesh_json_text(value),
                          mesh_json_text_length(value), place);
        break;
    case MESH_JSON_ARRAY: good = check_array(run, schema, value, place); break;
    case MESH_JSON_OBJECT:
        good = check_object(run, schema, value, place);
        break;
    default: break;
    }
    if (schema->has_parts && (good || goes_on(run))) {
        good &= check_parts(run, schema, value, place);
    }
    return good;
}

mesh_err_t *mesh_schema_check(const mesh_schema_t *schema,
                              const mesh_json_t *value, apr_pool_t *p)
{
    mesh_schema_effort_t effort = { .steps = MAX_STEPS };
    mesh_schema_run_t run = { .p = p, .effort = &effort };
    int good = mesh_schema_check_value(&run, schema, value, &root);

    if (effort.gave_up) {
        return effort.gave_up;
    }
    if (!good && !run.first) {
        mesh_schema_fault(&run, &root, "no_match",
                          "has not the form asked for");
    }
    return run.first;
}
