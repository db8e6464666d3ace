/* SPDX-License-Identifier: Apache-2.0 */
/*
 * err.h -- one way to fail.
 *
 * A fallible function returns mesh_err_t *, and NULL is success.  An error is
 * made once, where it is understood; it travels up untouched; and only the
 * httpd floor (for a request) or the worker (for a job) turns it into a
 * status, a body and a log line.
 *
 * Pool: an error lives in the pool it was made in.
 */
#ifndef MESH_ERR_H
#define MESH_ERR_H

#include <apr_errno.h>
#include <apr_pools.h>

typedef enum {
    MESH_INVALID,   /* the caller sent something we cannot accept */
    MESH_DENIED,    /* the caller may not do this */
    MESH_NOT_FOUND, /* well formed, but names nothing we have */
    MESH_BUSY,      /* a limit was reached; trying again later helps */
    MESH_UPSTREAM,  /* the database or AWS failed us */
    MESH_BUG,       /* we failed ourselves */
} mesh_code_t;

typedef struct mesh_err_t mesh_err_t;
struct mesh_err_t {
    mesh_code_t code;
    const char *name;    /* stable, for programs: "unknown_member" */
    const char *message; /* for the caller: what is wrong, what still holds */
    const char *detail;  /* for the log only; may hold upstream's words */
    const char *pointer; /* JSON pointer to what is wrong, or NULL */
    int can_retry;    /* nothing was done: the same call may be tried again */
    mesh_err_t *next; /* a further fault of the same request, or NULL */
};

/*
 * Make an error of class CODE, called NAME, whose MESSAGE may be shown to the
 * caller.  NAME must be a string that lives for ever.
 */
mesh_err_t *mesh_err(apr_pool_t *p, mesh_code_t code, const char *name,
                     const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Say where in the request ERR lies; returns ERR. */
mesh_err_t *mesh_err_at(mesh_err_t *err, apr_pool_t *p, const char *pointer);

/* POINTER and one step more, to the member NAME (RFC 6901: ~0 and ~1). */
const char *mesh_err_pointer(const char *pointer, const char *name,
                             apr_pool_t *p);

/* Add what only the log may hold; returns ERR. */
mesh_err_t *mesh_err_detail(mesh_err_t *err, apr_pool_t *p, const char *fmt,
                            ...) __attribute__((format(printf, 3, 4)));

/* Pass a failure up unchanged. */
#define MESH_TRY(expr)                 \
    do {                               \
        mesh_err_t *try_err_ = (expr); \
        if (try_err_) {                \
            return try_err_;           \
        }                              \
    } while (0)

#endif
