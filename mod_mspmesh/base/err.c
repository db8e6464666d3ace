/* SPDX-License-Identifier: Apache-2.0 */
/* err.c -- one way to fail. */
#include "base/err.h"

#include <stdarg.h>
#include <apr_strings.h>

mesh_err_t *mesh_err(apr_pool_t *p, mesh_code_t code, const char *name,
                     const char *fmt, ...)
{
    mesh_err_t *err = apr_pcalloc(p, sizeof(*err));
    va_list args;

    err->code = code;
    err->name = name;
    va_start(args, fmt);
    err->message = apr_pvsprintf(p, fmt, args);
    va_end(args);
    return err;
}

mesh_err_t *mesh_err_at(mesh_err_t *err, apr_pool_t *p, const char *pointer)
{
    err->pointer = apr_pstrdup(p, pointer);
    return err;
}

mesh_err_t *mesh_err_detail(mesh_err_t *err, apr_pool_t *p, const char *fmt,
                            ...)
{
    va_list args;

    va_start(args, fmt);
    err->detail = apr_pvsprintf(p, fmt, args);
    va_end(args);
    return err;
}
