/* SPDX-License-Identifier: Apache-2.0 */
/* classifier.c -- who leaves, why, and the same tomorrow. */
#include "tap.h"

#include <apr_file_info.h>
#include <apr_file_io.h>
#include <apr_general.h>
#include <apr_strings.h>
#include <apr_time.h>

#include "algo/classifier.h"
#include "import/csv.h"

static apr_pool_t *pool;

/* ---- A table that is made up -------------------------------------------- */

static const char *const names[] = { "id",   "spend", "tickets", "mood",
                                     "plan", "city",  "noise",   "left" };
enum { ID, SPEND, TICKETS, MOOD, PLAN, CITY, NOISE, LEFT, COLUMNS };

/* A fixed sequence from 0 to 1 (Knuth's MMIX generator). */
static double next(apr_uint64_t *state)
{
    *state = *state * APR_UINT64_C(6364136223846793005)
             + APR_UINT64_C(1442695040888963407);
    return (double)(*state >> 11) / 9007199254740992.0;
}

/*
 * N clients.  They leave for tickets, for a mood that is either end of its
 * scale, and from the basic plan; spend is skewed and sometimes unknown.
 */
static mesh_table_t *clients(int n, apr_uint64_t seed)
{
    static const char *const plans[] = { "basic", "silver", "gold" };
    mesh_table_t *table = mesh_table_make(names, COLUMNS, n, pool);

    for (int i = 0; i < n; i++) {
        double spend = exp(3 + 3 * next(&seed)), mood = next(&seed) * 10;
        int tickets = (int)(next(&seed) * 8), plan = (int)(next(&seed) * 3);
        double odds = 0.5 * (tickets - 4) - 0.8 * plan
                      + 0.15 * (mood - 5) * (mood - 5) - 0.6 * (log(spend) - 4);

        mesh_table_put_text(table, i, ID, apr_psprintf(pool, "c%d", i));
        if (next(&seed) > 0.1) {
            mesh_table_put_number(table, i, SPEND, spend);
        }
        mesh_table_put_number(table, i, TICKETS, tickets);
        mesh_table_put_number(table, i, MOOD, mood);
        mesh_table_put_text(table, i, PLAN, plans[plan]);
        mesh_table_put_text(
            table, i, CITY,
            apr_psprintf(pool, "city %d", (int)(40 * pow(next(&seed), 2))));
        mesh_table_put_number(table, i, NOISE, next(&seed));
        mesh_table_put_text(table, i, LEFT,
                            next(&seed) < 1 / (1 + exp(-odds)) ? "yes" : "no");
    }
    mesh_table_infer(table);
    return table;
}

static mesh_classifier_plan_t usual = { .data = { .target = "left",
                                                  .id = "id" } };

static const char *text_of(const mesh_classifier_t *model)
{
    return mesh_json_format(mesh_classifier_save(model, pool), pool);
}

/* ---- Tests -------------------------------------------------------------- */

static int hear(void *baton, double done)
{
    double *heard = baton;

    heard[1] += done < heard[0] || done > 1;
    heard[0] = done;
    return 0;
}

static int stop_early(void *baton, double done)
{
    double *heard = baton;

    heard[0] = done;
    return done > 0.2;
}

static void stops(void)
{
    mesh_classifier_plan_t plan = usual;
    mesh_classifier_report_t *report;
    mesh_classifier_t *model;
    double heard[1] = { 0 };
    mesh_err_t *err;

    plan.on_progress = stop_early;
    plan.baton = heard;
    err = mesh_classifier_train(&model, &report, clients(2000, 1), &plan, pool,
                                pool);
    ok(err && !strcmp(err->name, "stopped") && !model,
       "whoever asks for it has the training stopped");
    ok(heard[0] < 0.3, "and hears nothing more");
}

