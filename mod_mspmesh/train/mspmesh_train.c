/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mspmesh_train.c -- learn boosted trees, apart from the server.
 *
 * The server starts it with limits and kills it when it takes too long.  It
 * reads one job on standard input, writes one JSON answer on standard output,
 * and touches nothing else: once the job is read it can open neither a file
 * nor a socket.
 *
 * A job is a line of JSON, {rows, features, folds, depths[], rate?,
 * trees, sample, row_sample, seed, show?}, and behind its end of line,
 * as this machine writes them, rows * features floats, a byte per row that is
 * its label, and another that is its fold.  Rows are many: as text they would
 * take more time and memory than the learning.
 *
 * Exits with 0, or with 1 and one line on standard error.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>
#include <apr_general.h>

#include "train/boost.h"

#define MAX_LINE  65536
#define MAX_CELLS (1 << 26)
#define MAX_ROWS  1000000

static void limit(int what, rlim_t most)
{
    struct rlimit now;

    if (getrlimit(what, &now) == 0) {
        now.rlim_max = now.rlim_max < most ? now.rlim_max : most;
        now.rlim_cur = now.rlim_max;
        setrlimit(what, &now);
    }
}

static mesh_err_t *bad_job(apr_pool_t *p, const char *what)
{
    return mesh_err(p, MESH_INVALID, "bad_job", "This is no job: %s.", what);
}

static mesh_err_t *read_line(mesh_json_t **line, apr_pool_t *p)
{
    char *text = apr_palloc(p, MAX_LINE);
    apr_size_t n = 0;
    int c;

    while ((c = getchar()) != EOF && c != '\n') {
        if (n == MAX_LINE) {
            return bad_job(p, "its first line is too long");
        }
        text[n++] = (char)c;
    }
    return mesh_json_parse(line, text, n, p);
}

static mesh_err_t *whole(int *to, const mesh_json_t *line, const char *name,
                         int low, int high, apr_pool_t *p)
{
    const mesh_json_t *x = mesh_json_member(line, name);

    if (!x || mesh_json_kind(x) != MESH_JSON_INTEGER
        || mesh_json_integer(x) < low || mesh_json_integer(x) > high) {
        return bad_job(p, name);
    }
    *to = (int)mesh_json_integer(x);
    return NULL;
}

static mesh_err_t *share(double *to, const mesh_json_t *line, const char *name,
                         apr_pool_t *p)
{
    const mesh_json_t *x = mesh_json_member(line, name);

    if (!x || !mesh_json_is_number(x) || !(mesh_json_number(x) > 0)
        || !(mesh_json_number(x) <= 1)) {
        return bad_job(p, name);
    }
    *to = mesh_json_number(x);
    return NULL;
}

static mesh_err_t *read_bytes(const unsigned char **to, int n, int below,
                              apr_pool_t *p)
{
    unsigned char *bytes = apr_palloc(p, (apr_size_t)n);

    if (fread(bytes, 1, (size_t)n, stdin) != (size_t)n) {
        return bad_job(p, "it ends early");
    }
    for (int i = 0; i < n; i++) {
        if (bytes[i] >= below) {
            return bad_job(p, "a label or a fold is out of bounds");
        }
    }
    *to = bytes;
    return NULL;
}

static mesh_err_t *read_job(mesh_boost_job_t *job, apr_pool_t *p)
{
    const mesh_json_t *depths;
    mesh_json_t *line;
    apr_size_t cells;
    float *values;

    MESH_TRY(read_line(&line, p));
    MESH_TRY(whole(&job->n_rows, line, "rows", 2, MAX_ROWS, p));
    MESH_TRY(whole(&job->n_features, line, "features", 1, 100000, p));
    MESH_TRY(whole(&job->n_folds, line, "folds", 1, 10, p));
    MESH_TRY(whole(&job->trees, line, "trees", 10, 2000, p));
    MESH_TRY(whole(&job->seed, line, "seed", 0, 1 << 30, p));
    if (mesh_json_member(line, "rate")) {
        MESH_TRY(share(&job->rate, line, "rate", p));
    }
    MESH_TRY(share(&job->sample, line, "sample", p));
    MESH_TRY(share(&job->row_sample, line, "row_sample", p));
    job->must_show = mesh_json_true(mesh_json_member(line, "show"));
    depths = mesh_json_member(line, "depths");
    job->n_depths = depths ? (int)mesh_json_count(depths) : 0;
    if (job->n_depths < 1 || job->n_depths > MESH_BOOST_MAX_DEPTHS) {
        return bad_job(p, "depths");
    }
    for (int i = 0; i < job->n_depths; i++) {
        job->depths[i] =
            (int)mesh_json_integer(mesh_json_element(depths, (apr_size_t)i));
        if (job->depths[i] < 1 || job->depths[i] > 8) {
            return bad_job(p, "depths");
        }
    }
    cells = (apr_size_t)job->n_rows * (apr_size_t)job->n_features;
    if (cells > MAX_CELLS) {
        return bad_job(p, "it is too large");
    }
    values = apr_palloc(p, cells * sizeof(*values));
    if (fread(values, sizeof(*values), cells, stdin) != cells) {
        return bad_job(p, "it ends early");
    }
    job->values = values;
    MESH_TRY(read_bytes(&job->labels, job->n_rows, 2, p));
    MESH_TRY(read_bytes(&job->folds, job->n_rows, job->n_folds, p));
    return getchar() == EOF ? NULL : bad_job(p, "something follows it");
}

static int no_memory(int status)
{
    (void)status;
    fputs("out of memory\n", stderr);
    _exit(1);
}

int main(void)
{
    mesh_boost_job_t job = { 0 };
    mesh_json_t *answer = NULL;
    mesh_err_t *err;
    apr_pool_t *p;

    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, 0);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (apr_initialize() != APR_SUCCESS
        || apr_pool_create(&p, NULL) != APR_SUCCESS) {
        return no_memory(0);
    }
    apr_pool_abort_set(no_memory, p);
    err = read_job(&job, p);
    if (!err) {
        limit(RLIMIT_NOFILE, 0);
        err = mesh_boost_learn(&answer, &job, p);
    }
    if (err) {
        fprintf(stderr, "%s: %.1000s\n", err->name, err->message);
        return 1;
    }
    fputs(mesh_json_format(answer, p), stdout);
    if (fflush(stdout) != 0) {
        fprintf(stderr, "cannot write: %s\n", strerror(errno));
        return 1;
    }
    return 0;
}
