/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client_health.c -- who is likely to leave, why, and what to do about it?
 *
 * A logistic model is learned from what the provider's own clients looked
 * like in the past and whether they were gone 90 days later, or from any
 * table that is posted.  Its answer is a sum: a base rate and what each
 * column adds to it, in log-odds, so that every figure can be checked by hand.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <apr_strings.h>

#include "algo/classifier.h"
#include "algo/client_signs.h"
#include "algo/survival.h"
#include "mesh_agent.h"

#define CLIENT_MODEL "clients"      /* over the features below */
#define FIGURE_MODEL "clients-seed" /* over three figures only */

#define HORIZON_DAYS 90
#define LAST_DAY     720 /* beyond it nobody's day of leaving is told */

/* ---- Reading a prediction ----------------------------------------------- */

static const struct {
    double above;
    const char *level;
} bands[] = {
    { 0.65, "Critical" },
    { 0.45, "High" },
    { 0.25, "Medium" },
    { -1, "Low" },
};

static int band_of(double probability)
{
    int band = 0;

    while (probability <= bands[band].above) {
        band++;
    }
    return band;
}

static void set_risk(mesh_json_t *out, double p)
{
    mesh_json_set_number(out, "health_score", mesh_json_round(1 - p, 12));
    mesh_json_set_number(out, "churn_probability", mesh_json_round(p, 12));
    mesh_json_set_text(out, "risk_level", bands[band_of(p)].level);
}

typedef struct {
    const mesh_classifier_t *model;
    const mesh_table_t *table;
    int row;
    const mesh_classifier_prediction_t *prediction;
} reading_t;

static double number_of(const reading_t *reading, const char *name)
{
    int at = mesh_table_find(reading->table, name);

    return at < 0 ? NAN
                  : reading->table->columns[at].cells[reading->row].number;
}

static double contribution_of(const reading_t *reading, const char *name)
{
    for (int i = 0; i < mesh_classifier_columns(reading->model); i++) {
        if (!strcmp(mesh_classifier_column(reading->model, i), name)) {
            return reading->prediction->contributions[i];
        }
    }
    return 0;
}

static void set_plan(mesh_json_t *out, const reading_t *reading,
                     const char *today, apr_pool_t *p)
{
    mesh_json_t *plan = mesh_json_set_array(out, "intervention_plan");
    mesh_json_t *words = mesh_json_set_array(out, "recommendations");
    int band = band_of(reading->prediction->probability);
    int steps = 0;

    for (const mesh_client_rule_t *rule = mesh_client_rules; rule->sign;
         rule++) {
        double value = number_of(reading, rule->sign);
        double effect = contribution_of(reading, rule->sign);
        mesh_json_t *step;

        if (!(value > rule->above || value < rule->below)) {
            continue;
        }
        step = mesh_json_add_object(plan);
        mesh_json_set_integer(step, "step", ++steps);
        mesh_json_set_text(step, "rule", rule->sign);
        mesh_json_set_text(step, "condition", rule->condition);
        mesh_json_set_text(step, "action", rule->action);
        mesh_json_set_text(
            step, "due_on",
            today ? mesh_clock_days_after(today, rule->due_days, p) : NULL);
        mesh_json_set_number(step, "effect_log_odds",
                             effect > 0 ? -effect : NAN);
        mesh_json_add_text(words, rule->action);
    }
    if (!steps && band < 2) {
        mesh_json_add_text(words, "Call the client: no rule fires, but the "
                                  "model sees a risk");
    }
    words = mesh_json_set_object(out, "interventions");
    mesh_json_set_text(words, "recommended",
                       band < 2 ? "High-touch engagement"
                                : "Standard monitoring");
    mesh_json_set_null(words, "estimated_success_rate");
}

/* ---- One client, or three figures --------------------------------------- */

static mesh_err_t *count_leavers(mesh_call_t *call, apr_int64_t *leavers)
{
    mesh_rows_t *rows;

    MESH_TRY(mesh_query(call, &rows,
                        "select count(*) as n from mesh.client"
                        " where left_on is not null",
                        MESH_NO_ARGS));
    *leavers = mesh_rows_integer(rows, 0, "n");
    return NULL;
}

/* Why there is no score: what a model needs, and what there is. */
static mesh_err_t *tell_missing(mesh_call_t *call, mesh_json_t *out)
{
    double needed = mesh_call_setting_number(call, "min-leavers");
    mesh_json_t *missing;
    apr_int64_t leavers;

    MESH_TRY(count_leavers(call, &leavers));
    mesh_json_set_text(out, "outcome", "insufficient_data");
    missing = mesh_json_set_object(out, "insufficient");
    mesh_json_set_text(missing, "reason",
                       (double)leavers < needed
                           ? "There is no model yet: it is learned from "
                             "clients that left, and too few have."
                           : "There is no model yet. There is enough history "
                             "to learn one from.");
    mesh_json_set_integer(mesh_json_set_object(missing, "have"), "leavers",
                          leavers);
    mesh_json_set_integer(mesh_json_set_object(missing, "need"), "leavers",
                          (apr_int64_t)needed);
    return NULL;
}

