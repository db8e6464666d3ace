/* SPDX-License-Identifier: Apache-2.0 */
/* events.c -- what happened, as CloudEvents 1.0. */
#include <stdlib.h>
#include <string.h>
#include <apr_strings.h>

#include "mesh/call.h"

#define COLUMNS                                                    \
    "id, type, source, subject, client_id, data, simulated, time," \
    " '1.0' as specversion, xid || '-' || id as cursor"

static mesh_err_t *list(mesh_call_t *call, const mesh_json_t *in,
                        mesh_json_t *out)
{
    const mesh_json_t *limit = mesh_json_member(in, "limit");
    mesh_json_t *events = mesh_json_set_array(out, "events");
    const char *cursor = mesh_json_member_text(in, "after");
    const mesh_arg_t most =
        mesh_arg_integer(call, limit ? mesh_json_integer(limit) : 20);
    const mesh_arg_t kind = mesh_arg_text(mesh_json_member_text(in, "type"));
    mesh_rows_t *rows, *horizon;

    if (cursor) {
        apr_size_t digits = strcspn(cursor, "-");

        /* In the order of commits, and never past one that may still come. */
        MESH_TRY(mesh_query(
            call, &rows,
            "select " COLUMNS " from mesh.event e"
            " where (e.xid, e.id) > ($1::xid8, $2::uuid)"
            " and e.xid < pg_snapshot_xmin(pg_current_snapshot())"
            " and ($3::text is null or type = $3)"
            " order by e.xid, e.id limit $4::int",
            MESH_ARGS(mesh_arg_text(
                          apr_pstrmemdup(mesh_call_pool(call), cursor, digits)),
                      mesh_arg_text(cursor + digits + 1), kind, most)));
    }
    else {
        /* Asked for first: what commits in between is seen again, not lost. */
        MESH_TRY(mesh_query(call, &horizon,
                            "select pg_snapshot_xmin(pg_current_snapshot())"
                            "::text::bigint - 1 || '-ffffffff-ffff-ffff-ffff-"
                            "ffffffffffff' as cursor",
                            MESH_NO_ARGS));
        MESH_TRY(mesh_query(call, &rows,
                            "select " COLUMNS " from mesh.event e"
                            " where ($1::text is null or type = $1)"
                            " order by recorded_at desc, id desc"
                            " limit $2::int",
                            MESH_ARGS(kind, most)));
    }
    for (int i = 0; i < mesh_rows_count(rows); i++) {
        mesh_json_add(events, mesh_rows_object(rows, i, mesh_call_pool(call)));
    }
    /* Where to go on: after the last of a replay; after a look where nothing
     * can come any more, for the newest may have overtaken an older one. */
    if (!cursor) {
        cursor = mesh_rows_text(horizon, 0, "cursor");
    }
    else if (mesh_rows_count(rows)) {
        cursor = mesh_rows_text(rows, mesh_rows_count(rows) - 1, "cursor");
    }
    mesh_json_set_text(out, "next_cursor", cursor);
    return NULL;
}

static const mesh_field_t list_input[] = {
    { "limit", MESH_INTEGER, 0, 1, 1000, "How many." },
    { "after", MESH_STRING, 0, 38, 60,
      "A cursor: what was committed after it, in order.", NULL, NULL,
      "^[0-9]{1,20}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$" },
    { "type", MESH_STRING, 0, 1, 200, "Only of this type." },
    { NULL },
};

static const mesh_field_t list_output[] = {
    { "events", MESH_ARRAY, MESH_REQUIRED, 0, 0,
      "CloudEvents; without a cursor the newest first." },
    { "next_cursor", MESH_STRING, MESH_REQUIRED, 0, 0, "To go on from here." },
    { NULL },
};

static const mesh_action_t actions[] = {
    { "list", "GET", "", MESH_READ, MESH_PLATFORM, "What happened", list_input,
      list_output, list },
    { NULL },
};

MESH_AGENT(events) = {
    .name = "events",
    .title = "Events",
    .summary = "What happened, as CloudEvents.",
    .route = "/events",
    .version = "1",
    .is_platform = 1,
    .actions = actions,
};
