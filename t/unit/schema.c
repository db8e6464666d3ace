/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema.c -- tests: a schema accepts and refuses what the standard's own
 * test-suite says, and tells people what is wrong in words that help.
 */
#include "mesh/schema.h"

#include <stdlib.h>
#include <string.h>
#include <apr_file_info.h>
#include <apr_file_io.h>
#include <apr_general.h>
#include <apr_strings.h>
#include <apr_tables.h>
#include <apr_thread_proc.h>
#include <apr_time.h>

#include "tap.h"

static mesh_json_t *json(const char *text, apr_pool_t *p)
{
    mesh_json_t *made;
    char *copy = apr_pstrdup(p, text);

    /* So that the rows below need no backslashes. */
    for (char *c = copy; *c; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    if (mesh_json_parse(&made, copy, strlen(copy), p)) {
        printf("Bail out! not JSON: %s\n", copy);
        exit(2);
    }
    return made;
}

/* The faults as lines "pointer name message", the way a reader meets them. */
static const char *faults(const char *schema, const char *value, apr_pool_t *p)
{
    mesh_schema_t *compiled;
    mesh_err_t *err = mesh_schema_compile(&compiled, json(schema, p), p);
    const char *lines = "";

    if (!err) {
        err = mesh_schema_check(compiled, json(value, p), p);
    }
    for (; err; err = err->next) {
        lines = apr_psprintf(p, "%s%s%s %s: %s", lines, *lines ? "\n" : "",
                             err->pointer ? err->pointer : "-", err->name,
                             err->message);
    }
    return lines;
}

/* ---- Words and pointers ------------------------------------------------- */

typedef struct {
    const char *schema, *value, *faults;
} row_t;

static const row_t rows[] = {
    { "{'type':'number','minimum':0,'maximum':10}", "11",
      " out_of_range: must be a number from 0 to 10" },
    { "{'type':'number','minimum':0,'maximum':10}", "'11'",
      " wrong_type: must be a number from 0 to 10" },
    { "{'type':'integer','minimum':1}", "1.5",
      " wrong_type: must be a whole number of at least 1" },
    { "{'type':'integer','minimum':1}", "1.0", "" },
    { "{'exclusiveMinimum':0,'maximum':0.5}", "0",
      " out_of_range: must be a number of more than 0 and at most 0.5" },
    { "{'exclusiveMaximum':7}", "7",
      " out_of_range: must be a number of less than 7" },
    { "{'type':'number','multipleOf':0.01}", "12345678901.234",
      " out_of_range: must be a number that is a multiple of 0.01" },
    { "{'type':'number','multipleOf':0.01}", "12345678901.23", "" },
    { "{'maximum':9007199254740992}", "9007199254740993",
      " out_of_range: must be a number of at most 9007199254740992" },
    { "{'maximum':9223372036854775807}", "9223372036854775808.0",
      " out_of_range: must be a number of at most 9223372036854775807" },
    { "{'type':['string','null']}", "3", " wrong_type: must be text or null" },
    { "{'type':['number','string','boolean','null']}", "[]",
      " wrong_type: must be a number, text, true, false or null" },
    { "{'type':'object'}", "[]", " wrong_type: must be an object" },
    { "{'type':'array'}", "{}", " wrong_type: must be a list" },
    { "{'type':'boolean'}", "null", " wrong_type: must be true or false" },
    { "{'minLength':3,'maxLength':4}", "'\xc3\xa9\xc3\xa9'",
      " too_short: must have from 3 to 4 characters" },
    { "{'minLength':3,'maxLength':4}", "'\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9'",
      "" },
    { "{'maxLength':1}", "'ab'", " too_long: must have at most 1 character" },
    { "{'minLength':1}", "''", " too_short: must not be empty" },
    { "{'minLength':5,'maxLength':5}", "'ab'",
      " too_short: must have exactly 5 characters" },
    { "{'pattern':'^[a-z]+$'}", "'A'",
      " bad_format: must match the pattern ^[a-z]+$" },
    { "{'minItems':1}", "[]", " too_few: must have at least 1 element" },
    { "{'maxItems':2,'items':{'type':'null'}}", "[1,2,3]",
      " too_many: must have at most 2 elements" },
    { "{'uniqueItems':true}", "[1,{'a':1,'b':2},[],{'b':2.0,'a':1}]",
      "/3 not_allowed: must differ from element 1, which is the same" },
    { "{'prefixItems':[{'type':'string'}],'items':false}", "['a',2]",
      "/1 not_allowed: must not be given" },
    { "{'minProperties':1,'maxProperties':2}", "{'a':1,'b':2,'c':3}",
      " too_many: must have from 1 to 2 members" },
    { "{'enum':['a','b, c',3,null]}", "'z'",
      " not_allowed: must be one of: a, \"b, c\", 3, null" },
    { "{'const':'yes'}", "'no'", " not_allowed: must be yes" },
    { "{'not':{'type':'string'}}", "''", " not_allowed: must not be text" },
    { "{'not':{'required':['a']}}", "{'a':1}",
      " not_allowed: has a form that is not allowed here" },
    { "{'not':{}}", "1", " not_allowed: has a form that is not allowed here" },
    { "false", "1", " not_allowed: must not be given" },

    /* Members. */
    { "{'properties':{'b':true,'a':true,'c':true},"
      "'additionalProperties':false}",
      "{'x/y~z':1,'a':2}",
      "/x~1y~0z unknown_member: is not known here; known are: b, a, c" },
    { "{'additionalProperties':false}", "{'a':1}",
      "/a unknown_member: is not known here, nor is any other name" },
    { "{'patternProperties':{'^x-':true},'additionalProperties':false}",
      "{'x-a':1,'b':1}",
      "/b unknown_member: is not known here; known are: names that match "
      "^x-" },
    { "{'required':['a','b'],'properties':{'a':{'type':'integer'}}}", "{}",
      "/a missing_member: is missing; it must be a whole number\n"
      "/b missing_member: is missing" },
    { "{'propertyNames':{'maxLength':2}}", "{'abc':1,'ab':2}",
      "/abc too_long: its name must have at most 2 characters" },
    { "{'propertyNames':{'enum':['a','b']}}", "{'c':1}",
      "/c not_allowed: its name must be one of: a, b" },
    { "{'properties':{'list':{'items':{'properties':{'n':{'type':'null'}}}}}}",
      "{'list':[{},{'n':0},{'n':1}]}",
      "/list/1/n wrong_type: must be null\n"
      "/list/2/n wrong_type: must be null" },
    { "{'allOf':[{'required':['a']},{'required':['a','b']}]}", "{}",
      "/a missing_member: is missing\n/b missing_member: is missing" },

    /* Forms. */
    { "{'anyOf':[{'type':'string'},{'type':'number','minimum':0}]}", "true",
      " no_match: must be text or a number of at least 0" },
    { "{'anyOf':[{'type':'string','maxLength':2},{'type':'null'}]}", "'abc'",
      " too_long: must have at most 2 characters" },
    { "{'anyOf':[{'enum':['a','b']},{'pattern':'^x-'}]}", "'c'",
      " no_match: must be one of: a, b, or must match the pattern ^x-" },
    { "{'oneOf':[{'minimum':0},{'maximum':10}]}", "5",
      " no_match: fits more than one of the forms it may have, and must fit "
      "exactly one" },
    { "{'oneOf':[{'type':'object','required':['id'],"
      "'properties':{'id':{'type':'integer'}},'additionalProperties':false},"
      "{'type':'object','required':['name','mail'],"
      "'properties':{'name':{'type':'string'},'mail':{'type':'string'}},"
      "'additionalProperties':false}]}",
      "{'name':'x','mail':7}", "/mail wrong_type: must be text" },
    { "{'oneOf':[{'$ref':'#/$defs/a'},{'$ref':'#/$defs/b'}],'$defs':{"
      "'a':{'properties':{'kind':{'const':'a'},'n':{'type':'integer'}},"
      "'required':['kind']},"
      "'b':{'properties':{'kind':{'const':'b'},'t':{'type':'string'}},"
      "'required':['kind']}}}",
      "{'kind':'b','n':'x','t':1}", "/t wrong_type: must be text" },
    { "{'oneOf':[{'properties':{'kind':{'const':'a'}},'required':['kind']},"
      "{'properties':{'kind':{'const':'b'}},'required':['kind']}]}",
      "{'kind':'c'}", "/kind not_allowed: must be one of: a, b" },
    { "{'oneOf':[{'properties':{'kind':{'const':'a'}},'required':['kind']},"
      "{'properties':{'kind':{'const':'b'}},'required':['kind']}]}",
      "{}", "/kind missing_member: is missing; it must be one of: a, b" },
    { "{'anyOf':[{'properties':{'kind':{'const':'a'}}},"
      "{'properties':{'kind':{'const':'b'}}}]}",
      "{}", "" },

    /* References. */
    { "{'properties':{'next':{'$ref':'#'}},'additionalProperties':false}",
      "{'next':{'next':{'last':1}}}",
      "/next/next/last unknown_member: is not known here; known are: next" },
    { "{'$defs':{'a/b~c d':{'type':'null'}},'$ref':'#/$defs/a~1b~0c%20d'}", "1",
      " wrong_type: must be null" },

    /* What is wrong with a schema. */
    { "{'properties':{'a':{'minimun':1}}}", "1",
      "/properties/a/minimun unknown_keyword: The schema has the keyword "
      "minimun, which nothing checks." },
    { "{'contains':true}", "1",
      "/contains unknown_keyword: The schema has the keyword contains, which "
      "nothing checks." },
    { "{'type':'int'}", "1",
      "/type bad_schema: The schema is wrong at /type: it must be the name "
      "of a type, or a list of them." },
    { "{'minLength':-1}", "1",
      "/minLength bad_schema: The schema is wrong at /minLength: it must be "
      "a whole number that is not negative." },
    { "{'multipleOf':0}", "1",
      "/multipleOf bad_schema: The schema is wrong at /multipleOf: it must be "
      "a number greater than 0." },
    { "{'items':[{}]}", "1",
      "/items bad_schema: The schema is wrong at /items: it must be a schema: "
      "an object, true or false." },
    { "{'$ref':'#/$defs/x'}", "1",
      "/$ref bad_reference: The schema refers to #/$defs/x, which is not in "
      "the document." },
    { "{'$ref':'https://example.com/x'}", "1",
      "/$ref bad_reference: The schema refers to https://example.com/x, which "
      "is not in the document." },
    { "{'$ref':'#'}", "1",
      "- endless_schema: The schema refers to itself without going deeper "
      "into the value." },
    { "{'$defs':{'a':{'anyOf':[{'$ref':'#/$defs/b'}]},"
      "'b':{'not':{'$ref':'#/$defs/a'}}}}",
      "1",
      "- endless_schema: The schema refers to itself without going deeper "
      "into the value." },
    { "{'$defs':{'unused':{'pattern':'('}}}", "1",
      "/$defs/unused/pattern bad_pattern: The pattern ( is wrong at byte 1: "
      "missing closing parenthesis." },
};

static void check_words(apr_pool_t *p)
{
    for (apr_size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const char *got = faults(rows[i].schema, rows[i].value, p);

        ok(!strcmp(got, rows[i].faults), "%s of %s", rows[i].value,
           rows[i].schema);
        if (strcmp(got, rows[i].faults)) {
            printf("# got:      %s\n# expected: %s\n", got, rows[i].faults);
        }
    }
}

/* ---- Limits ------------------------------------------------------------- */

static int count(const mesh_err_t *err)
{
    int n = 0;

    for (; err; err = err->next) {
        n++;
    }
    return n;
}

static void check_limits(apr_pool_t *p)
{
    mesh_json_t *list = mesh_json_array(p), *top = mesh_json_object(p), *deep;
    mesh_schema_t *schema;
    mesh_err_t *err;
    char name[201], contrived[1001];

    for (int i = 0; i < 1000; i++) {
        mesh_json_add_text(list, "x");
    }
    err = mesh_schema_compile(&schema, json("{'items':{'type':'null'}}", p), p);
    err = err ? err : mesh_schema_check(schema, list, p);
    ok(count(err) == MESH_SCHEMA_MAX_FAULTS && err->code == MESH_INVALID,
       "of a thousand faults twenty are told");

    memset(name, 'n', sizeof(name));
    name[sizeof(name) - 1] = '\0';
    mesh_json_set_null(top, name);
    err = mesh_schema_compile(&schema,
                              json("{'additionalProperties':false}", p), p);
    err = err ? err : mesh_schema_check(schema, top, p);
    ok(err && strlen(err->pointer) == 1 + 40 + 3
           && !strstr(err->message, "nnn"),
       "a long name is cut after forty characters");

    deep = mesh_json_object(p);
    top = deep;
    for (int i = 0; i < 100; i++) {
        deep = mesh_json_set_object(deep, "a");
    }
    err = mesh_schema_compile(&schema,
                              json("{'properties':{'a':{'$ref':'#'}}}", p), p);
    err = err ? err : mesh_schema_check(schema, top, p);
    ok(err && !strcmp(err->name, "too_deep"), "depth has an end");

    memset(contrived, 'a', sizeof(contrived));
    contrived[sizeof(contrived) - 1] = '\0';
    contrived[sizeof(contrived) - 2] = '!';
    mesh_json_set_text(top, "a", contrived);
    err = mesh_schema_compile(
        &schema, json("{'properties':{'a':{'not':{'pattern':'^(a+)+$'}}}}", p),
        p);
    err = err ? err : mesh_schema_check(schema, top, p);
    ok(err && !strcmp(err->name, "bad_format") && !strcmp(err->pointer, "/a"),
       "a text that is too hard to match does not pass as not matching");

    top = deep = mesh_json_object(p);
    for (int i = 0; i < 60; i++) {
        deep = mesh_json_set_object(deep, "a");
    }
    mesh_json_set_null(deep, "z");
    err = mesh_schema_compile(&schema,
                              json("{'oneOf':[{'$ref':'#/$defs/x'},"
                                   "{'$ref':'#/$defs/x'}],'$defs':{'x':"
                                   "{'properties':{'a':{'$ref':'#'}},"
                                   "'additionalProperties':false}}}",
                                   p),
                              p);
    err = err ? err : mesh_schema_check(schema, top, p);
    ok(err && !strcmp(err->name, "too_hard") && !err->next,
       "a value that could be read in 2^60 ways is given up");

    err = mesh_schema_compile_foreign(
        &schema, json("{'minimun':1,'type':'integer'}", p), p);
    ok(!err && mesh_schema_check(schema, json("'x'", p), p),
       "a schema of others may have words of its own");
    err = mesh_schema_compile_foreign(&schema, json("{'if':true}", p), p);
    ok(err && err->code == MESH_BUG && !strcmp(err->name, "unknown_keyword"),
       "but none that should have been checked");
}

/* ---- Threads and speed -------------------------------------------------- */

typedef struct {
    const mesh_schema_t *schema;
    const mesh_json_t *good, *bad;
    apr_pool_t *p;
    int wrong;
} hand_t;

static void *APR_THREAD_FUNC check_often(apr_thread_t *thread, void *data)
{
    hand_t *hand = data;

    (void)thread;
    for (int i = 0; i < 2000; i++) {
        apr_pool_clear(hand->p);
        hand->wrong +=
            mesh_schema_check(hand->schema, hand->good, hand->p)
            || count(mesh_schema_check(hand->schema, hand->bad, hand->p)) != 2;
    }
    return NULL;
}

static void check_threads(apr_pool_t *p)
{
    apr_thread_t *threads[4];
    hand_t hands[4];
    mesh_schema_t *schema;
    mesh_err_t *err = mesh_schema_compile(
        &schema,
        json("{'properties':{'id':{'pattern':'^[a-z]+-[0-9]+$'},"
             "'n':{'anyOf':[{'type':'null'},{'type':'integer'}]}}}",
             p),
        p);
    int wrong = err != NULL;

    for (int i = 0; i < 4 && !err; i++) {
        hands[i] = (hand_t){ .schema = schema,
                             .good = json("{'id':'a-1','n':1}", p),
                             .bad = json("{'id':'A-1','n':'x'}", p) };
        apr_pool_create_unmanaged(&hands[i].p);
        apr_thread_create(&threads[i], NULL, check_often, &hands[i], p);
    }
    for (int i = 0; i < 4 && !err; i++) {
        apr_status_t status;

        apr_thread_join(&status, threads[i]);
        apr_pool_destroy(hands[i].p);
        wrong += hands[i].wrong;
    }
    ok(!wrong, "four threads share a schema");
}

static void tell_speed(apr_pool_t *p)
{
    mesh_json_t *list = mesh_json_array(p);
    mesh_schema_t *schema;
    apr_time_t start;
    mesh_err_t *err = mesh_schema_compile(
        &schema,
        json("{'type':'array','maxItems':100000,'items':{'type':'object',"
             "'additionalProperties':"
             "{'type':['number','string','boolean','null']}}}",
             p),
        p);

    for (int i = 0; i < 100000; i++) {
        mesh_json_t *row = mesh_json_add_object(list);

        for (int k = 0; k < 20; k++) {
            char name[16];

            apr_snprintf(name, sizeof(name), "column_%d", k);
            if (k % 2) {
                mesh_json_set_number(row, name, i + k / 10.0);
            }
            else {
                mesh_json_set_text(row, name, "some text");
            }
        }
    }
    start = apr_time_now();
    err = err ? err : mesh_schema_check(schema, list, p);
    ok(!err, "100,000 rows of 20 members fit");
    printf("# checked in %" APR_TIME_T_FMT " ms\n",
           apr_time_as_msec(apr_time_now() - start));
}

/* ---- The test-suite of the standard ------------------------------------- */

#define SUITE_CASES 579

/* Groups of cases that we do not run, and why. */
static const struct {
    const char *file, *group, *why;
} passed_over[] = {
    { "additionalProperties.json", "dependentSchemas with additionalProperties",
      "dependentSchemas is not ours" },
    { "not.json",
      "collect annotations inside a 'not', even if collection is "
      "disabled",
      "unevaluatedProperties is not ours" },
    { "pattern.json",
      "pattern with Unicode property escape requires unicode mode",
      "PCRE2 10.42 knows \\p{L}, and not \\p{Letter}" },
};

static const char *why_not(const char *file, const char *group)
{
    for (apr_size_t i = 0; i < sizeof(passed_over) / sizeof(*passed_over);
         i++) {
        if (!strcmp(file, passed_over[i].file)
            && !strcmp(group, passed_over[i].group)) {
            return passed_over[i].why;
        }
    }
    return NULL;
}

static void run_group(const char *file, const mesh_json_t *group, apr_pool_t *p)
{
    const char *name = mesh_json_text(mesh_json_member(group, "description"));
    const mesh_json_t *tests = mesh_json_member(group, "tests");
    const char *why = why_not(file, name);
    mesh_schema_t *schema;
    mesh_err_t *err = mesh_schema_compile_foreign(
        &schema, mesh_json_member(group, "schema"), p);

    for (apr_size_t i = 0; i < mesh_json_count(tests); i++) {
        const mesh_json_t *test = mesh_json_element(tests, i);
        const char *what =
            mesh_json_text(mesh_json_member(test, "description"));
        int is_valid = mesh_json_true(mesh_json_member(test, "valid"));

        if (why) {
            /* The list must not outlive its reasons. */
            ok(err != NULL, "%s: %s: %s: %s", file, name, what, why);
            continue;
        }
        ok(!err
               && is_valid
                      == !mesh_schema_check(schema,
                                            mesh_json_member(test, "data"), p),
           "%s: %s: %s", file, name, what);
        if (err) {
            printf("# %s\n", err->message);
        }
    }
}

static char *read_text(const char *path, apr_size_t *length, apr_pool_t *p)
{
    apr_file_t *file;
    apr_finfo_t info;
    char *text;

    if (apr_file_open(&file, path, APR_READ, 0, p)
        || apr_file_info_get(&info, APR_FINFO_SIZE, file)) {
        return NULL;
    }
    text = apr_pcalloc(p, (apr_size_t)info.size + 1);
    *length = (apr_size_t)info.size;
    if (apr_file_read_full(file, text, *length, length)) {
        return NULL;
    }
    apr_file_close(file);
    return text;
}

static void run_file(const char *folder, const char *name, apr_pool_t *p)
{
    apr_size_t length = 0;
    mesh_json_t *groups;
    char *text = read_text(apr_pstrcat(p, folder, "/", name, NULL), &length, p);

    /* We refuse a NUL before any schema sees it; U+0001 serves these cases,
     * which want it to be told from nothing, as well. */
    for (char *c = text; c && (c = strstr(c, "\\u0000"));) {
        c[5] = '1';
    }
    if (!text || mesh_json_parse(&groups, text, length, p)) {
        ok(0, "%s can be read", name);
        return;
    }
    for (apr_size_t i = 0; i < mesh_json_count(groups); i++) {
        run_group(name, mesh_json_element(groups, i), p);
    }
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void run_suite(apr_pool_t *p)
{
    const char *data = getenv("MSPMESH_DATA"), *expect = getenv("MESH_EXPECT");
    const char *folder =
        apr_pstrcat(p, data && *data ? data : "../shared/data",
                    "/protocol/json-schema/draft2020-12", NULL);
    apr_array_header_t *names = apr_array_make(p, 32, sizeof(const char *));
    apr_dir_t *dir;
    apr_finfo_t info;

    if (apr_dir_open(&dir, folder, p)) {
        if (expect && strstr(expect, "data")) {
            ok(0, "the test-suite of JSON Schema is there");
        }
        else {
            for (int i = 0; i < SUITE_CASES; i++) {
                ok(1, "case %d # SKIP the public data are not there", i + 1);
            }
        }
        return;
    }
    while (!apr_dir_read(&info, APR_FINFO_NAME, dir)) {
        apr_size_t length = strlen(info.name);

        if (length > 5 && !strcmp(info.name + length - 5, ".json")) {
            APR_ARRAY_PUSH(names, const char *) = apr_pstrdup(p, info.name);
        }
    }
    apr_dir_close(dir);
    qsort(names->elts, (size_t)names->nelts, sizeof(const char *), by_text);
    ok(names->nelts > 20, "the test-suite of JSON Schema is there");
    for (int i = 0; i < names->nelts; i++) {
        run_file(folder, APR_ARRAY_IDX(names, i, const char *), p);
    }
}

int main(void)
{
    apr_pool_t *p;

    apr_initialize();
    apr_pool_create(&p, NULL);
    check_words(p);
    check_limits(p);
    check_threads(p);
    tell_speed(p);
    run_suite(p);
    apr_pool_destroy(p);
    apr_terminate();
    return done_testing();
}
