/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema_words.c -- says in plain words what a schema asks for, and where.
 *
 * Everything here is read by people who have sent something wrong, and is
 * only run when they have.
 */
#include "mesh/schema_int.h"

#include <stdio.h>
#include <string.h>
#include <apr_strings.h>

#define MAX_LISTED 30

/* ---- Where -------------------------------------------------------------- */

static const char *cut(const char *name, apr_pool_t *p)
{
    const char *end = name;

    for (int n = 0; *end; n++) {
        if (n == MESH_SCHEMA_MAX_ECHO) {
            return apr_psprintf(p, "%.*s\xe2\x80\xa6", (int)(end - name), name);
        }
        end++;
        while ((*end & 0xc0) == 0x80) {
            end++;
        }
    }
    return name;
}

const char *mesh_schema_pointer(const mesh_schema_place_t *place, apr_pool_t *p)
{
    const char *above;

    if (!place->up) {
        return "";
    }
    above = mesh_schema_pointer(place->up, p);
    if (!place->name) {
        return apr_psprintf(p, "%s/%" APR_SIZE_T_FMT, above, place->index);
    }
    return mesh_err_pointer(above, cut(place->name, p), p);
}

/* ---- What --------------------------------------------------------------- */

const char *mesh_schema_words_list(const char *const *names, int count,
                                   apr_pool_t *p)
{
    const char *words = "";

    for (int i = 0; i < count && i < MAX_LISTED; i++) {
        words = apr_pstrcat(p, words, i ? ", " : "", names[i], NULL);
    }
    if (count > MAX_LISTED) {
        words = apr_psprintf(p, "%s and %d more", words, count - MAX_LISTED);
    }
    return words;
}

/* Texts go without quotes as long as nobody can misread them. */
static const char *words_for_value(const mesh_json_t *value, apr_pool_t *p)
{
    const char *text = mesh_json_text(value);

    if (mesh_json_kind(value) == MESH_JSON_STRING && *text
        && !strpbrk(text, ",\"\n")) {
        return text;
    }
    return mesh_json_format(value, p);
}

const char *mesh_schema_words_allowed(const mesh_json_t *list, apr_pool_t *p)
{
    int count = (int)mesh_json_count(list);
    const char **names = apr_palloc(p, (count + 1) * sizeof(*names));

    for (int i = 0; i < count; i++) {
        names[i] = words_for_value(mesh_json_element(list, i), p);
    }
    return apr_pstrcat(p, count == 1 ? "" : "one of: ",
                       mesh_schema_words_list(names, count, p), NULL);
}

const char *mesh_schema_words_tags(const mesh_schema_choice_t *choice,
                                   apr_pool_t *p)
{
    const char **names = apr_palloc(p, choice->tag_count * sizeof(*names));

    for (int i = 0; i < choice->tag_count; i++) {
        names[i] = choice->tags[i].name;
    }
    return apr_pstrcat(
        p, "one of: ", mesh_schema_words_list(names, choice->tag_count, p),
        NULL);
}

static const char *words_for_number(const mesh_schema_number_t *n,
                                    apr_pool_t *p)
{
    char text[32];

    if (n->is_integer) {
        return apr_psprintf(p, "%" APR_INT64_T_FMT, n->integer);
    }
    snprintf(text, sizeof(text), "%.15g", n->real); /* APR writes .5 */
    return apr_pstrdup(p, text);
}

const char *mesh_schema_words_number(const mesh_schema_t *schema, apr_pool_t *p)
{
    const struct {
        const char *words;
        const mesh_schema_number_t *bound;
    } bounds[] = {
        { "at least", &schema->minimum },
        { "more than", &schema->above },
        { "at most", &schema->maximum },
        { "less than", &schema->below },
    };
    const char *words = schema->is_whole ? "a whole number" : "a number";
    const char *joint = " of ";

    if (schema->minimum.is_set && schema->maximum.is_set
        && !schema->above.is_set && !schema->below.is_set) {
        words = apr_psprintf(p, "%s from %s to %s", words,
                             words_for_number(&schema->minimum, p),
                             words_for_number(&schema->maximum, p));
    }
    else {
        for (int i = 0; i < 4; i++) {
            if (bounds[i].bound->is_set) {
                words = apr_pstrcat(p, words, joint, bounds[i].words, " ",
                                    words_for_number(bounds[i].bound, p), NULL);
                joint = " and ";
            }
        }
    }
    if (schema->multiple.is_set) {
        words = apr_pstrcat(p, words, " that is a multiple of ",
                            words_for_number(&schema->multiple, p), NULL);
    }
    return words;
}

