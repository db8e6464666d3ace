/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mesh_agent.h -- all that an agent may see of the platform.
 *
 * An agent turns a JSON request into a JSON answer.  It includes this header,
 * the pure headers of algo/ and import/, and the C library: no httpd, no
 * libpq, no libcurl.  Its file ends in its descriptor, from which come
 * request checking, routes, the catalogue, /openapi.json, the page's form and
 * the answer check in tests.
 *
 * Thread: one agent runs on many threads at once, so it keeps no variables of
 *         its own; what must outlive a call belongs in the database.
 * Pool:   what a call allocates lives in mesh_call_pool() and dies with it.
 */
#ifndef MESH_AGENT_H
#define MESH_AGENT_H

#include <apr_pools.h>
#include <apr_time.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"

#define MESH_VERSION "0.1.0"

/* ---- What an agent says about itself ------------------------------------- */

typedef struct mesh_call_t mesh_call_t; /* one invocation, start to answer */

typedef enum {
    MESH_STRING,  /* min, max: length in code points */
    MESH_INTEGER, /* min, max: value */
    MESH_NUMBER,  /* min, max: value */
    MESH_BOOLEAN,
    MESH_OBJECT, /* fields: its members; none: any members */
    MESH_ARRAY,  /* fields: the one row its elements have; min, max: count */
    MESH_MAP,    /* fields: the one row its values have; min, max: count */
    MESH_ONE_OF, /* fields: the alternatives */
    MESH_SCALAR, /* a string (max: its length), number, boolean or null */
} mesh_type_t;

enum {
    MESH_REQUIRED = 1,
    MESH_NULLABLE = 2,
    MESH_IN_PATH = 4,  /* a {segment} of the action's path */
    MESH_IN_EVENT = 8, /* of an answer: part of the event's data */
};

/*
 * One member of a request or an answer; a list ends with a NULL name.  Bounds
 * that are equal (as by default) bound nothing.
 */
typedef struct mesh_field_t mesh_field_t;
struct mesh_field_t {
    const char *name;
    mesh_type_t type;
    int flags;
    double min, max;
    const char *help;
    const mesh_field_t *fields;
    const char *const *one_of; /* of a string: the values it may have */
    const char *pattern;       /* of a string: ECMA 262 */
};

typedef mesh_err_t *mesh_run_fn(mesh_call_t *call, const mesh_json_t *in,
                                mesh_json_t *out);

/* What a caller must be allowed; a role has rights, a key's scopes narrow
 * them as "<agent>:<right>". */
typedef enum {
    MESH_PUBLIC, /* anybody */
    MESH_READ,   /* look at what is stored */
    MESH_RUN,    /* have something computed and stored */
    MESH_MANAGE, /* train, configure */
    MESH_ADMIN,  /* people, keys */
} mesh_right_t;

enum {
    MESH_STORES = 1,   /* a result row and an event, in one transaction */
    MESH_BATCHES = 2,  /* also takes items[], one answer each */
    MESH_WRITES = 4,   /* writes rows, but no result */
    MESH_KEEPS = 8,    /* stores the input text, not only its SHA-256 */
    MESH_PLATFORM = 16 /* not an agent's: no result, no common members */
};

typedef struct mesh_action_t {
    const char *name;   /* "predict" */
    const char *method; /* "POST"; NULL: only as a job */
    const char *path;   /* below the agent's route: "/models/{name}" */
    mesh_right_t right;
    int flags;
    const char *summary;
    const mesh_field_t *input, *output;
    mesh_run_fn *run;
    const char *event; /* CloudEvents type of what MESH_STORES tells */
    int status;        /* of success, when it is not 200 */
} mesh_action_t;

/* Another way to an action, as the prototypes spelt it. */
typedef struct mesh_alias_t {
    const char *method;
    const char *path; /* from the root */
    const char *action;
} mesh_alias_t;

/* A knob for the operator: MspMeshAgent <agent> <name> <value>. */
typedef struct mesh_setting_t {
    const char *name;
    const char *fallback;
    double min, max; /* of a number; equal: a text */
    const char *help;
} mesh_setting_t;

typedef struct mesh_agent_t {
    const char *name; /* "client-health": URL segment, log tag, scope */
    const char *title;
    const char *summary; /* one sentence, shown on the index page */
    const char *route;   /* "/client-health" */
    const char *page;    /* "client-health.html"; NULL: none */
    const char *version; /* of the method: changes when answers may */
    int predicts;        /* has t/accuracy/ */
    int is_platform;     /* part of the platform, not in the catalogue */
    const mesh_action_t *actions; /* end with a NULL name */
    const mesh_alias_t *aliases;  /* may be NULL */
    const mesh_setting_t *settings;
} mesh_agent_t;