static mesh_err_t *insufficient(mesh_call_t *call, mesh_json_t *out)
{
    static const char *const unknown[] = {
        "health_score", "churn_probability", "churn_risk",
        "risk_level",   "priority",          "confidence",
        "model_used",   "model_version",     "revenue_at_risk"
    };

    for (apr_size_t i = 0; i < sizeof(unknown) / sizeof(*unknown); i++) {
        mesh_json_set_null(out, unknown[i]);
    }
    return tell_missing(call, out);
}

/* What every prediction says, of a client or of figures. */
static void set_prediction(mesh_json_t *out, const reading_t *reading,
                           const mesh_model_t *model, double revenue,
                           const char *today, apr_pool_t *p)
{
    double risk = reading->prediction->probability;
    mesh_json_t *predictions, *calibration;
    const mesh_json_t *measured =
        mesh_json_member(model->metrics, "calibration");

    set_risk(out, risk);
    mesh_json_set_number(out, "churn_risk", mesh_json_round(risk, 12));
    mesh_json_set_integer(out, "priority", band_of(risk) + 1);
    mesh_json_set_number(out, "confidence",
                         mesh_json_round(risk > 0.5 ? risk : 1 - risk, 6));
    mesh_json_set_text(out, "model_used", model->name);
    mesh_json_set_integer(out, "model_version", model->version);
    mesh_json_set_number(out, "revenue_at_risk",
                         mesh_json_round(revenue * risk, 2));
    mesh_learn_explain(out, reading->model, reading->table, reading->row,
                       reading->prediction, "The average client",
                       mesh_client_signs_words, p);
    set_plan(out, reading, today, p);
    predictions = mesh_json_set_object(out, "predictions");
    mesh_json_set_null(predictions, "days_to_potential_churn");
    mesh_json_set_number(predictions, "estimated_monthly_value", revenue);
    mesh_json_set_number(predictions, "revenue_at_risk",
                         mesh_json_round(revenue * risk, 2));
    mesh_json_set_number(predictions, "retention_probability",
                         mesh_json_round(1 - risk, 6));
    calibration = measured ? mesh_json_copy(measured, p) : mesh_json_object(p);
    mesh_json_set(out, "calibration", calibration);
}

static mesh_err_t *predict_figures(mesh_call_t *call, const mesh_json_t *in,
                                   mesh_json_t *out)
{
    apr_pool_t *p = mesh_call_pool(call);
    const mesh_json_t *label = mesh_json_member(in, "client_id");
    const char *names[MESH_CLIENT_FIGURES];
    const mesh_classifier_t *classifier;
    mesh_table_t *table;
    mesh_model_t *model;

    mesh_json_set_text(out, "client_id", label ? mesh_json_text(label) : NULL);
    for (int i = 0; i < MESH_CLIENT_FIGURES; i++) {
        names[i] = mesh_client_figures[i].name;
        if (!mesh_json_member(in, mesh_client_figures[i].name)) {
            return mesh_err_at(
                mesh_err(p, MESH_INVALID, "missing_member",
                         "is needed beside the other two figures"),
                p, apr_pstrcat(p, "/", mesh_client_figures[i].name, NULL));
        }
    }
    MESH_TRY(mesh_learn_find(call, &model, &classifier, FIGURE_MODEL));
    if (!classifier) {
        return insufficient(call, out);
    }
    table = mesh_table_make(names, MESH_CLIENT_FIGURES, 1, p);
    for (int i = 0; i < MESH_CLIENT_FIGURES; i++) {
        mesh_table_put_number(table, 0, i,
                              mesh_json_number(mesh_json_member(in, names[i])));
    }
    set_prediction(
        out,
        &(reading_t){ classifier, table, 0,
                      mesh_classifier_predict(classifier, table, 1, p) },
        model, NAN, NULL, p);
    return NULL;
}

/* A table of the features in ROWS, as mesh.client_health_features() has them.
 */
static mesh_table_t *table_of(const mesh_rows_t *rows, apr_pool_t *p)
{
    const char *names[MESH_CLIENT_SIGNS];
    mesh_table_t *table;

    for (int i = 0; i < MESH_CLIENT_SIGNS; i++) {
        names[i] = mesh_client_signs[i].name;
    }
    table = mesh_table_make(names, MESH_CLIENT_SIGNS, mesh_rows_count(rows), p);
    for (int row = 0; row < mesh_rows_count(rows); row++) {
        for (int i = 0; i < MESH_CLIENT_SIGNS; i++) {
            mesh_table_put_number(table, row, i,
                                  mesh_rows_number(rows, row, names[i]));
        }
    }
    return table;
}

static mesh_err_t *apply_what_if(mesh_call_t *call, mesh_table_t *table,
                                 const mesh_json_t *changes)
{
    apr_pool_t *p = mesh_call_pool(call);

    for (mesh_json_iter_t *at = changes ? mesh_json_first(changes) : NULL; at;
         at = mesh_json_next(changes, at)) {
        const char *name = mesh_json_name(at);
        const mesh_client_sign_t *sign = mesh_client_signs_find(name);
        double value = mesh_json_number(mesh_json_value(at));

        if (!sign || value < sign->min || value > sign->max) {
            return mesh_err_at(
                mesh_err(p, MESH_INVALID,
                         sign ? "out_of_range" : "unknown_member",
                         sign ? "must be a number from %g to %g"
                              : "is no feature of a client",
                         sign ? sign->min : 0, sign ? sign->max : 0),
                p, mesh_err_pointer("/what_if", name, p));
        }
        mesh_table_put_number(table, 0, mesh_table_find(table, name), value);
    }
    return NULL;
}

