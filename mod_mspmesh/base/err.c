/* SPDX-License-Identifier: Apache-2.0 */
/* err.c -- one way to fail. */
#include "base/err.h"

#include <stdarg.h>
#include <string.h>
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

const char *mesh_err_pointer(const char *pointer, const char *name,
                             apr_pool_t *p)
{
    apr_size_t length = strlen(pointer);
    char *made = apr_palloc(p, length + 2 * strlen(name) + 2);
    char *end = made + length;

    memcpy(made, pointer, length);
    *end++ = '/';
    for (const char *c = name; *c; c++) {
        if (*c == '~' || *c == '/') {
            *end++ = '~';
            *end++ = *c == '~' ? '0' : '1';
        }
        else {
            *end++ = *c;
        }
    }
    *end = '\0';
    return made;
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
