/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trace.h -- W3C Trace Context (Recommendation, level 2): whose request this
 * is part of.
 */
#ifndef MESH_TRACE_H
#define MESH_TRACE_H

#include <httpd.h>

/*
 * The traceparent of our own span: the trace of the caller when its header is
 * valid, else a new one.  Sent back with the reply and with what we call.
 */
const char *mesh_trace_parent(request_rec *r);

#endif
