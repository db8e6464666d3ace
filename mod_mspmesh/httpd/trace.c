/* SPDX-License-Identifier: Apache-2.0 */
/* trace.c -- W3C Trace Context. */
#include "httpd/trace.h"

#include <string.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <apr_tables.h>

#include "base/crypto.h"

/* 00-<32 hex of the trace>-<16 hex of the span>-<2 hex of flags> */
#define VERSION_LENGTH 2
#define TRACE_AT       3
#define TRACE_LENGTH   32
#define SPAN_AT        36
#define SPAN_LENGTH    16
#define FLAGS_AT       53
#define LENGTH         55

/* Bits we know: sampled, and the trace id being random. */
#define KNOWN_FLAGS 0x03
#define RANDOM_FLAG 0x02

static int is_hex(const char *text, int length)
{
    for (int i = 0; i < length; i++) {
        if (!apr_isdigit(text[i]) && !(text[i] >= 'a' && text[i] <= 'f')) {
            return 0;
        }
    }
    return 1;
}

static int is_zero(const char *text, int length)
{
    return (int)strspn(text, "0") >= length;
}

static int is_valid(const char *header)
{
    apr_size_t length = strlen(header);

    return length >= LENGTH && is_hex(header, VERSION_LENGTH)
           && strncmp(header, "ff", VERSION_LENGTH) && header[2] == '-'
           && is_hex(header + TRACE_AT, TRACE_LENGTH)
           && !is_zero(header + TRACE_AT, TRACE_LENGTH)
           && header[TRACE_AT + TRACE_LENGTH] == '-'
           && is_hex(header + SPAN_AT, SPAN_LENGTH)
           && !is_zero(header + SPAN_AT, SPAN_LENGTH)
           && header[SPAN_AT + SPAN_LENGTH] == '-'
           && is_hex(header + FLAGS_AT, 2)
           /* A later version may say more, after another dash. */
           && (length == LENGTH
               || (strncmp(header, "00", VERSION_LENGTH)
                   && header[LENGTH] == '-'))
           && !strchr(header, ',');
}

const char *mesh_trace_parent(request_rec *r)
{
    const char *header = apr_table_get(r->headers_in, "traceparent");
    unsigned char random[24];
    const char *trace, *span;
    int flags = RANDOM_FLAG;

    mesh_crypto_random(random, sizeof(random));
    span = mesh_crypto_hex(random, 8, r->pool);
    if (header && is_valid(header)) {
        const char low = header[FLAGS_AT + 1];

        trace = apr_pstrmemdup(r->pool, header + TRACE_AT, TRACE_LENGTH);
        flags = (low <= '9' ? low - '0' : low - 'a' + 10) & KNOWN_FLAGS;
    }
    else {
        trace = mesh_crypto_hex(random + 8, 16, r->pool);
    }
    return apr_psprintf(r->pool, "00-%s-%s-%02x", trace, span, flags);
}