static void learns(mesh_classifier_t **model)
{
    mesh_table_t *table = clients(2000, 1), *fresh = clients(2000, 2);
    mesh_classifier_plan_t plan = usual;
    mesh_classifier_report_t *report;
    mesh_classifier_prediction_t *predictions;
    mesh_metrics_bin_t bins[MESH_METRICS_BINS];
    double heard[2] = { 0, 0 }, p[2000], auc;
    int labels[2000], n = 0;

    plan.on_progress = hear;
    plan.baton = heard;
    ok(!mesh_classifier_train(model, &report, table, &plan, pool, pool),
       "a model is learnt");
    ok(heard[0] == 1 && heard[1] == 0, "progress rises to the end");
    predictions = mesh_classifier_predict(*model, fresh, 0, pool);
    for (int i = 0; i < 2000; i++) {
        labels[i] = strcmp(fresh->columns[LEFT].cells[i].text, "yes") == 0;
        p[i] = predictions[i].probability;
    }
    auc = mesh_metrics_auc(p, labels, 2000, pool);
    ok(auc > 0.80, "clients it never saw are told apart (%.3f)", auc);
    is_near(report->auc_cv, auc, 0.03, "as the folds foretold");
    is_near(report->auc_holdout, auc, 0.05, "and the part held out");
    ok(mesh_metrics_calibration(p, labels, 2000, bins) < 0.04,
       "probabilities can be taken at their word");
    ok(report->holdout_rows >= 398 && report->holdout_rows <= 402,
       "a fifth was held out");
    for (int i = 0; i < MESH_METRICS_BINS; i++) {
        n += report->bins[i].n;
    }
    ok(n == report->holdout_rows, "the bins are of that part");
    ok(report->lift10 > 1.3, "the top tenth is worth calling first");
    ok(report->n_features == 6, "six columns were learnt from");
    ok(strcmp(report->features[0].column, "mood") == 0
           || strcmp(report->features[1].column, "mood") == 0,
       "what has two bad ends is understood");
    ok(report->features[5].weight < 0.2, "noise weighs little");
    ok(report->leaks->nelts == 0, "nothing leaks");
}

static void explains(const mesh_classifier_t *model)
{
    mesh_table_t *table = clients(500, 3);
    int columns = mesh_classifier_columns(model);
    mesh_classifier_prediction_t *with =
        mesh_classifier_predict(model, table, 1, pool);
    mesh_classifier_prediction_t *without =
        mesh_classifier_predict(model, table, 0, pool);
    double worst = 0, total = 0;
    int is_same = 1;

    for (int i = 0; i < 500; i++) {
        double sum = mesh_classifier_base(model);

        for (int k = 0; k < columns; k++) {
            sum += with[i].contributions[k];
            total += with[i].contributions[k];
        }
        worst = fmax(worst, fabs(sum - with[i].log_odds));
        worst = fmax(
            worst,
            fabs(log(with[i].probability / (1 - with[i].probability)) - sum));
        is_same &= with[i].probability == without[i].probability
                   && !without[i].contributions;
    }
    ok(worst < 1e-9, "base and contributions are the log-odds");
    is_near(total / 500, 0, 0.2, "on average contributions are nothing");
    ok(is_same, "asking why does not change what");
}

