/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema_check.c -- holds a value against a compiled schema.
 *
 * A run is either loud, and collects faults until it has enough of them, or
 * quiet, and only finds out whether a form fits, stopping at the first fault.
 * Each function answers whether what it looked at is good.
 */
#include "mesh/schema_int.h"

#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>
#include <apr_strings.h>

typedef struct {
    apr_pool_t *p;
    mesh_err_t *first, *last;
    int count;
    int is_quiet;
    int depth; /* in the value */
} run_t;

static int check(run_t *run, const mesh_schema_t *schema,
                 const mesh_json_t *value, const mesh_schema_place_t *place);

/* ---- Faults -------------------------------------------------------------- */

/* Whether another fault would be of interest. */
static int goes_on(const run_t *run)
{
    return !run->is_quiet && run->count < MESH_SCHEMA_MAX_FAULTS;
}

/* Two schemas for one value (allOf) need not complain twice. */
static int is_known(const run_t *run, const mesh_err_t *err)
{
    for (const mesh_err_t *e = run->first; e; e = e->next) {
        if (!strcmp(e->name, err->name) && !strcmp(e->pointer, err->pointer)
            && !strcmp(e->message, err->message)) {
            return 1;
        }
    }
    return 0;
}

static void collect(run_t *run, mesh_err_t *err)
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

static int fault(run_t *run, const mesh_schema_place_t *place, const char *name,
                 const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static int fault(run_t *run, const mesh_schema_place_t *place, const char *name,
                 const char *fmt, ...)
{
    va_list args;
    const char *words;
    mesh_err_t *err;

    va_start(args, fmt);
    words = apr_pvsprintf(run->p, fmt, args);
    va_end(args);
    err = mesh_err(run->p, MESH_INVALID, name, "%s", words);
    err->pointer = mesh_schema_pointer(place, run->p);
    collect(run, err);
    return 0;
}

/* A quiet run does not even make up the words: they are macro arguments. */
#define FAULT(run, ...) ((run)->is_quiet ? 0 : fault(run, __VA_ARGS__))

/* ---- Texts --------------------------------------------------------------- */

static apr_size_t code_points(const char *text, apr_size_t length)
{
    apr_size_t n = 0;

    for (apr_size_t i = 0; i < length; i++) {
        n += (text[i] & 0xc0) != 0x80;
    }
    return n;
}

static int check_text(run_t *run, const mesh_schema_t *schema, const char *text,
                      apr_size_t length, const mesh_schema_place_t *place)
{
    const apr_size_t min = schema->min_length, max = schema->max_length;
    int good = 1, matches;

    /* A code point has one to four bytes: mostly there is no need to count. */
    if (length < min || length / 4 < min || length > max) {
        apr_size_t n = code_points(text, length);

        if (n < min) {
            good = min == 1 && max == APR_SIZE_MAX
                       ? FAULT(run, place, "too_short", "must not be empty")
                       : FAULT(run, place, "too_short", "must have %s",
                               mesh_schema_words_count(min, max, "character",
                                                       "characters", run->p));
        }
        else if (n > max) {
            good = FAULT(run, place, "too_long", "must have %s",
                         mesh_schema_words_count(min, max, "character",
                                                 "characters", run->p));
        }
    }
    if (schema->pattern && good) {
        if (mesh_pattern_match(schema->pattern, &matches, text, length,
                               run->p)) {
            good = FAULT(run, place, "bad_format",
                         "is too long or too repetitive to be compared with "
                         "the pattern %s",
                         mesh_pattern_text(schema->pattern));
        }
        else if (!matches) {
            good = FAULT(run, place, "bad_format", "must match the pattern %s",
                         mesh_pattern_text(schema->pattern));
        }
    }
    return good;
}

/* ---- Numbers ------------------------------------------------------------- */

static int check_number(run_t *run, const mesh_schema_t *schema,
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
        return FAULT(run, place, "out_of_range", "must be %s",
                     mesh_schema_words_number(schema, run->p));
    }
    return 1;
}

/* ---- Lists and objects --------------------------------------------------- */

static int descend(run_t *run, const mesh_schema_t *schema,
                   const mesh_json_t *value, const mesh_schema_place_t *place)
{
    int good;

    if (schema->only_type && schema->types & (1u << mesh_json_kind(value))) {
        return 1;
    }
    if (run->depth >= MESH_JSON_MAX_DEPTH) {
        return FAULT(run, place, "too_deep",
                     "must not nest deeper than %d levels",
                     MESH_JSON_MAX_DEPTH);
    }
    run->depth++;
    good = check(run, schema, value, place);
    run->depth--;
    return good;
}

static int check_count(run_t *run, apr_size_t count, apr_size_t min,
                       apr_size_t max, const char *one, const char *things,
                       const mesh_schema_place_t *place)
{
    if (count >= min && count <= max) {
        return 1;
    }
    return FAULT(run, place, count < min ? "too_few" : "too_many",
                 "must have %s",
                 mesh_schema_words_count(min, max, one, things, run->p));
}