/* Every file in handlers/ ends with this; the build finds it by file name. */
#define MESH_AGENT(file) const mesh_agent_t mesh_agent_##file

/* ---- What the mesh does for an agent --------------------------------------
 */

apr_pool_t *mesh_call_pool(const mesh_call_t *call);

/* The same instant for the whole call. */
apr_time_t mesh_call_now(const mesh_call_t *call);

const char *mesh_call_tenant(const mesh_call_t *call); /* UUID */

/* The answer is about this client: its result and events carry the id. */
void mesh_call_about(mesh_call_t *call, const char *client_id);

/* Whether the caller only asks what if: nothing of this call is kept. */
int mesh_call_is_what_if(const mesh_call_t *call);

const char *mesh_call_setting(const mesh_call_t *call, const char *name);
double mesh_call_setting_number(const mesh_call_t *call, const char *name);

/* A new UUID (version 7). */
const char *mesh_call_uuid(const mesh_call_t *call);

/* Whether TEXT has the form of a UUID. */
int mesh_is_uuid(const char *text);

/* SHA-256 of BYTES as an argument for a mesh.sha256 column. */
const char *mesh_call_sha256(const mesh_call_t *call, const void *bytes,
                             apr_size_t length);

/*
 * Arguments fill $1, $2, … and are never part of the text:
 * mesh_query(call, &rows, "… where id = $1", MESH_ARGS(mesh_arg_text(id))).
 * Types are PostgreSQL's to infer; cast in the statement where it cannot.
 * Statements are literals: each text is prepared once a connection.
 */
typedef struct mesh_arg_t {
    const char *text; /* NULL is null */
    int more;         /* false only for the row that ends the list */
} mesh_arg_t;

mesh_arg_t mesh_arg_text(const char *s);
mesh_arg_t mesh_arg_integer(const mesh_call_t *call, apr_int64_t n);
mesh_arg_t mesh_arg_number(const mesh_call_t *call, double x);
mesh_arg_t mesh_arg_json(const mesh_call_t *call, const mesh_json_t *json);

#define MESH_ARGS(...) ((const mesh_arg_t[]){ __VA_ARGS__, { .more = 0 } })
#define MESH_NO_ARGS   ((const mesh_arg_t[]){ { .more = 0 } })

/*
 * Run one statement as the caller's tenant; row level security sees to it
 * that no other tenant's rows exist.  The rows live as long as the call.
 */
typedef struct mesh_rows_t mesh_rows_t;
mesh_err_t *mesh_query(mesh_call_t *call, mesh_rows_t **rows, const char *sql,
                       const mesh_arg_t *args);

/*
 * The same for a write whose answer nobody needs: it goes out with the next
 * round trip, at the latest with the commit, and its failure fails the call.
 * When the caller only asks what if, it is not sent at all.
 */
mesh_err_t *mesh_send(mesh_call_t *call, const char *sql,
                      const mesh_arg_t *args);

/*
 * Before long computing: end the transaction and give the connection back.
 * What is written afterwards is a transaction of its own, so write only then.
 */
mesh_err_t *mesh_release(mesh_call_t *call);

int mesh_rows_count(const mesh_rows_t *rows);
int mesh_rows_is_null(const mesh_rows_t *rows, int row, const char *column);
const char *mesh_rows_text(const mesh_rows_t *rows, int row,
                           const char *column);
apr_int64_t mesh_rows_integer(const mesh_rows_t *rows, int row,
                              const char *column);
double mesh_rows_number(const mesh_rows_t *rows, int row,
                        const char *column); /* NaN for null */
int mesh_rows_boolean(const mesh_rows_t *rows, int row, const char *column);

/*
 * One row as an object, a column a member, typed as PostgreSQL says; json and
 * jsonb columns become what they hold.
 */
mesh_json_t *mesh_rows_object(const mesh_rows_t *rows, int row, apr_pool_t *p);

/* Say more than the answer's own event: TYPE as in CloudEvents. */
mesh_err_t *mesh_publish(mesh_call_t *call, const char *type,
                         const char *subject, const mesh_json_t *data);

/*
 * Have an action of this agent run later, as a job of this tenant and with
 * the caller's rights; it starts when this call has committed.
 */
mesh_err_t *mesh_enqueue(mesh_call_t *call, const char **job_id,
                         const char *action, const mesh_json_t *in);

/*
 * In a job: DONE (0…1) of the work is done.  An error says that the job was
 * cancelled or taken away: pass it up.  Outside a job it does nothing.
 */
mesh_err_t *mesh_progress(mesh_call_t *call, double done);

/* In a job: its id; else NULL. */
const char *mesh_call_job(const mesh_call_t *call);

