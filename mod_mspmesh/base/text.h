/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text.h -- what a text is: UTF-8 or not, a number or not.
 *
 * Nothing here depends on the locale of the process: a number is written with
 * a point, whatever the operator speaks.
 *
 * Thread: anyone.  Nothing is kept.
 */
#ifndef MESH_TEXT_H
#define MESH_TEXT_H

#include <apr_pools.h>

/* Room for any number mesh_text_format_number() writes. */
#define MESH_TEXT_NUMBER_SIZE 32

/*
 * Are the LENGTH bytes at TEXT well-formed UTF-8 (RFC 3629: no overlong form,
 * no surrogate, nothing above U+10FFFF)?  If not, *BAD is the offset of the
 * first byte that cannot be; BAD may be NULL.
 */
int mesh_text_is_utf8(const char *text, apr_size_t length, apr_size_t *bad);

/*
 * Does TEXT read wholly, white space around it aside, as a decimal number:
 * sign, digits, point, exponent; no hexadecimal, no "inf", no "nan"?  Then it
 * is in *NUMBER, correctly rounded; what a double cannot hold is HUGE_VAL.
 */
int mesh_text_is_number(const char *text, double *number);

/*
 * Write X into BUFFER as the shortest of %.15g, so that numbers which are
 * equal are equal texts: 1, 1.0 and 1e0 are "1", -0 is "0".  Returns BUFFER.
 */
const char *mesh_text_format_number(double x,
                                    char buffer[MESH_TEXT_NUMBER_SIZE]);

/* X as its text above would be read again: 15 significant digits of it. */
double mesh_text_round_number(double x);

/* TEXT without white space around it; TEXT itself when there is none. */
const char *mesh_text_trim(const char *text, apr_pool_t *p);

#endif