const char *mesh_schema_words_count(apr_size_t min, apr_size_t max,
                                    const char *one, const char *things,
                                    apr_pool_t *p)
{
    if (min == max) {
        return apr_psprintf(p, "exactly %" APR_SIZE_T_FMT " %s", min,
                            min == 1 ? one : things);
    }
    if (max == APR_SIZE_MAX) {
        return apr_psprintf(p, "at least %" APR_SIZE_T_FMT " %s", min,
                            min == 1 ? one : things);
    }
    if (min == 0) {
        return apr_psprintf(p, "at most %" APR_SIZE_T_FMT " %s", max,
                            max == 1 ? one : things);
    }
    return apr_psprintf(p, "from %" APR_SIZE_T_FMT " to %" APR_SIZE_T_FMT " %s",
                        min, max, things);
}

/* "a, b or c"; what is there already is left as it is. */
static const char *either(const char *const *names, int count, apr_pool_t *p)
{
    const char *words = "";

    for (int i = 0; i < count; i++) {
        words = apr_pstrcat(p, words,
                            i == 0           ? ""
                            : i == count - 1 ? " or "
                                             : ", ",
                            names[i], NULL);
    }
    return words;
}

static const char *words_for_types(const mesh_schema_t *schema, apr_pool_t *p)
{
    static const struct {
        mesh_json_kind_t kind;
        const char *words;
    } plain[] = {
        { MESH_JSON_STRING, "text" },      { MESH_JSON_ARRAY, "a list" },
        { MESH_JSON_OBJECT, "an object" }, { MESH_JSON_BOOLEAN, "true" },
        { MESH_JSON_BOOLEAN, "false" },    { MESH_JSON_NULL, "null" },
    };
    const char *names[8];
    int count = 0;

    if (schema->types & (1u << MESH_JSON_INTEGER)) {
        names[count++] = mesh_schema_words_number(schema, p);
    }
    for (apr_size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++) {
        if (schema->types & (1u << plain[i].kind)) {
            names[count++] = plain[i].words;
        }
    }
    return either(names, count, p);
}

static const char *words_for_choice(const mesh_schema_choice_t *choice,
                                    apr_pool_t *p)
{
    int count = choice->forms.count, used = 0;
    const char **names = apr_palloc(p, count * sizeof(*names));

    for (int i = 0; i < count; i++) {
        const char *words = mesh_schema_words(choice->forms.list[i], p);
        int seen = !words;

        for (int k = 0; k < used && !seen; k++) {
            seen = !strcmp(names[k], words);
        }
        if (!seen) {
            names[used++] = words;
        }
    }
    return used ? either(names, used, p) : NULL;
}

const char *mesh_schema_words(const mesh_schema_t *schema, apr_pool_t *p)
{
    if (schema->exactly) {
        return words_for_value(schema->exactly, p);
    }
    if (schema->allowed) {
        return mesh_schema_words_allowed(schema->allowed, p);
    }
    if (schema->types != MESH_SCHEMA_ALL_TYPES && schema->types) {
        return words_for_types(schema, p);
    }
    if (schema->ref) {
        return mesh_schema_words(schema->ref, p);
    }
    if (schema->one.forms.count) {
        return words_for_choice(&schema->one, p);
    }
    if (schema->any.forms.count) {
        return words_for_choice(&schema->any, p);
    }
    return schema->has_range ? mesh_schema_words_number(schema, p) : NULL;
}