/*
 * What was parsed from an immutable stored artefact, shared by all threads of
 * this process and kept while it is in use or young.  LOAD makes it in POOL,
 * which it owns; it is read only afterwards.
 */
typedef mesh_err_t *mesh_load_fn(void **made, const char *artefact,
                                 apr_pool_t *p);
mesh_err_t *mesh_artefact(mesh_call_t *call, void **made, const char *model_id,
                          mesh_load_fn *load);

/*
 * Models: versions of a named artefact, the agent's and the tenant's own.  One
 * version at most is active, which is the one that serves.
 */
typedef struct mesh_model_t {
    const char *id;
    const char *name;
    int version;
    const char *algorithm;
    int rows;                   /* learned from */
    const mesh_json_t *metrics; /* what was told when it became ready */
    const char *ready_at;
} mesh_model_t;

/* The version that serves; *MODEL is NULL when there is none. */
mesh_err_t *mesh_model_find(mesh_call_t *call, mesh_model_t **model,
                            const char *name);

/* A new version, in state training. */
mesh_err_t *mesh_model_create(mesh_call_t *call, mesh_model_t **model,
                              const char *name, const char *training_sha256);

/* Its training is the work of a job: should that fail, so has the model. */
mesh_err_t *mesh_model_await(mesh_call_t *call, const mesh_model_t *model,
                             const char *job_id);

/*
 * It is trained.  It becomes active, and what was active is retired; but if
 * GUARD names a metric (more is better) and the active one has more of it,
 * it stays a candidate.
 */
mesh_err_t *mesh_model_ready(mesh_call_t *call, const mesh_model_t *model,
                             const char *algorithm, const mesh_json_t *artefact,
                             int rows, const mesh_json_t *metrics,
                             const char *guard);

/* It cannot be trained, and why. */
mesh_err_t *mesh_model_failed(mesh_call_t *call, const char *model_id,
                              const mesh_err_t *why);

/* The newest version of NAME as an answer shows it, its metrics as members;
 * NOT_FOUND "unknown_model".  Or of every name, without features. */
mesh_err_t *mesh_model_show(mesh_call_t *call, mesh_json_t *out,
                            const char *name);
mesh_err_t *mesh_model_list(mesh_call_t *call, mesh_json_t *list);

/*
 * Learning who belongs to one of two classes, from tables; the learner is
 * algo/classifier.h, the models are rows as above.
 */
struct mesh_classifier_t;
struct mesh_dataset_plan_t;
struct mesh_table_t;

/* The model of NAME that serves, and what it learned; *CLASSIFIER is NULL when
 * there is none. */
mesh_err_t *mesh_learn_find(mesh_call_t *call, mesh_model_t **model,
                            const struct mesh_classifier_t **classifier,
                            const char *name);

/*
 * A posted table, {model, target, id?, positive?, rows[]|csv, exclude?[],
 * force?[], folds?}: check that it can be learned from, make a version of the
 * model, and leave the learning to a job that runs JOB_ACTION with what
 * mesh_learn_job() reads.  OUT tells about both.
 */
mesh_err_t *mesh_learn_post(mesh_call_t *call, const mesh_json_t *in,
                            mesh_json_t *out, const char *job_action);
mesh_err_t *mesh_learn_job(mesh_call_t *call, const mesh_json_t *in,
                           mesh_json_t *out);

/* Learn from TABLE, which may take long: release the database before.  What
 * was learned lives as long as the call. */
typedef struct mesh_learned_t mesh_learned_t;
mesh_err_t *mesh_learn_table(mesh_call_t *call, mesh_learned_t **learned,
                             const struct mesh_table_t *table,
                             const struct mesh_dataset_plan_t *plan);

/* Store it as a version of NAME; GUARD as of mesh_model_ready(). */
mesh_err_t *mesh_learn_keep(mesh_call_t *call, const char *name,
                            const mesh_learned_t *learned, const char *guard);

/*
 * Say why row ROW of TABLE was predicted so: risk_factors[], the base rate
 * first and then what moved the answer most, together its log-odds; factors{}
 * and feature_importance{}, as the prototypes named values and shares.  WORDS
 * puts a column's value into words, or NULL.
 */
struct mesh_classifier_prediction_t;
void mesh_learn_explain(mesh_json_t *out,
                        const struct mesh_classifier_t *classifier,
                        const struct mesh_table_t *table, int row,
                        const struct mesh_classifier_prediction_t *prediction,
                        const char *base_words,
                        const char *(*words)(const char *column, double value,
                                             apr_pool_t *p),
                        apr_pool_t *p);

/* A header of the reply; nothing in a job. */
void mesh_call_header(mesh_call_t *call, const char *name, const char *value);

/* Write a line at level info, tagged with the agent and the call. */
void mesh_note(const mesh_call_t *call, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