/*
 * How long the provider's clients stay (Kaplan-Meier), for a client of this
 * age, with the hazard that makes the model's own 90 days come out.
 */
static mesh_err_t *set_survival(mesh_call_t *call, mesh_json_t *out,
                                double tenure_days, double risk)
{
    static const int days[] = { 30, 60, 90, 120, 180, 270, 360 };
    apr_pool_t *p = mesh_call_pool(call);
    mesh_json_t *list = mesh_json_set_array(out, "survival");
    double *durations, log_hazard;
    mesh_survival_t *curve;
    mesh_rows_t *rows;
    int *events, n;

    MESH_TRY(mesh_query(call, &rows,
                        "select coalesce(left_on, mesh.today()) - since"
                        " as days, left_on is not null as has_left"
                        " from mesh.client where since <= mesh.today()",
                        MESH_NO_ARGS));
    n = mesh_rows_count(rows);
    durations = apr_palloc(p, (apr_size_t)n * sizeof(*durations));
    events = apr_palloc(p, (apr_size_t)n * sizeof(*events));
    for (int i = 0; i < n; i++) {
        durations[i] = mesh_rows_number(rows, i, "days");
        events[i] = mesh_rows_boolean(rows, i, "has_left");
    }
    if (mesh_survival_fit(&curve, durations, events, n, p, p)
        || !curve->events) {
        return NULL; /* nobody left: there is no curve to tell */
    }
    log_hazard =
        mesh_survival_log_hazard(curve, tenure_days, HORIZON_DAYS, risk);
    for (int day = 1; day <= LAST_DAY; day++) {
        if (mesh_survival_after(curve, tenure_days, day, log_hazard) < 0.5) {
            mesh_json_set_integer(mesh_json_member(out, "predictions"),
                                  "days_to_potential_churn", day);
            break;
        }
    }
    for (apr_size_t i = 0; i < sizeof(days) / sizeof(*days); i++) {
        mesh_json_t *entry = mesh_json_add_object(list);

        mesh_json_set_integer(entry, "day", days[i]);
        mesh_json_set_number(
            entry, "p",
            mesh_json_round(
                mesh_survival_after(curve, tenure_days, days[i], log_hazard),
                6));
        mesh_json_set_number(
            entry, "base",
            mesh_json_round(mesh_survival_after(curve, tenure_days, days[i], 0),
                            6));
    }
    return NULL;
}

/* ---- A stored client ---------------------------------------------------- */

#define FEATURES_OF                                                     \
    "select f.*, mesh.today() as today, mesh.today() - f.since as days" \
    " from mesh.client_health_features(mesh.today(), $1::uuid) f"

static mesh_err_t *unknown_client(mesh_call_t *call)
{
    return mesh_err_at(mesh_err(mesh_call_pool(call), MESH_NOT_FOUND,
                                "unknown_client",
                                "There is no such client, or it has left."),
                       mesh_call_pool(call), "/client_id");
}

static void set_client(mesh_json_t *out, const mesh_rows_t *rows, int row,
                       apr_pool_t *p)
{
    static const char *const members[] = {
        "client_id", "name",       "industry", "seats",          "sites",
        "since",     "renewal_on", "currency", "monthly_revenue"
    };
    const mesh_json_t *all = mesh_rows_object(rows, row, p);

    for (apr_size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
        mesh_json_set(out, members[i],
                      mesh_json_copy(mesh_json_member(all, members[i]), p));
    }
}

static mesh_err_t *note_score(mesh_call_t *call, const char *client_id,
                              const mesh_model_t *model, double risk)
{
    return mesh_send(
        call,
        "insert into mesh.client_health_score as s (msp_id, client_id,"
        " scored_on, model_id, churn_probability, health_score) values"
        " ($1::uuid, $2::uuid, mesh.today(), $3::uuid, $4::float8,"
        " 100 * (1 - $4::float8)) on conflict (msp_id, client_id, scored_on)"
        " do update set model_id = excluded.model_id,"
        " churn_probability = excluded.churn_probability,"
        " health_score = excluded.health_score",
        MESH_ARGS(mesh_arg_text(mesh_call_tenant(call)),
                  mesh_arg_text(client_id), mesh_arg_text(model->id),
                  mesh_arg_number(call, risk)));
}

static mesh_err_t *trend_of(mesh_call_t *call, mesh_json_t *out,
                            const char *client_id)
{
    mesh_json_t *trend = mesh_json_set_array(out, "trend");
    mesh_rows_t *rows;

    MESH_TRY(mesh_query(call, &rows,
                        "select scored_on, health_score / 100 as health_score"
                        " from mesh.client_health_score"
                        " where client_id = $1::uuid"
                        " and scored_on > mesh.today() - 400"
                        " order by scored_on",
                        MESH_ARGS(mesh_arg_text(client_id))));
    for (int i = 0; i < mesh_rows_count(rows); i++) {
        mesh_json_t *point = mesh_json_add_object(trend);

        mesh_json_set_text(point, "on", mesh_rows_text(rows, i, "scored_on"));
        mesh_json_set_number(
            point, "health_score",
            mesh_json_round(mesh_rows_number(rows, i, "health_score"), 4));
    }
    return NULL;
}

