/* SPDX-License-Identifier: Apache-2.0 */
/* clock.c -- times as text. */
#include "base/clock.h"

#include <stdlib.h>
#include <apr_strings.h>

const char *mesh_clock_format(apr_time_t t, apr_pool_t *p)
{
    apr_time_exp_t at;

    apr_time_exp_gmt(&at, t);
    return apr_psprintf(p, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
                        at.tm_year + 1900, at.tm_mon + 1, at.tm_mday,
                        at.tm_hour, at.tm_min, at.tm_sec, at.tm_usec / 1000);
}

const char *mesh_clock_days_after(const char *date, int days, apr_pool_t *p)
{
    apr_time_exp_t at = { 0 };
    apr_time_t t = 0;

    at.tm_year = (int)strtol(date, NULL, 10) - 1900;
    at.tm_mon = (int)strtol(date + 5, NULL, 10) - 1;
    at.tm_mday = (int)strtol(date + 8, NULL, 10);
    apr_time_exp_get(&t, &at);
    apr_time_exp_gmt(&at, t + apr_time_from_sec((apr_int64_t)days * 86400));
    return apr_psprintf(p, "%04d-%02d-%02d", at.tm_year + 1900, at.tm_mon + 1,
                        at.tm_mday);
}