static void meets_the_unknown(const mesh_classifier_t *model)
{
    static const char *const some[] = { "plan", "tickets", "spend", "new" };
    mesh_table_t *table = mesh_table_make(some, 4, 6, pool);
    mesh_classifier_prediction_t *rows;
    int plan = -1, tickets = -1, spend = -1;

    for (int i = 0; i < mesh_classifier_columns(model); i++) {
        const char *name = mesh_classifier_column(model, i);

        plan = strcmp(name, "plan") == 0 ? i : plan;
        tickets = strcmp(name, "tickets") == 0 ? i : tickets;
        spend = strcmp(name, "spend") == 0 ? i : spend;
    }
    mesh_table_put_text(table, 1, 0, "platinum");
    mesh_table_put_text(table, 1, 1, "many");
    mesh_table_put_text(table, 2, 1, " 7 ");
    mesh_table_put_number(table, 3, 1, 7);
    mesh_table_put_number(table, 4, 1, 1e300);
    mesh_table_put_number(table, 5, 1, 1e14);
    rows = mesh_classifier_predict(model, table, 1, pool);
    ok(fabs(rows[0].contributions[tickets]) < 1e-9
           && fabs(rows[0].contributions[plan]) < 1e-9,
       "a gap that training never saw says nothing");
    ok(rows[0].contributions[spend] != 0, "one that it saw may");
    ok(fabs(rows[1].contributions[plan]) < 1e-9,
       "a value that training never saw says nothing");
    ok(rows[1].bad_column == tickets && rows[0].bad_column == -1,
       "a word for a number is told");
    ok(rows[2].log_odds == rows[3].log_odds, "a number may come as text");
    ok(rows[4].bad_column == tickets, "a number out of bounds is told");
    ok(rows[5].bad_column == -1
           && rows[5].contributions[tickets] == rows[3].contributions[tickets],
       "beyond what training saw the line is level");
}

static void comes_back(const mesh_classifier_t *model)
{
    mesh_table_t *table = clients(1000, 4);
    const char *text = text_of(model);
    mesh_classifier_prediction_t *before, *after;
    mesh_classifier_t *loaded;
    mesh_json_t *json;
    int is_same = 1;

    ok(!mesh_json_parse(&json, text, strlen(text), pool)
           && !mesh_classifier_load(&loaded, json, pool),
       "a model is read from its text");
    before = mesh_classifier_predict(model, table, 0, pool);
    after = mesh_classifier_predict(loaded, table, 0, pool);
    for (int i = 0; i < 1000; i++) {
        is_same &= before[i].log_odds == after[i].log_odds;
    }
    ok(is_same, "and predicts what it did to the last bit");
    is_text(text_of(loaded), text, "and is written the same again");
    is_text(mesh_classifier_positive(loaded), "yes", "and knows of what");
}

static void is_the_same_every_time(void)
{
    mesh_classifier_t *a, *b;
    mesh_classifier_report_t *report;

    mesh_classifier_train(&a, &report, clients(400, 5), &usual, pool, pool);
    mesh_classifier_train(&b, &report, clients(400, 5), &usual, pool, pool);
    is_text(text_of(b), text_of(a), "the same table makes the same model");
}

static void survives_little(void)
{
    mesh_classifier_plan_t plan = usual;
    mesh_classifier_t *model;
    mesh_classifier_report_t *report;
    mesh_table_t *table = clients(24, 6);
    mesh_err_t *err;

    for (int i = 0; i < 24; i++) {
        mesh_table_put_text(table, i, LEFT, i % 4 ? "no" : "yes");
        mesh_table_put_text(table, i, CITY, i % 2 ? "a" : "b");
    }
    mesh_table_infer(table);
    plan.folds = 10;
    ok(!mesh_classifier_train(&model, &report, table, &plan, pool, pool),
       "24 rows are enough");
    ok(report->folds == 4, "folds are no more than there are positives");
    ok(isfinite(mesh_classifier_base(model)), "the model is a model");
    plan.data.group = "city";
    ok(!mesh_classifier_train(&model, &report, table, &plan, pool, pool),
       "two groups are enough to go on");
    for (int i = 0; i < 24; i++) {
        mesh_table_put_text(table, i, CITY, "a");
    }
    mesh_table_infer(table);
    ok(!mesh_classifier_train(&model, &report, table, &plan, pool, pool)
           && isfinite(mesh_classifier_base(model)),
       "even one is");
    plan = usual;
    plan.folds = 11;
    err = mesh_classifier_train(&model, &report, table, &plan, pool, pool);
    is_text(err ? err->name : NULL, "bad_folds", "eleven folds are too many");
}