/* What a what-if may change, and from what. */
static void set_inputs(mesh_json_t *out, const mesh_rows_t *rows, int row)
{
    mesh_json_t *inputs = mesh_json_set_array(out, "inputs");

    for (int i = 0; i < MESH_CLIENT_SIGNS; i++) {
        const mesh_client_sign_t *sign = &mesh_client_signs[i];
        mesh_json_t *input = mesh_json_add_object(inputs);

        mesh_json_set_text(input, "name", sign->name);
        mesh_json_set_text(input, "label", sign->label);
        mesh_json_set_number(
            input, "value",
            mesh_json_round(mesh_rows_number(rows, row, sign->name), 4));
        mesh_json_set_number(input, "min", sign->min);
        mesh_json_set_number(input, "max", sign->max);
    }
}

static mesh_err_t *answer_client(mesh_call_t *call, const mesh_json_t *in,
                                 mesh_json_t *out, int must_note)
{
    apr_pool_t *p = mesh_call_pool(call);
    const char *id = mesh_json_text(mesh_json_member(in, "client_id"));
    const mesh_classifier_t *classifier;
    const mesh_classifier_prediction_t *prediction;
    mesh_table_t *table;
    mesh_model_t *model;
    mesh_rows_t *rows;

    if (!mesh_is_uuid(id)) {
        return unknown_client(call);
    }
    MESH_TRY(
        mesh_query(call, &rows, FEATURES_OF, MESH_ARGS(mesh_arg_text(id))));
    if (!mesh_rows_count(rows)) {
        return unknown_client(call);
    }
    mesh_call_about(call, mesh_rows_text(rows, 0, "client_id"));
    set_client(out, rows, 0, p);
    MESH_TRY(mesh_learn_find(call, &model, &classifier, CLIENT_MODEL));
    if (!classifier) {
        return insufficient(call, out);
    }
    table = table_of(rows, p);
    MESH_TRY(apply_what_if(call, table, mesh_json_member(in, "what_if")));
    prediction = mesh_classifier_predict(classifier, table, 1, p);
    set_prediction(out, &(reading_t){ classifier, table, 0, prediction }, model,
                   mesh_rows_number(rows, 0, "monthly_revenue"),
                   mesh_rows_text(rows, 0, "today"), p);
    set_inputs(out, rows, 0);
    MESH_TRY(set_survival(call, out, mesh_rows_number(rows, 0, "days"),
                          prediction->probability));
    MESH_TRY(trend_of(call, out, mesh_rows_text(rows, 0, "client_id")));
    return must_note && !mesh_json_member(in, "what_if")
               ? note_score(call, mesh_rows_text(rows, 0, "client_id"), model,
                            prediction->probability)
               : NULL;
}

static mesh_err_t *show_client(mesh_call_t *call, const mesh_json_t *in,
                               mesh_json_t *out)
{
    return answer_client(call, in, out, 0);
}

/* ---- Whatever was asked ------------------------------------------------- */

static mesh_err_t *predict(mesh_call_t *call, const mesh_json_t *in,
                           mesh_json_t *out)
{
    apr_pool_t *p = mesh_call_pool(call);

    if (mesh_json_member(in, "rows") || mesh_json_member(in, "model")) {
        const char *missing = !mesh_json_member(in, "rows")    ? "/rows"
                              : !mesh_json_member(in, "model") ? "/model"
                                                               : NULL;

        return missing ? mesh_err_at(mesh_err(p, MESH_INVALID, "missing_member",
                                              "model and rows go together"),
                                     p, missing)
                       : mesh_learn_predict(call, in, out, set_risk);
    }
    for (int i = 0; i < MESH_CLIENT_FIGURES; i++) {
        if (mesh_json_member(in, mesh_client_figures[i].name)) {
            return predict_figures(call, in, out);
        }
    }
    if (!mesh_json_member(in, "client_id")) {
        return mesh_err_at(mesh_err(p, MESH_INVALID, "missing_member",
                                    "Send a client_id, or model and rows, or "
                                    "the three figures."),
                           p, "/client_id");
    }
    return answer_client(call, in, out, 1);
}

/* ---- Learning ----------------------------------------------------------- */

static int is_reserved(const char *name)
{
    return !strcmp(name, CLIENT_MODEL) || !strcmp(name, FIGURE_MODEL);
}

static mesh_err_t *train(mesh_call_t *call, const mesh_json_t *in,
                         mesh_json_t *out)
{
    apr_pool_t *p = mesh_call_pool(call);
    const char *job_id;
    mesh_json_t *task;

    if (!mesh_json_member(in, "from")) {
        if (!mesh_json_member(in, "model") || !mesh_json_member(in, "target")) {
            return mesh_err_at(
                mesh_err(p, MESH_INVALID, "missing_member",
                         "Send model, target and a table, or from: history."),
                p, mesh_json_member(in, "model") ? "/target" : "/model");
        }
        if (is_reserved(mesh_json_text(mesh_json_member(in, "model")))) {
            return mesh_err_at(mesh_err(p, MESH_INVALID, "not_allowed",
                                        "This name belongs to the models of "
                                        "your own history."),
                               p, "/model");
        }
        return mesh_learn_post(call, in, out, "fit");
    }
    task = mesh_json_object(p);
    mesh_json_set_text(task, "from", "history");
    MESH_TRY(mesh_enqueue(call, &job_id, "fit", task));
    mesh_json_set_text(out, "outcome", "queued");
    mesh_json_set_text(out, "job_id", job_id);
    mesh_json_set_text(out, "model", CLIENT_MODEL);
    mesh_json_set_text(out, "state", "training");
    return NULL;
}

