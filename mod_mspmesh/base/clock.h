/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock.h -- times as text.  Times are apr_time_t, microseconds since 1970.
 */
#ifndef MESH_CLOCK_H
#define MESH_CLOCK_H

#include <apr_pools.h>
#include <apr_time.h>

/* "2026-11-18T10:42:07.123Z" (RFC 3339, UTC, milliseconds). */
const char *mesh_clock_format(apr_time_t t, apr_pool_t *p);

/* "2026-11-18" and DAYS later; DATE must have that form. */
const char *mesh_clock_days_after(const char *date, int days, apr_pool_t *p);

#endif