static void keeps_groups_together(void)
{
    static const char *const group_names[] = { "client", "x", "left" };
    mesh_classifier_plan_t plan = { .data = { .target = "left" } };
    mesh_table_t *table = mesh_table_make(group_names, 3, 1200, pool);
    mesh_classifier_t *model;
    mesh_classifier_report_t *apart, *together;
    apr_uint64_t seed = 7;
    double x = 0;

    /* A hundred clients, twelve months of each alike; X names the client, and
     * has nothing to do with whether it left. */
    for (int i = 0; i < 1200; i++) {
        if (i % 12 == 0) {
            x = floor(next(&seed) * 1e6);
        }
        mesh_table_put_text(table, i, 0, apr_psprintf(pool, "c%d", i / 12));
        mesh_table_put_text(table, i, 1, apr_psprintf(pool, "x%.0f", x));
        mesh_table_put_text(table, i, 2, i / 12 % 3 ? "no" : "yes");
    }
    mesh_table_infer(table);
    plan.data.group = "client";
    mesh_classifier_train(&model, &together, table, &plan, pool, pool);
    ok(together && fabs(together->auc_cv - 0.5) < 0.1
           && fabs(together->auc_holdout - 0.5) < 0.1,
       "knowing the client by name is no knowledge of the next one");
    plan.data.group = NULL;
    plan.data.exclude = apr_array_make(pool, 1, sizeof(char *));
    plan.data.force = apr_array_make(pool, 1, sizeof(char *));
    *(const char **)apr_array_push(
        (apr_array_header_t *)(void *)plan.data.exclude) = "client";
    *(const char **)apr_array_push(
        (apr_array_header_t *)(void *)plan.data.force) = "x";
    mesh_classifier_train(&model, &apart, table, &plan, pool, pool);
    ok(apart && apart->auc_cv > 0.95,
       "though without groups it would look like one");
}

/* ---- Models that mean harm ---------------------------------------------- */

/* What a hostile hand puts in place of any value. */
static mesh_json_t *poison(int which)
{
    mesh_json_t *json;
    static const char *const texts[] = {
        "null",  "true",
        "-1",    "0",
        "1e308", "9223372036854775807",
        "\"\"",  "\"x\"",
        "[]",    "[[]]",
        "{}",    "[1e308,-1e308]",
        "[0]",   "1e-308",
        "[1,1]", "[\"a\",\"a\"]",
    };

    if (which >= (int)(sizeof(texts) / sizeof(*texts))) {
        return NULL;
    }
    mesh_json_parse(&json, texts[which], strlen(texts[which]), pool);
    return json;
}

static int tried, harmed, taken;

static void try_it(const mesh_json_t *document, mesh_table_t *table)
{
    mesh_classifier_t *model;
    mesh_err_t *err = mesh_classifier_load(&model, document, pool);

    tried++;
    if (err) {
        harmed += strcmp(err->name, "bad_model") != 0 || model != NULL;
        return;
    }
    taken++;
    for (int i = 0; i < table->n_rows; i++) {
        harmed += isnan(
            mesh_classifier_predict(model, table, 1, pool)[i].probability);
    }
}

/* Poison every member of AT, which is part of DOCUMENT, in turn. */
static void poison_members(mesh_json_t *document, mesh_json_t *at,
                           mesh_table_t *table)
{
    apr_array_header_t *members = apr_array_make(pool, 16, sizeof(char *));

    for (mesh_json_iter_t *m = mesh_json_first(at); m;
         m = mesh_json_next(at, m)) {
        *(const char **)apr_array_push(members) = mesh_json_name(m);
    }
    for (int i = 0; i < members->nelts; i++) {
        const char *name =
            apr_pstrdup(pool, APR_ARRAY_IDX(members, i, const char *));
        mesh_json_t *good = mesh_json_copy(mesh_json_member(at, name), pool);
        mesh_json_t *bad;

        mesh_json_remove(at, name);
        try_it(document, table);
        for (int k = 0; (bad = poison(k)); k++) {
            mesh_json_set(at, name, bad);
            try_it(document, table);
        }
        mesh_json_set(at, name, good);
    }
}