/* The history as a table: either all signs or the three figures, whether the
 * client left, and which client it was, so that tests never see one twice. */
static mesh_table_t *history_table(const mesh_rows_t *rows, int is_figures,
                                   apr_pool_t *p)
{
    int n = is_figures ? MESH_CLIENT_FIGURES : MESH_CLIENT_SIGNS;
    const char *names[MESH_CLIENT_SIGNS + 2];
    mesh_table_t *table;

    for (int i = 0; i < n; i++) {
        names[i] = is_figures ? mesh_client_figures[i].name
                              : mesh_client_signs[i].name;
    }
    names[n] = "left_within_90d";
    names[n + 1] = "client_id";
    table = mesh_table_make(names, n + 2, mesh_rows_count(rows), p);
    for (int row = 0; row < mesh_rows_count(rows); row++) {
        for (int i = 0; i < n; i++) {
            mesh_table_put_number(
                table, row, i,
                mesh_rows_number(rows, row,
                                 is_figures ? mesh_client_figures[i].sign
                                            : names[i]));
        }
        mesh_table_put_number(table, row, n,
                              mesh_rows_boolean(rows, row, names[n]));
        mesh_table_put_text(table, row, n + 1,
                            mesh_rows_text(rows, row, "client_id"));
    }
    mesh_table_infer(table);
    return table;
}

static mesh_err_t *learn_history(mesh_call_t *call, mesh_learned_t **learned,
                                 const mesh_rows_t *rows, int is_figures)
{
    apr_pool_t *p = mesh_call_pool(call);
    mesh_table_t *table = history_table(rows, is_figures, p);
    apr_array_header_t *constant = apr_array_make(p, 4, sizeof(const char *));
    mesh_dataset_plan_t plan = { .target = "left_within_90d",
                                 .positive = "1",
                                 .group = "client_id",
                                 .exclude = constant };

    /* A sign that never varied here says nothing; it is no mistake. */
    for (int i = 0; i < table->n_columns - 2; i++) {
        if (table->columns[i].distinct + (table->columns[i].missing > 0) < 2) {
            APR_ARRAY_PUSH(constant, const char *) = table->columns[i].name;
        }
    }
    return mesh_learn_table(call, learned, table, &plan);
}

/* What the new model would have said in the last half year, for the trends. */
static mesh_err_t *note_past(mesh_call_t *call)
{
    apr_pool_t *p = mesh_call_pool(call);
    const mesh_classifier_prediction_t *predictions;
    mesh_json_t *scores = mesh_json_array(p);
    const mesh_classifier_t *classifier;
    mesh_model_t *model;
    mesh_rows_t *rows;

    MESH_TRY(mesh_learn_find(call, &model, &classifier, CLIENT_MODEL));
    MESH_TRY(mesh_query(call, &rows,
                        "select d::date as scored_on, f.* from generate_series("
                        "mesh.today() - 180, mesh.today(), interval '10 days')"
                        " d cross join lateral"
                        " mesh.client_health_features(d::date) f",
                        MESH_NO_ARGS));
    predictions = mesh_classifier_predict(classifier, table_of(rows, p), 0, p);
    for (int i = 0; i < mesh_rows_count(rows); i++) {
        mesh_json_t *score = mesh_json_add_object(scores);

        mesh_json_set_text(score, "c", mesh_rows_text(rows, i, "client_id"));
        mesh_json_set_text(score, "d", mesh_rows_text(rows, i, "scored_on"));
        mesh_json_set_number(score, "p", predictions[i].probability);
    }
    return mesh_send(
        call,
        "insert into mesh.client_health_score (msp_id, client_id, scored_on,"
        " model_id, churn_probability, health_score) select $1::uuid, s.c,"
        " s.d, $2::uuid, s.p, 100 * (1 - s.p) from jsonb_to_recordset("
        "$3::jsonb) s (c uuid, d date, p float8)"
        " on conflict (msp_id, client_id, scored_on) do update"
        " set model_id = excluded.model_id,"
        " churn_probability = excluded.churn_probability,"
        " health_score = excluded.health_score",
        MESH_ARGS(mesh_arg_text(mesh_call_tenant(call)),
                  mesh_arg_text(model->id), mesh_arg_json(call, scores)));
}

