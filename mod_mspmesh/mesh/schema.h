/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema.h -- does a JSON value have the form we announced?
 *
 * JSON Schema 2020-12, compiled once: type, enum, const, the bounds of
 * numbers, strings, arrays and objects, properties, patternProperties,
 * additionalProperties, propertyNames, required, items, prefixItems,
 * uniqueItems, pattern, allOf, anyOf, oneOf, not, boolean schemas, and $ref
 * within the document.  title, description, format and the like say
 * something to the reader and check nothing.
 *
 * Thread: a compiled schema never changes; many threads may check with it.
 * Pool: a schema lives in the pool it was compiled in, and keeps nothing of
 *       the document.  Faults live in the pool of the check.
 * Lock: none.
 */
#ifndef MESH_SCHEMA_H
#define MESH_SCHEMA_H

#include <apr_pools.h>

#include "base/err.h"
#include "base/json.h"

typedef struct mesh_schema_t mesh_schema_t;

/* How many faults one check reports, and how much of a name it repeats. */
#define MESH_SCHEMA_MAX_FAULTS 20
#define MESH_SCHEMA_MAX_ECHO   40 /* code points */

/*
 * Compile DOCUMENT into *SCHEMA.  Whatever is wrong with it is a BUG, with
 * the JSON pointer to the place: a keyword we do not check
 * ("unknown_keyword"), a keyword that is misused ("bad_schema"), a pattern
 * that is none ("bad_pattern"), a $ref that leads nowhere or out of the
 * document ("bad_reference"), a schema that refers to itself without going
 * deeper into the value ("endless_schema").
 */
mesh_err_t *mesh_schema_compile(mesh_schema_t **schema,
                                const mesh_json_t *document, apr_pool_t *p);

/*
 * The same for a schema that others wrote: a keyword JSON Schema does not
 * know is passed over, as the standard has it.  One that it knows and we do
 * not check is still refused.
 */
mesh_err_t *mesh_schema_compile_foreign(mesh_schema_t **schema,
                                        const mesh_json_t *document,
                                        apr_pool_t *p);

/*
 * Check VALUE.  NULL when it fits; else the faults in the order they were
 * met, chained by ->next, at most MESH_SCHEMA_MAX_FAULTS.  Each is INVALID,
 * has the JSON pointer to what is wrong (for a missing member: to where it
 * ought to be; "" is the value itself) and a message that reads on from the
 * name of the thing: "must be a number from 0 to 10".
 *
 *   wrong_type      of another type than asked for
 *   missing_member  required, and not there
 *   unknown_member  a member nobody knows here
 *   out_of_range    a number too small, too great or not a multiple
 *   too_long, too_short    a text, in code points
 *   too_many, too_few      elements of a list, members of an object
 *   not_allowed     not one of the allowed values, or one that is excluded;
 *                   an element given twice where all must differ
 *   bad_format      a text that does not match its pattern
 *   no_match        fits none, or more than one, of several forms
 *   too_deep        nests deeper than MESH_JSON_MAX_DEPTH
 *   too_hard        so nested that trying its forms would take seconds
 *
 * Where several forms are allowed (oneOf, anyOf), the faults are those of
 * the form that comes closest.  No message repeats the value; a pointer cuts
 * a name of more than MESH_SCHEMA_MAX_ECHO code points, ending it in an
 * ellipsis.
 */
mesh_err_t *mesh_schema_check(const mesh_schema_t *schema,
                              const mesh_json_t *value, apr_pool_t *p);

#endif
