/* SPDX-License-Identifier: Apache-2.0 */
/* artefact.c -- parsed models, shared by the threads of a process. */
#include "mesh/artefact.h"

#include <string.h>
#include <apr_allocator.h>
#include <apr_atomic.h>
#include <apr_strings.h>
#include <apr_thread_mutex.h>

typedef struct {
    char key[64];
    void *object;
    apr_pool_t *pool;   /* the entry itself lives in it */
    apr_uint32_t users; /* atomic */
} entry_t;

struct mesh_artefacts_t {
    int count;
    apr_thread_mutex_t *lock; /* guards all below */
    entry_t **entries;        /* the youngest first; NULL where empty */
};

mesh_err_t *mesh_artefacts_create(mesh_artefacts_t **artefacts, int count,
                                  apr_pool_t *p)
{
    mesh_artefacts_t *made = apr_pcalloc(p, sizeof(*made));

    made->count = count;
    made->entries = apr_pcalloc(p, (apr_size_t)count * sizeof(entry_t *));
    if (apr_thread_mutex_create(&made->lock, APR_THREAD_MUTEX_DEFAULT, p)
        != APR_SUCCESS) {
        return mesh_err(p, MESH_BUG, "no_lock", "A lock cannot be made.");
    }
    *artefacts = made;
    return NULL;
}

/* The cache is a user too, so an entry that is pushed out lives on until the
 * last call that holds it ends. */
static apr_status_t leave(void *data)
{
    entry_t *entry = data;

    if (!apr_atomic_dec32(&entry->users)) {
        apr_pool_destroy(entry->pool);
    }
    return APR_SUCCESS;
}

static void *hold(entry_t *entry, apr_pool_t *p)
{
    apr_atomic_inc32(&entry->users);
    apr_pool_cleanup_register(p, entry, leave, apr_pool_cleanup_null);
    return entry->object;
}

static void move_to_front(mesh_artefacts_t *artefacts, int from, entry_t *entry)
{
    memmove(artefacts->entries + 1, artefacts->entries,
            (apr_size_t)from * sizeof(entry_t *));
    artefacts->entries[0] = entry;
}

void *mesh_artefacts_find(mesh_artefacts_t *artefacts, const char *key,
                          apr_pool_t *p)
{
    void *object = NULL;

    apr_thread_mutex_lock(artefacts->lock);
    for (int i = 0; i < artefacts->count && artefacts->entries[i]; i++) {
        entry_t *entry = artefacts->entries[i];

        if (!strcmp(entry->key, key)) {
            move_to_front(artefacts, i, entry);
            object = hold(entry, p);
            break;
        }
    }
    apr_thread_mutex_unlock(artefacts->lock);
    return object;
}

mesh_err_t *mesh_artefacts_add(mesh_artefacts_t *artefacts, void **made,
                               const char *key, const char *text,
                               mesh_load_fn *load, apr_pool_t *p)
{
    apr_allocator_t *allocator;
    entry_t *entry, *pushed_out;
    apr_pool_t *pool;
    mesh_err_t *err;

    if (strlen(key) >= sizeof(entry->key)
        || apr_allocator_create(&allocator) != APR_SUCCESS
        || apr_pool_create_ex(&pool, NULL, NULL, allocator) != APR_SUCCESS) {
        return mesh_err(p, MESH_BUG, "no_memory", "A pool cannot be made.");
    }
    apr_allocator_owner_set(allocator, pool);
    apr_pool_tag(pool, "mesh_artefact");
    entry = apr_pcalloc(pool, sizeof(*entry));
    apr_cpystrn(entry->key, key, sizeof(entry->key));
    entry->pool = pool;
    err = load(&entry->object, text, pool);
    if (err) {
        /* The error must outlive the pool it was made in. */
        mesh_err_t *copy =
            mesh_err(p, err->code, err->name, "%s", err->message);

        apr_pool_destroy(pool);
        return copy;
    }
    apr_atomic_set32(&entry->users, 1);
    *made = hold(entry, p);
    apr_thread_mutex_lock(artefacts->lock);
    pushed_out = artefacts->entries[artefacts->count - 1];
    move_to_front(artefacts, artefacts->count - 1, entry);
    apr_thread_mutex_unlock(artefacts->lock);
    if (pushed_out) {
        leave(pushed_out);
    }
    return NULL;
}