static mesh_err_t *fit(mesh_call_t *call, const mesh_json_t *in,
                       mesh_json_t *out)
{
    double needed = mesh_call_setting_number(call, "min-leavers");
    mesh_learned_t *figures, *clients;
    apr_int64_t leavers;
    mesh_rows_t *rows;
    mesh_json_t *have;

    if (!mesh_json_member(in, "from")) {
        return mesh_learn_job(call, in, out);
    }
    MESH_TRY(mesh_query(call, &rows,
                        "select * from mesh.client_health_history()",
                        MESH_NO_ARGS));
    MESH_TRY(count_leavers(call, &leavers));
    have = mesh_json_set_object(out, "have");
    mesh_json_set_integer(have, "client_months", mesh_rows_count(rows));
    mesh_json_set_integer(have, "leavers", leavers);
    if ((double)leavers < needed) {
        mesh_json_set_integer(mesh_json_set_object(out, "need"), "leavers",
                              (apr_int64_t)needed);
        mesh_json_set_text(out, "outcome", "insufficient_data");
        return NULL;
    }
    MESH_TRY(mesh_release(call));
    MESH_TRY(learn_history(call, &figures, rows, 1));
    MESH_TRY(learn_history(call, &clients, rows, 0));
    MESH_TRY(mesh_learn_keep(call, FIGURE_MODEL, figures, "auc_holdout"));
    MESH_TRY(mesh_learn_keep(call, CLIENT_MODEL, clients, "auc_holdout"));
    mesh_json_set_text(out, "model", CLIENT_MODEL);
    return note_past(call);
}

/* ---- All clients -------------------------------------------------------- */

static void set_model(mesh_json_t *out, const mesh_model_t *model)
{
    static const char *const members[] = { "auc_cv", "auc_holdout", "brier",
                                           "ece" };
    mesh_json_t *told;

    if (!model) {
        mesh_json_set_null(out, "model");
        return;
    }
    told = mesh_json_set_object(out, "model");
    mesh_json_set_text(told, "name", model->name);
    mesh_json_set_integer(told, "version", model->version);
    mesh_json_set_text(told, "algorithm", model->algorithm);
    mesh_json_set_text(told, "trained_at", model->ready_at);
    mesh_json_set_integer(told, "rows", model->rows);
    mesh_json_set_integer(
        told, "positives",
        mesh_json_integer(mesh_json_member(model->metrics, "positives")));
    for (apr_size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
        mesh_json_set_number(
            told, members[i],
            mesh_json_number(mesh_json_member(model->metrics, members[i])));
    }
}

/* What is known of each client, and what the model says of it. */
static mesh_json_t *score_all(const mesh_rows_t *rows,
                              const mesh_classifier_t *classifier,
                              apr_pool_t *p)
{
    mesh_json_t *list = mesh_json_array(p);
    const mesh_classifier_prediction_t *predictions =
        classifier
            ? mesh_classifier_predict(classifier, table_of(rows, p), 0, p)
            : NULL;

    for (int i = 0; i < mesh_rows_count(rows); i++) {
        mesh_json_t *client = mesh_json_add_object(list);
        double revenue = mesh_rows_number(rows, i, "monthly_revenue");

        set_client(client, rows, i, p);
        mesh_json_set_null(client, "health_score");
        mesh_json_set_null(client, "churn_probability");
        mesh_json_set_null(client, "risk_level");
        mesh_json_set_null(client, "revenue_at_risk");
        if (predictions) {
            set_risk(client, predictions[i].probability);
            mesh_json_set_number(
                client, "revenue_at_risk",
                mesh_json_round(revenue * predictions[i].probability, 2));
        }
    }
    return list;
}

static mesh_err_t *list_clients(mesh_call_t *call, const mesh_json_t *in,
                                mesh_json_t *out)
{
    apr_pool_t *p = mesh_call_pool(call);
    const mesh_json_t *limit = mesh_json_member(in, "limit");
    const mesh_json_t *order = mesh_json_member(in, "sort");
    const mesh_json_t *words = mesh_json_member(in, "q"), *page;
    const mesh_classifier_t *classifier;
    mesh_rows_t *rows, *pages;
    mesh_model_t *model;
    mesh_json_t *summary;

    MESH_TRY(
        mesh_query(call, &rows, FEATURES_OF, MESH_ARGS(mesh_arg_text(NULL))));
    MESH_TRY(mesh_learn_find(call, &model, &classifier, CLIENT_MODEL));
    MESH_TRY(mesh_query(
        call, &pages,
        "select clients, total, summary, mesh.today() as as_of"
        " from mesh.client_health_page($1::jsonb, $2, $3, $4::int, $5::int)",
        MESH_ARGS(
            mesh_arg_json(call, score_all(rows, classifier, p)),
            mesh_arg_text(mesh_json_text(words)),
            mesh_arg_text(order ? mesh_json_text(order) : "-revenue_at_risk"),
            mesh_arg_integer(call,
                             mesh_json_integer(mesh_json_member(in, "offset"))),
            mesh_arg_integer(call, limit ? mesh_json_integer(limit) : 15))));
    page = mesh_rows_object(pages, 0, p);
    for (mesh_json_iter_t *at = mesh_json_first(page); at;
         at = mesh_json_next(page, at)) {
        mesh_json_set(out, mesh_json_name(at),
                      mesh_json_copy(mesh_json_value(at), p));
    }
    summary = mesh_json_member(out, "summary");
    mesh_json_set_number(
        summary, "base_rate",
        classifier ? mesh_json_round(
            1 / (1 + exp(-mesh_classifier_base(classifier))), 4)
                   : NAN);
    set_model(out, model);
    return classifier ? NULL : tell_missing(call, out);
}

/* ---- What it says about itself ------------------------------------------ */

static const mesh_field_t any_scalar[] = { { "", MESH_SCALAR, 0, 0, 65536 } };
static const mesh_field_t any_number[] = { { "", MESH_NUMBER, 0, -1e15,
                                             1e15 } };

