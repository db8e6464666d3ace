/* SPDX-License-Identifier: Apache-2.0 */
/* text.c -- what a text is: UTF-8 or not, a number or not. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* strtod_l: a number whatever the locale */
#endif
#include "base/text.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <apr_strings.h>

/* Digits that a double holds exactly, and powers of ten that it does. */
#define EXACT_DIGITS 15
#define EXACT_POWER  22

/* White space of a table: C's, whatever the locale. */
static int is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

int mesh_text_is_utf8(const char *text, apr_size_t length, apr_size_t *bad)
{
    const unsigned char *s = (const unsigned char *)text;
    apr_size_t i = 0;

    while (i < length) {
        unsigned char c = s[i];
        /* RFC 3629, section 4: the second byte's range excludes overlong
         * forms, surrogates and what is beyond Unicode. */
        unsigned char low = 0x80, high = 0xbf;
        int more;

        if (c < 0x80) {
            i++;
            continue;
        }
        if (c >= 0xc2 && c <= 0xdf) {
            more = 1;
        }
        else if (c >= 0xe0 && c <= 0xef) {
            more = 2;
            low = c == 0xe0 ? 0xa0 : 0x80;
            high = c == 0xed ? 0x9f : 0xbf;
        }
        else if (c >= 0xf0 && c <= 0xf4) {
            more = 3;
            low = c == 0xf0 ? 0x90 : 0x80;
            high = c == 0xf4 ? 0x8f : 0xbf;
        }
        else {
            break;
        }
        if (length - i <= (apr_size_t)more || s[i + 1] < low || s[i + 1] > high
            || (more > 1 && (s[i + 2] & 0xc0) != 0x80)
            || (more > 2 && (s[i + 3] & 0xc0) != 0x80)) {
            break;
        }
        i += 1 + more;
    }
    if (i < length && bad) {
        *bad = i;
    }
    return i >= length;
}

/* strtod() as the C locale has it. */
static double slow_number(const char *text)
{
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    double x = c ? strtod_l(text, NULL, c) : strtod(text, NULL);

    if (c) {
        freelocale(c);
    }
    return x;
}

int mesh_text_is_number(const char *text, double *number)
{
    static const double powers[EXACT_POWER + 1] = {
        1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    };
    const char *s = text, *start;
    apr_uint64_t digits = 0;
    int n_digits = 0, n_counted = 0, power = 0, exponent = 0;
    int is_negative, is_below;

    while (is_space(*s)) {
        s++;
    }
    start = s;
    is_negative = *s == '-';
    s += *s == '-' || *s == '+';
    for (int after_point = 0; is_digit(*s) || (*s == '.' && !after_point);
         s++) {
        if (*s == '.') {
            after_point = 1;
            continue;
        }
        n_digits++;
        if (n_counted > 0 || *s != '0') {
            n_counted++;
        }
        if (n_counted <= EXACT_DIGITS) {
            digits = digits * 10 + (apr_uint64_t)(*s - '0');
        }
        power -= after_point;
    }
    if (n_digits == 0) {
        return 0;
    }
    if (*s == 'e' || *s == 'E') {
        is_below = s[1] == '-';
        s += 1 + (s[1] == '-' || s[1] == '+');
        if (!is_digit(*s)) {
            return 0;
        }
        for (; is_digit(*s); s++) {
            exponent = exponent < 100000 ? exponent * 10 + *s - '0' : exponent;
        }
        power += is_below ? -exponent : exponent;
    }
    while (is_space(*s)) {
        s++;
    }
    if (*s) {
        return 0;
    }

    /* Digits and power that are both exact make one rounding, hence the right
     * one (Clinger 1990); anything else is rare enough for the library. */
    if (n_counted <= EXACT_DIGITS && abs(power) <= EXACT_POWER) {
        double x = power < 0 ? (double)digits / powers[-power]
                             : (double)digits * powers[power];

        *number = is_negative ? -x : x;
    }
    else {
        *number = slow_number(start);
    }
    return 1;
}

const char *mesh_text_format_number(double x,
                                    char buffer[MESH_TEXT_NUMBER_SIZE])
{
    if (x == 0) {
        x = 0; /* not minus 0 */
    }
    if (fabs(x) < 1e15 && x == trunc(x)) {
        apr_snprintf(buffer, MESH_TEXT_NUMBER_SIZE, "%" APR_INT64_T_FMT,
                     (apr_int64_t)x);
        return buffer;
    }
    snprintf(buffer, MESH_TEXT_NUMBER_SIZE, "%.15g", x);
    for (char *c = buffer; *c; c++) {
        *c = *c == ',' ? '.' : *c; /* some locales write a comma */
    }
    return buffer;
}

double mesh_text_round_number(double x)
{
    char buffer[MESH_TEXT_NUMBER_SIZE];
    double rounded = x;

    mesh_text_is_number(mesh_text_format_number(x, buffer), &rounded);
    return rounded;
}

const char *mesh_text_trim(const char *text, apr_pool_t *p)
{
    apr_size_t length;

    while (is_space(*text)) {
        text++;
    }
    length = strlen(text);
    if (length == 0 || !is_space(text[length - 1])) {
        return text;
    }
    while (is_space(text[length - 1])) {
        length--;
    }
    return apr_pstrmemdup(p, text, length);
}
