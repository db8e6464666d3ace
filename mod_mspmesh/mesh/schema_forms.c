/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema_forms.c -- anyOf and oneOf: which form is meant, and what keeps the
 * value from having it?
 */
#include "mesh/schema_int.h"

#include <limits.h>
#include <string.h>
#include <apr_strings.h>

/* Whether SCHEMA is about values of this type at all. */
static int is_about(const mesh_schema_t *schema, const mesh_json_t *value)
{
    const mesh_schema_choice_t *choices[] = { &schema->any, &schema->one };
    int good = !schema->is_false && mesh_schema_has_type(schema, value)
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

static int blame_closest(mesh_schema_run_t *run,
                         const mesh_schema_choice_t *choice,
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
        mesh_schema_run_t trial = { .p = run->p,
                                    .effort = run->effort,
                                    .depth = run->depth };
        int far;

        if (!is_about(form, value)) {
            continue;
        }
        mesh_schema_check_value(&trial, form, value, place);
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
        return words ? mesh_schema_fault(run, place, "no_match", "must be %s",
                                         words)
                     : mesh_schema_fault(run, place, "no_match",
                                         "fits none of the forms it may have");
    }
    if (count > 1 && !is_tree) {
        return mesh_schema_fault(run, place, "no_match", "%s", words);
    }
    while (closest) {
        mesh_err_t *next = closest->next;

        closest->next = NULL;
        mesh_schema_collect(run, closest);
        closest = next;
    }
    return 0;
}

int mesh_schema_fits(mesh_schema_run_t *run, const mesh_schema_t *schema,
                     const mesh_json_t *value, const mesh_schema_place_t *place)
{
    mesh_schema_run_t quiet = {
        .p = run->p, .effort = run->effort, .depth = run->depth, .is_quiet = 1
    };

    return mesh_schema_check_value(&quiet, schema, value, place);
}

/* The form is told by its tag: all the others are known not to fit. */
static int check_tagged(mesh_schema_run_t *run,
                        const mesh_schema_choice_t *choice,
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
        return mesh_schema_check_value(run, form->schema, value, place);
    }
    return tag ? MESH_SCHEMA_FAULT(run, &here, "not_allowed", "must be %s",
                                   mesh_schema_words_tags(choice, run->p))
               : MESH_SCHEMA_FAULT(run, &here, "missing_member",
                                   "is missing; it must be %s",
                                   mesh_schema_words_tags(choice, run->p));
}

int mesh_schema_check_choice(mesh_schema_run_t *run,
                             const mesh_schema_choice_t *choice,
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
        fitting += mesh_schema_fits(run, choice->forms.list[i], value, place);
        if (fitting > choice->only_one) {
            break;
        }
    }
    if (fitting == 1 || (fitting && !choice->only_one)) {
        return 1;
    }
    if (fitting) {
        return MESH_SCHEMA_FAULT(
            run, place, "no_match",
            "fits more than one of the forms it may have, and must "
            "fit exactly one");
    }
    return run->is_quiet ? 0 : blame_closest(run, choice, value, place);
}
