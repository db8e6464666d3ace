/* SPDX-License-Identifier: Apache-2.0 */
/* clock.c -- times as text, and days counted. */
#include <time.h>
#include <apr_general.h>

#include "base/clock.h"
#include "tap.h"

int main(void)
{
    static const struct {
        const char *from;
        int days;
        const char *to;
    } rows[] = {
        { "2026-11-18", 0, "2026-11-18" },  { "2026-11-18", 1, "2026-11-19" },
        { "2026-12-31", 1, "2027-01-01" },  { "2024-02-28", 1, "2024-02-29" },
        { "2026-02-28", 1, "2026-03-01" },  { "2100-02-28", 1, "2100-03-01" },
        { "2026-03-01", -1, "2026-02-28" }, { "1970-01-01", -1, "1969-12-31" },
        { "2026-03-28", 2, "2026-03-30" },  { "2000-01-01", 366, "2001-01-01" },
    };
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    is_text(mesh_clock_format(0, pool), "1970-01-01T00:00:00.000Z",
            "time begins in 1970");
    is_text(mesh_clock_format(APR_INT64_C(1794998527123999), pool),
            "2026-11-18T10:42:07.123Z", "milliseconds are cut, not rounded");
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        is_text(mesh_clock_days_after(rows[i].from, rows[i].days, pool),
                rows[i].to, "%s and %d days", rows[i].from, rows[i].days);
    }
    setenv("TZ", "America/St_Johns", 1);
    tzset();
    is_text(mesh_clock_days_after("2026-03-08", 1, pool), "2026-03-09",
            "wherever the server stands");
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