static const mesh_field_t predict_input[] = {
    { "client_id", MESH_STRING, 0, 1, 200,
      "A stored client; with the three figures a free label." },
    { "what_if", MESH_MAP, 0, 1, MESH_CLIENT_SIGNS,
      "Signs of the client to change first; see inputs of the answer.",
      any_number },
    { "ticket_volume", MESH_NUMBER, 0, 0, 100000, "Tickets a month." },
    { "resolution_time", MESH_NUMBER, 0, 0, 8760, "Hours to solve one." },
    { "satisfaction_score", MESH_NUMBER, 0, 1, 10, "From 1 to 10." },
    { "features", MESH_ARRAY, 0, 0, 100,
      "Of the prototypes; read and not used.", any_number },
    { "model", MESH_STRING, 0, 1, 64, "A model trained on posted rows.", NULL,
      NULL, MESH_LEARN_MODEL_NAME },
    { "rows", MESH_ARRAY, 0, 1, 100000, "Rows for that model.",
      mesh_learn_row },
    { "explain", MESH_BOOLEAN, 0, 0, 0,
      "Whether rows come with risk_factors; default up to 1,000 rows." },
    { NULL },
};

static const char *const levels[] = { "Critical", "High", "Medium", "Low",
                                      NULL };
static const mesh_field_t step_fields[] = {
    { "step", MESH_INTEGER, MESH_REQUIRED },
    { "rule", MESH_STRING, MESH_REQUIRED, 0, 0, "The sign that fired." },
    { "condition", MESH_STRING, MESH_REQUIRED },
    { "action", MESH_STRING, MESH_REQUIRED },
    { "due_on", MESH_STRING, MESH_REQUIRED | MESH_NULLABLE },
    { "effect_log_odds", MESH_NUMBER, MESH_REQUIRED | MESH_NULLABLE, 0, 0,
      "If the cause went away; null when the model sees no effect." },
    { NULL },
};
static const mesh_field_t step[] = {
    { "", MESH_OBJECT, 0, 0, 0, NULL, step_fields },
};

static const mesh_field_t point_fields[] = {
    { "on", MESH_STRING, MESH_REQUIRED },
    { "health_score", MESH_NUMBER, MESH_REQUIRED, 0, 1 },
    { NULL },
};
static const mesh_field_t point[] = {
    { "", MESH_OBJECT, 0, 0, 0, NULL, point_fields },
};

static const mesh_field_t survival_fields[] = {
    { "day", MESH_INTEGER, MESH_REQUIRED },
    { "p", MESH_NUMBER, MESH_REQUIRED, 0, 1, "Of this client." },
    { "base", MESH_NUMBER, MESH_REQUIRED, 0, 1, "Of one of its age." },
    { NULL },
};
static const mesh_field_t survival_point[] = {
    { "", MESH_OBJECT, 0, 0, 0, NULL, survival_fields },
};

static const mesh_field_t text[] = { { "", MESH_STRING } };

#define CLIENT_FIELDS                                                 \
    { "client_id", MESH_STRING, MESH_NULLABLE, 0, 0, "The client." }, \
        { "name", MESH_STRING, 0, 0, 0, "As stored." },               \
        { "industry", MESH_STRING, MESH_NULLABLE },                   \
        { "seats", MESH_INTEGER, MESH_NULLABLE },                     \
        { "sites", MESH_INTEGER, MESH_NULLABLE },                     \
        { "since", MESH_STRING, MESH_NULLABLE },                      \
        { "renewal_on", MESH_STRING, MESH_NULLABLE },                 \
        { "currency", MESH_STRING, MESH_NULLABLE },                   \
        { "monthly_revenue",                                          \
          MESH_NUMBER,                                                \
          MESH_NULLABLE,                                              \
          0,                                                          \
          0,                                                          \
          "Agreements and additions in force." },                     \
        { "health_score",                                             \
          MESH_NUMBER,                                                \
          MESH_NULLABLE | MESH_IN_EVENT,                              \
          0,                                                          \
          1,                                                          \
          "One minus the churn probability." },                       \
        { "churn_probability",                                        \
          MESH_NUMBER,                                                \
          MESH_NULLABLE | MESH_IN_EVENT,                              \
          0,                                                          \
          1,                                                          \
          "That the client is gone within 90 days." },                \
        { "risk_level",                                               \
          MESH_STRING,                                                \
          MESH_NULLABLE | MESH_IN_EVENT,                              \
          0,                                                          \
          0,                                                          \
          "Critical above .65, High .45, Medium .25.",                \
          NULL,                                                       \
          levels },                                                   \
        { "revenue_at_risk",                                          \
          MESH_NUMBER,                                                \
          MESH_NULLABLE | MESH_IN_EVENT,                              \
          0,                                                          \
          0,                                                          \
          "A month: revenue times probability." },                    \
    {                                                                 \
        "trend", MESH_ARRAY, 0, 0, 0, "As scored before.", point      \
    }

