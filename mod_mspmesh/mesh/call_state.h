/* SPDX-License-Identifier: Apache-2.0 */
/*
 * call_state.h -- what call.c and call_services.c know of a call.
 */
#ifndef MESH_CALL_STATE_H
#define MESH_CALL_STATE_H

#include "mesh/call.h"

struct mesh_call_t {
    const mesh_order_t *order;
    apr_pool_t *pool;
    mesh_tx_t *tx;
    apr_time_t now;
    const char *about; /* the client that the answer is about, or NULL */
    int errors;        /* items of a batch that got one */
    int is_broken;     /* the database refused: the transaction is lost */
    int has_written, has_enqueued;
    int is_text; /* the answer is a text, or nothing */
    const char *text, *type, *etag;
    const char *stored; /* the answer, formatted, if it was stored */
};

/* Refuses a call that only asks what if: what is needed here lasts. */
mesh_err_t *mesh_call_must_keep(const mesh_call_t *call);

/*
 * What LOAD made of a column PART of a model that no longer changes, kept as
 * artefacts are; SQL reads it by the model's id.
 */
mesh_err_t *mesh_call_part(mesh_call_t *call, void **made, const char *part,
                           const char *sql, const char *model_id,
                           mesh_load_fn *load);

#endif
