/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client_signs.h -- the signs by which a provider sees how a client fares:
 * their words, their bounds, and what to do when one is bad.
 *
 * The signs are the columns of mesh.client_health_features(); shares and
 * changes are fractions of one.  The rules are house rules: each tells its
 * condition, so that a reader can disagree with it.
 *
 * Thread: anyone.  Nothing is kept.
 */
#ifndef MESH_CLIENT_SIGNS_H
#define MESH_CLIENT_SIGNS_H

#include <apr_pools.h>

#define MESH_CLIENT_SIGNS   18
#define MESH_CLIENT_FIGURES 3

typedef struct mesh_client_sign_t {
    const char *name;
    const char *words; /* a format for its value */
    const char *label; /* without a value */
    double min, max;   /* that a what-if may ask for */
} mesh_client_sign_t;

/* The three figures of the prototypes, and the sign that history has of each.
 */
typedef struct mesh_client_figure_t {
    const char *name, *sign, *words;
} mesh_client_figure_t;

typedef struct mesh_client_rule_t {
    const char *sign;
    double above, below; /* fires above the one and below the other */
    const char *condition, *action;
    int due_days;
} mesh_client_rule_t;

extern const mesh_client_sign_t mesh_client_signs[MESH_CLIENT_SIGNS];
extern const mesh_client_figure_t mesh_client_figures[MESH_CLIENT_FIGURES];
extern const mesh_client_rule_t mesh_client_rules[]; /* end with a NULL sign */

const mesh_client_sign_t *mesh_client_signs_find(const char *name);

/* "Satisfaction 7.1 of 10", or that it is not known (NaN); NULL for what is
 * neither a sign nor a figure. */
const char *mesh_client_signs_words(const char *name, double value,
                                    apr_pool_t *p);

#endif