static const mesh_field_t predict_output[] = {
    CLIENT_FIELDS,
    { "churn_risk", MESH_NUMBER, MESH_NULLABLE, 0, 1, "The same." },
    { "priority", MESH_INTEGER, MESH_NULLABLE, 1, 4, "1 for Critical." },
    { "confidence", MESH_NUMBER, MESH_NULLABLE, 0, 1,
      "The larger of the probability and its complement." },
    { "model_used", MESH_STRING, MESH_NULLABLE },
    { "model_version", MESH_INTEGER, MESH_NULLABLE },
    { "risk_factors", MESH_ARRAY, 0, 0, 0, "Sum to the log-odds.",
      mesh_learn_factor },
    { "factors", MESH_MAP, 0, 0, 0, "Values by column.", any_scalar },
    { "feature_importance", MESH_MAP, 0, 0, 0,
      "Share of each column in all that moved the answer.", any_number },
    { "predictions", MESH_OBJECT, 0, 0, 0, "As the prototypes named them." },
    { "recommendations", MESH_ARRAY, 0, 0, 0, "Actions of the plan.", text },
    { "intervention_plan", MESH_ARRAY, 0, 0, 0, "By rules.", step },
    { "interventions", MESH_OBJECT, 0, 0, 0, "In one phrase." },
    { "survival", MESH_ARRAY, 0, 0, 0, "Chance to stay, by day.",
      survival_point },
    { "calibration", MESH_OBJECT, 0, 0, 0, "Of the model, held out." },
    { "inputs", MESH_ARRAY, 0, 0, 0, "What what_if may change." },
    { "insufficient", MESH_OBJECT, 0, 0, 0, "What is missing." },
    { "ignored", MESH_ARRAY, 0, 0, 0, "Columns not of the model.", text },
    { "results", MESH_ARRAY, 0, 0, 0, "One a row, or one an item." },
    { NULL },
};

static const char *const orders[] = { "name",
                                      "-name",
                                      "health_score",
                                      "-health_score",
                                      "churn_probability",
                                      "-churn_probability",
                                      "revenue_at_risk",
                                      "-revenue_at_risk",
                                      "monthly_revenue",
                                      "-monthly_revenue",
                                      "renewal_on",
                                      "-renewal_on",
                                      NULL };

static const mesh_field_t clients_input[] = {
    { "limit", MESH_INTEGER, 0, 1, 1000, "How many; default 15." },
    { "offset", MESH_INTEGER, 0, 0, 1000000, "After how many." },
    { "sort", MESH_STRING, 0, 0, 0, "Default -revenue_at_risk.", NULL, orders },
    { "q", MESH_STRING, 0, 0, 200, "Part of a name." },
    { NULL },
};

static const mesh_field_t listed_fields[] = {
    CLIENT_FIELDS,
    { "health_score_30d_ago", MESH_NUMBER, MESH_NULLABLE, 0, 1 },
    { NULL },
};
static const mesh_field_t listed[] = {
    { "", MESH_OBJECT, 0, 0, 0, NULL, listed_fields },
};

static const mesh_field_t clients_output[] = {
    { "clients", MESH_ARRAY, MESH_REQUIRED, 0, 0, "One page.", listed },
    { "total", MESH_INTEGER, MESH_REQUIRED, 0, 0, "Found by q." },
    { "summary", MESH_OBJECT, MESH_REQUIRED, 0, 0, "Over all clients." },
    { "model", MESH_OBJECT, MESH_REQUIRED | MESH_NULLABLE, 0, 0, "In use." },
    { "as_of", MESH_STRING, MESH_REQUIRED | MESH_NULLABLE },
    { "insufficient", MESH_OBJECT, 0, 0, 0, "What is missing for scores." },
    { NULL },
};

static const mesh_field_t client_input[] = {
    { "client_id", MESH_STRING, MESH_REQUIRED | MESH_IN_PATH, 1, 200,
      "A stored client." },
    { NULL },
};

static const mesh_action_t actions[] = {
    { "predict", "POST", "/predict", MESH_RUN, MESH_STORES | MESH_BATCHES,
      "How likely a client is to leave, and why", predict_input, predict_output,
      predict, "client.health.scored" },
    { "train", "POST", "/train", MESH_MANAGE, MESH_STORES,
      "Learn from a table, or from your own history", mesh_learn_train_input,
      mesh_learn_train_output, train, "client.health.training" },
    { "fit", NULL, NULL, MESH_MANAGE, MESH_STORES, "The learning itself",
      mesh_learn_fit_input, mesh_learn_fit_output, fit,
      "client.health.trained" },
    { "clients", "GET", "/clients", MESH_READ, 0,
      "All clients and how they fare", clients_input, clients_output,
      list_clients },
    { "client", "GET", "/clients/{client_id}", MESH_READ, 0,
      "One client: drivers, trend, plan", client_input, predict_output,
      show_client },
    { "models", "GET", "/models", MESH_READ, 0, "The models there are", NULL,
      mesh_learn_models_output, mesh_learn_models },
    { "model", "GET", "/models/{name}", MESH_READ, 0,
      "One model and how well it does", mesh_learn_model_input, NULL,
      mesh_learn_model },
    { NULL },
};

static const mesh_alias_t aliases[] = {
    { "POST", "/client-health", "predict" },
    { NULL },
};

static const mesh_setting_t settings[] = {
    { "min-leavers", "5", 1, 1000,
      "Clients that must have left before history is learned from" },
    { NULL },
};

MESH_AGENT(client_health) = {
    .name = "client-health",
    .title = "Client health",
    .summary = "Who is likely to leave, why, and what to do about it.",
    .route = "/client-health",
    .page = "client-health.html",
    .version = "1",
    .predicts = 1,
    .actions = actions,
    .aliases = aliases,
    .settings = settings,
};