static void survives_harm(const mesh_classifier_t *model)
{
    mesh_table_t *table = clients(3, 8);
    mesh_json_t *document = mesh_classifier_save(model, pool), *bad;
    mesh_json_t *encoder = mesh_json_member(document, "encoder");
    mesh_json_t *columns = mesh_json_member(encoder, "columns");

    for (int k = 0; (bad = poison(k)); k++) {
        try_it(bad, table);
    }
    try_it(NULL, table);
    poison_members(document, document, table);
    encoder = mesh_json_member(document, "encoder");
    poison_members(document, encoder, table);
    columns = mesh_json_member(encoder, "columns");
    for (apr_size_t i = 0; i < mesh_json_count(columns); i++) {
        poison_members(document, mesh_json_element(columns, i), table);
    }
    ok(tried > 500 && harmed == 0,
       "%d broken models were refused, or harmless (%d)", tried - taken, taken);
    taken = 0;
    try_it(document, table);
    ok(taken == 1 && harmed == 0, "the good one is still good");
}

/* ---- Public data -------------------------------------------------------- */

static mesh_table_t *public_table(const char *file)
{
    const char *folder = getenv("MSPMESH_DATA");
    const char *expected = getenv("MESH_EXPECT");
    const char *path =
        apr_pstrcat(pool, folder ? folder : "../shared/data", "/", file, NULL);
    apr_file_t *handle;
    apr_finfo_t info;
    apr_size_t length;
    mesh_table_t *table;
    mesh_csv_t *csv;
    char *text;

    if (apr_stat(&info, path, APR_FINFO_SIZE, pool) != APR_SUCCESS) {
        if (expected && strstr(expected, "data")) {
            ok(0, "public data is there: %s", file);
        }
        else {
            for (int i = 0; i < 5; i++) {
                skip("the public data are not there", "%s, test %d", file, i);
            }
        }
        return NULL;
    }
    length = (apr_size_t)info.size;
    text = apr_palloc(pool, length);
    if (apr_file_open(&handle, path, APR_FOPEN_READ, 0, pool) != APR_SUCCESS
        || apr_file_read_full(handle, text, length, &length) != APR_SUCCESS
        || mesh_csv_parse(&csv, text, length, pool) != NULL) {
        ok(0, "%s is read", file);
        return NULL;
    }
    table = mesh_table_of_texts(csv->names, csv->n_columns, csv->cells,
                                csv->n_rows, pool);
    mesh_table_infer(table);
    return table;
}

static void telco(void)
{
    mesh_table_t *table = public_table("telco_churn/rows.csv");
    mesh_classifier_plan_t plan = { .data = { .target = "Churn",
                                              .id = "customerID" } };
    mesh_classifier_t *model;
    mesh_classifier_report_t *report;
    apr_time_t start = apr_time_now();
    double seconds;
    int rows = 0;

    if (!table) {
        return;
    }
    ok(!mesh_classifier_train(&model, &report, table, &plan, pool, pool),
       "telco: is learnt");
    seconds = (double)(apr_time_now() - start) / APR_USEC_PER_SEC;
    ok(report->auc_cv > 0.845 && report->auc_cv < 0.87,
       "telco: AUC over folds is .845 or better (%.4f)", report->auc_cv);
    ok(report->ece < 0.04, "telco: probabilities are right (%.4f)",
       report->ece);
    ok(seconds < 20, "telco: in time (%.2f s)", seconds);
    start = apr_time_now();
    while (rows < 100000) {
        mesh_classifier_predict(model, table, 0, pool);
        rows += table->n_rows;
    }
    seconds = (double)(apr_time_now() - start) / APR_USEC_PER_SEC;
    ok(rows / seconds > 20000, "telco: %.0f rows a second are predicted",
       rows / seconds);
}

int main(void)
{
    mesh_classifier_t *model = NULL;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    stops();
    learns(&model);
    explains(model);
    meets_the_unknown(model);
    comes_back(model);
    is_the_same_every_time();
    survives_little();
    keeps_groups_together();
    survives_harm(model);
    telco();
    apr_terminate();
    return done_testing();
}
