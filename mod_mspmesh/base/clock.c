/* SPDX-License-Identifier: Apache-2.0 */
/* clock.c -- times as text. */
#include "base/clock.h"

#include <apr_strings.h>

const char *mesh_clock_format(apr_time_t t, apr_pool_t *p)
{
    apr_time_exp_t at;

    apr_time_exp_gmt(&at, t);
    return apr_psprintf(p, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
                        at.tm_year + 1900, at.tm_mon + 1, at.tm_mday,
                        at.tm_hour, at.tm_min, at.tm_sec, at.tm_usec / 1000);
}