static int check_array(run_t *run, const mesh_schema_t *schema,
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

        good = FAULT(run, &here, "not_allowed",
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

static int check_name(run_t *run, const mesh_schema_t *schema, const char *name,
                      const mesh_schema_place_t *place)
{
    mesh_json_t *list;
    run_t inner = { .p = run->p, .depth = run->depth, .is_quiet = 1 };
    int good;

    if (schema->only_text && schema->types & (1u << MESH_JSON_STRING)) {
        good = check_text(&inner, schema, name, strlen(name), place);
    }
    else {
        list = mesh_json_array(run->p);
        mesh_json_add_text(list, name);
        good = check(&inner, schema, mesh_json_element(list, 0), place);
    }
    if (good || run->is_quiet) {
        return good;
    }
    /* Once more, for the words: now they are about a name. */
    inner = (run_t){ .p = run->p, .depth = run->depth };
    list = mesh_json_array(run->p);
    mesh_json_add_text(list, name);
    check(&inner, schema, mesh_json_element(list, 0), place);
    for (const mesh_err_t *err = inner.first; err; err = err->next) {
        fault(run, place, err->name, "its name %s", err->message);
    }
    return 0;
}

static int check_member(run_t *run, const mesh_schema_t *schema,
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
            return FAULT(run, place, "bad_format",
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
            return FAULT(run, place, "unknown_member", "is not known here%s",
                         words_for_known(schema, run->p));
        }
        good &= descend(run, schema->others, value, place);
    }
    if (schema->names && (good || goes_on(run))) {
        good &= check_name(run, schema->names, name, place);
    }
    return good;
}

static int missing(run_t *run, const mesh_schema_t *schema, const char *name,
                   const mesh_schema_place_t *place)
{
    const mesh_schema_place_t here = { .up = place, .name = name };
    const mesh_schema_member_t *known =
        mesh_schema_find(schema->members, schema->member_count, name);
    const char *words = known ? mesh_schema_words(known->schema, run->p) : NULL;

    return words ? fault(run, &here, "missing_member",
                         "is missing; it must be %s", words)
                 : fault(run, &here, "missing_member", "is missing");
}

static int check_object(run_t *run, const mesh_schema_t *schema,
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

/* ---- Forms --------------------------------------------------------------- */

static int has_type(const mesh_schema_t *schema, const mesh_json_t *value)
{
    const mesh_json_kind_t kind = mesh_json_kind(value);
    const double x = kind == MESH_JSON_REAL ? mesh_json_number(value) : 0.5;

    return (schema->types & (1u << kind)) != 0
           || (schema->is_whole && x == floor(x));
}

/* Whether SCHEMA is about values of this type at all. */
static int is_about(const mesh_schema_t *schema, const mesh_json_t *value)
{
    const mesh_schema_choice_t *choices[] = { &schema->any, &schema->one };
    int good = !schema->is_false && has_type(schema, value)
               && (!schema->ref || is_about(schema->ref, value));

    for (int i = 0; i < schema->all.count && good; i++) {
        good = is_about(schema->all.list[i], value);
    }
    for (int i = 0; i < 2 && good; i++) {
        int any = !choices[i]->forms.count;

        for (int k = 0; k < choices[i]->forms.count && !any; k++) {
            any = is_about(choices[i]->forms.list[k], value);
        }
        good = any;
    }
    return good;
}

/*
 * How far FAULTS are from none.  A fault deep inside speaks for the form,
 * which has got that far; a wrong word where a form says what it is, against.
 */
static int distance(const mesh_err_t *faults, const mesh_schema_place_t *place)
{
    int sum = 0, level = 0;

    for (; place->up; place = place->up) {
        level++;
    }
    for (; faults; faults = faults->next) {
        int depth = -level;

        for (const char *c = faults->pointer; *c; c++) {
            depth += *c == '/';
        }
        sum += depth > 1 ? 5 : !strcmp(faults->name, "not_allowed") ? 30 : 10;
    }
    return sum;
}

static int blame_closest(run_t *run, const mesh_schema_choice_t *choice,
                         const mesh_json_t *value,
                         const mesh_schema_place_t *place)
{
    const int is_tree = mesh_json_kind(value) == MESH_JSON_OBJECT
                        || mesh_json_kind(value) == MESH_JSON_ARRAY;
    mesh_err_t *closest = NULL;
    const char *words = "";
    int best = INT_MAX, count = 0;

    for (int i = 0; i < choice->forms.count; i++) {
        const mesh_schema_t *form = choice->forms.list[i];
        run_t trial = { .p = run->p, .depth = run->depth };
        int far;

        if (!is_about(form, value)) {
            continue;
        }
        check(&trial, form, value, place);
        if (!trial.first) {
            continue;
        }
        words = apr_pstrcat(run->p, words, count++ ? ", or " : "",
                            trial.first->message, NULL);
        far = distance(trial.first, place);
        if (far < best) {
            best = far;
            closest = trial.first;
        }
    }
    if (!closest) {
        const mesh_schema_t asked = { .types = MESH_SCHEMA_ALL_TYPES,
                                      .any = *choice };

        words = mesh_schema_words(&asked, run->p);
        return words ? fault(run, place, "no_match", "must be %s", words)
                     : fault(run, place, "no_match",
                             "fits none of the forms it may have");
    }
    if (count > 1 && !is_tree) {
        return fault(run, place, "no_match", "%s", words);
    }
    while (closest) {
        mesh_err_t *next = closest->next;

        closest->next = NULL;
        collect(run, closest);
        closest = next;
    }
    return 0;
}

static int fits(run_t *run, const mesh_schema_t *schema,
                const mesh_json_t *value, const mesh_schema_place_t *place)
{
    run_t quiet = { .p = run->p, .depth = run->depth, .is_quiet = 1 };

    return check(&quiet, schema, value, place);
}

/* The form is told by its tag: all the others are known not to fit. */
static int check_tagged(run_t *run, const mesh_schema_choice_t *choice,
                        const mesh_json_t *value, const mesh_json_t *tag,
                        const mesh_schema_place_t *place)
{
    const mesh_schema_place_t here = { .up = place, .name = choice->tag };
    const mesh_schema_member_t *form = NULL;

    if (tag && mesh_json_kind(tag) == MESH_JSON_STRING) {
        form = mesh_schema_find(choice->tags, choice->tag_count,
                                mesh_json_text(tag));
    }
    if (form) {
        return check(run, form->schema, value, place);
    }
    return tag ? FAULT(run, &here, "not_allowed", "must be %s",
                       mesh_schema_words_tags(choice, run->p))
               : FAULT(run, &here, "missing_member",
                       "is missing; it must be %s",
                       mesh_schema_words_tags(choice, run->p));
}

static int check_choice(run_t *run, const mesh_schema_choice_t *choice,
                        const mesh_json_t *value,
                        const mesh_schema_place_t *place)
{
    const mesh_json_t *tag;
    int fitting = 0;

    if (!choice->forms.count) {
        return 1;
    }
    if (choice->tag && mesh_json_kind(value) == MESH_JSON_OBJECT) {
        tag = mesh_json_member(value, choice->tag);
        if (tag || choice->is_tag_required) {
            return check_tagged(run, choice, value, tag, place);
        }
    }
    for (int i = 0; i < choice->forms.count; i++) {
        fitting += fits(run, choice->forms.list[i], value, place);
        if (fitting > choice->only_one) {
            break;
        }
    }
    if (fitting == 1 || (fitting && !choice->only_one)) {
        return 1;
    }
    if (fitting) {
        return FAULT(run, place, "no_match",
                     "fits more than one of the forms it may have, and must "
                     "fit exactly one");
    }
    return run->is_quiet ? 0 : blame_closest(run, choice, value, place);
}

static int excluded(run_t *run, const mesh_schema_t *schema,
                    const mesh_schema_place_t *place)
{
    const char *words = schema->only_type || schema->exactly || schema->allowed
                            ? mesh_schema_words(schema, run->p)
                            : NULL;

    return words ? fault(run, place, "not_allowed", "must not be %s", words)
                 : fault(run, place, "not_allowed",
                         "has a form that is not allowed here");
}

static int check_parts(run_t *run, const mesh_schema_t *schema,
                       const mesh_json_t *value,
                       const mesh_schema_place_t *place)
{
    int good = !schema->ref || check(run, schema->ref, value, place);

    for (int i = 0; i < schema->all.count && (good || goes_on(run)); i++) {
        good &= check(run, schema->all.list[i], value, place);
    }
    if (good || goes_on(run)) {
        good &= check_choice(run, &schema->any, value, place);
    }
    if (good || goes_on(run)) {
        good &= check_choice(run, &schema->one, value, place);
    }
    if (schema->excluded && (good || goes_on(run))
        && fits(run, schema->excluded, value, place)) {
        good = run->is_quiet ? 0 : excluded(run, schema->excluded, place);
    }
    return good;
}

/* ---- All together -------------------------------------------------------- */

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

static int check(run_t *run, const mesh_schema_t *schema,
                 const mesh_json_t *value, const mesh_schema_place_t *place)
{
    int good = 1;

    if (schema->is_false) {
        return FAULT(run, place, "not_allowed", "must not be given");
    }
    if (!has_type(schema, value)) {
        return FAULT(run, place, "wrong_type", "must be %s",
                     mesh_schema_words(schema, run->p));
    }
    if (schema->only_type) {
        return 1;
    }
    if (!is_allowed(schema, value)) {
        return FAULT(run, place, "not_allowed", "must be %s",
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
    const mesh_schema_place_t root = { .up = NULL };
    run_t run = { .p = p };

    if (!check(&run, schema, value, &root) && !run.first) {
        fault(&run, &root, "no_match", "has not the form asked for");
    }
    return run.first;
}
