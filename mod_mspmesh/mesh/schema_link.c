/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema_link.c -- what only shows once a whole schema is compiled: whether
 * checking comes to an end, and by what the forms of a choice are told apart.
 */
#include "mesh/schema_int.h"

#include <stdlib.h>
#include <string.h>
#include <apr_strings.h>

/* How many schemas may speak about one and the same value, one through the
 * other: it bounds the stack of a check. */
#define MAX_HEIGHT 32

static mesh_err_t *count_below(mesh_schema_t *below, int *height, apr_pool_t *p)
{
    if (below) {
        MESH_TRY(mesh_schema_count_height(below, p));
        *height = below->height > *height ? below->height : *height;
    }
    return NULL;
}

mesh_err_t *mesh_schema_count_height(mesh_schema_t *schema, apr_pool_t *p)
{
    const mesh_schema_list_t *lists[] = { &schema->all, &schema->any.forms,
                                          &schema->one.forms };
    int height = 0;

    if (schema->height > 0) {
        return NULL;
    }
    if (schema->height < 0) {
        return mesh_err(p, MESH_BUG, "endless_schema",
                        "The schema refers to itself without going deeper "
                        "into the value.");
    }
    schema->height = -1;
    MESH_TRY(count_below(schema->ref, &height, p));
    MESH_TRY(count_below(schema->excluded, &height, p));
    for (int i = 0; i < 3; i++) {
        for (int k = 0; k < lists[i]->count; k++) {
            MESH_TRY(count_below(lists[i]->list[k], &height, p));
        }
    }
    schema->height = height + 1;
    if (schema->height > MAX_HEIGHT) {
        return mesh_err(p, MESH_BUG, "bad_schema",
                        "More than %d schemas speak about one value, one "
                        "through the other.",
                        MAX_HEIGHT);
    }
    return NULL;
}

const mesh_schema_t *mesh_schema_follow(const mesh_schema_t *schema)
{
    while (schema->only_ref) {
        schema = schema->ref;
    }
    return schema;
}

static int by_name(const void *a, const void *b)
{
    const mesh_schema_member_t *x = a, *y = b;

    return strcmp(x->name, y->name);
}

void mesh_schema_sort(mesh_schema_member_t *members, int count)
{
    qsort(members, (size_t)count, sizeof(*members), by_name);
}

const mesh_schema_member_t *
mesh_schema_find(const mesh_schema_member_t *members, int count,
                 const char *name)
{
    int low = 0, high = count - 1;

    while (low <= high) {
        int middle = (low + high) / 2;
        int order = strcmp(name, members[middle].name);

        if (!order) {
            return &members[middle];
        }
        if (order < 0) {
            high = middle - 1;
        }
        else {
            low = middle + 1;
        }
    }
    return NULL;
}

/* Whether each form of CHOICE is known by a text of its own in member TAG. */
static int is_tag(mesh_schema_choice_t *choice, const char *tag, apr_pool_t *p)
{
    choice->tags = apr_pcalloc(p, choice->forms.count * sizeof(*choice->tags));
    choice->is_tag_required = 1;
    for (int i = 0; i < choice->forms.count; i++) {
        const mesh_schema_t *form = mesh_schema_follow(choice->forms.list[i]);
        const mesh_schema_member_t *member =
            mesh_schema_find(form->members, form->member_count, tag);
        const mesh_json_t *value =
            member ? mesh_schema_follow(member->schema)->exactly : NULL;
        int is_required = 0;

        if (!value || mesh_json_kind(value) != MESH_JSON_STRING) {
            return 0;
        }
        for (int k = 0; k < form->required_count; k++) {
            is_required |= !strcmp(form->required[k], tag);
        }
        choice->is_tag_required &= is_required;
        choice->tags[i].name = mesh_json_text(value);
        choice->tags[i].schema = choice->forms.list[i];
    }
    mesh_schema_sort(choice->tags, choice->forms.count);
    for (int i = 1; i < choice->forms.count; i++) {
        if (!strcmp(choice->tags[i - 1].name, choice->tags[i].name)) {
            return 0;
        }
    }
    return 1;
}

static void find_tag(mesh_schema_choice_t *choice, apr_pool_t *p)
{
    const mesh_schema_t *form;

    if (choice->forms.count < 2) {
        return;
    }
    form = mesh_schema_follow(choice->forms.list[0]);
    for (int i = 0; i < form->member_count && !choice->tag; i++) {
        if (is_tag(choice, form->members[i].name, p)) {
            choice->tag = form->members[i].name;
            choice->tag_count = choice->forms.count;
        }
    }
}

void mesh_schema_find_tags(mesh_schema_t *schema, apr_pool_t *p)
{
    schema->one.only_one = 1;
    find_tag(&schema->any, p);
    find_tag(&schema->one, p);
}
