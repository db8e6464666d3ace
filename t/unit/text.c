/* SPDX-License-Identifier: Apache-2.0 */
/* text.c -- UTF-8 or not, a number or not. */
#include "tap.h"

#include <apr_general.h>

#include "base/text.h"

static void numbers(void)
{
    static const struct {
        const char *text;
        double number;
    } good[] = {
        { "1", 1 },
        { " 1.0\t", 1 },
        { "+1e0", 1 },
        { "-0.5", -0.5 },
        { ".5", 0.5 },
        { "5.", 5 },
        { "0012", 12 },
        { "1E-3", 0.001 },
        { "0.1", 0.1 },
        { "123456789012345678", 123456789012345678.0 },
        { "2.2250738585072014e-308", 2.2250738585072014e-308 },
        { "1.7976931348623157e308", 1.7976931348623157e308 },
        { "9007199254740993", 9007199254740992.0 },
        { "1e400", HUGE_VAL },
        { "1e999999999999", HUGE_VAL },
        { "0e999999999999", 0 },
        { "0.00000000000000000000000000000000000001", 1e-38 },
    };
    static const char *const bad[] = {
        "",  " ",  "x",   "1x",  "1 2", "0x10",  "inf", "nan",      "-",
        ".", "1e", "1e+", "--1", "1,5", "1.2.3", "e5",  "Infinity", "1_000",
    };

    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        double x = NAN;

        ok(mesh_text_is_number(good[i].text, &x) && x == good[i].number,
           "\"%s\" is a number, correctly rounded", good[i].text);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        double x;

        ok(!mesh_text_is_number(bad[i], &x), "\"%s\" is no number", bad[i]);
    }
}

static void formats(void)
{
    static const struct {
        double number;
        const char *text;
    } cases[] = {
        { 1, "1" },
        { -0.0, "0" },
        { 0.1, "0.1" },
        { 1e14, "100000000000000" },
        { 1e15, "1e+15" },
        { -2.5, "-2.5" },
        { 1 / 3.0, "0.333333333333333" },
    };
    double x = 0.7;

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char buffer[MESH_TEXT_NUMBER_SIZE];

        is_text(mesh_text_format_number(cases[i].number, buffer), cases[i].text,
                "%g is written \"%s\"", cases[i].number, cases[i].text);
    }
    for (int i = 0; i < 1000; i++) {
        double once, twice;

        x = x * 3.9 * (1 - x);
        once = mesh_text_round_number(x * 1e3);
        twice = mesh_text_round_number(once);
        if (once != twice || fabs(once - x * 1e3) > 1e-12 * once) {
            ok(0, "rounding %.17g twice is rounding it once", x);
            return;
        }
    }
    ok(1, "rounding to 15 digits twice is rounding once");
}

static void utf8(void)
{
    static const struct {
        const char *text;
        int bad; /* offset, or -1 */
    } cases[] = {
        { "", -1 },
        { "plain", -1 },
        { "gr\xc3\xbc\xc3\x9f", -1 },
        { "\xe2\x82\xac \xf0\x9f\x98\x80", -1 },
        { "\xf4\x8f\xbf\xbf", -1 },
        { "a\xff", 1 },
        { "ab\xc3", 2 },
        { "\xc0\x80", 0 },
        { "\xe0\x80\x80", 0 },
        { "\xed\xa0\x80", 0 },
        { "\xf4\x90\x80\x80", 0 },
        { "\xf5\x80\x80\x80", 0 },
        { "ok\xe2\x82", 2 },
        { "\x80", 0 },
        { "\xf0\x9f\x98", 0 },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        apr_size_t bad = 999;
        int is = mesh_text_is_utf8(cases[i].text, strlen(cases[i].text), &bad);

        ok(cases[i].bad < 0 ? is : !is && bad == (apr_size_t)cases[i].bad,
           "UTF-8 case %d is told", (int)i);
    }
}

int main(void)
{
    apr_pool_t *p;

    apr_initialize();
    apr_pool_create(&p, NULL);
    numbers();
    formats();
    utf8();
    is_text(mesh_text_trim(" \t a b \r\n", p), "a b", "white space is cut off");
    is_text(mesh_text_trim("   ", p), "", "and nothing may be left");
    apr_terminate();
    return done_testing();
}
