/* SPDX-License-Identifier: Apache-2.0 */
/* json.c -- what is read as JSON, what is refused and where, what is written.
 */
#include <apr_general.h>
#include <apr_strings.h>

#include "base/json.h"
#include "tap.h"

static apr_pool_t *pool;

static mesh_json_t *read_text(const char *text)
{
    mesh_json_t *json = NULL;

    mesh_json_parse(&json, text, strlen(text), pool);
    return json;
}

/* ---- Refused ------------------------------------------------------------- */

static const struct {
    const char *text, *name, *pointer;
} refused[] = {
    { "", "not_json", NULL },
    { " ", "not_json", NULL },
    { "{", "not_json", NULL },
    { "[1,]", "not_json", NULL },
    { "{\"a\":1,}", "not_json", NULL },
    { "{a:1}", "not_json", NULL },
    { "{'a':1}", "not_json", NULL },
    { "[1] 2", "not_json", NULL },
    { "[01]", "not_json", "/0" },
    { "[+1]", "not_json", "/0" },
    { "[.5]", "not_json", "/0" },
    { "[1.]", "not_json", "/0" },
    { "[0x1]", "not_json", "/0" },
    { "[NaN]", "not_json", "/0" },
    { "[-Infinity]", "not_json", "/0" },
    { "[True]", "not_json", "/0" },
    { "/* */1", "not_json", NULL },
    { "\"a\nb\"", "not_json", NULL },
    { "\"\\x\"", "not_json", NULL },
    { "[1e999]", "bad_number", "/0" },
    { "[9223372036854775808]", "bad_number", "/0" },
    { "{\"a\":[1,{\"b\":1e999}]}", "bad_number", "/a/1/b" },
    { "{\"a\":1,\"a\":2}", "duplicate_member", "/a" },
    { "{\"a\":1,\"\\u0061\":2}", "duplicate_member", "/a" },
    { "{\"x/y~z\":{\"q\":1,\"q\":1}}", "duplicate_member", "/x~1y~0z/q" },
    { "{\"\\u00e4\":{\"q\":1,\"q\":1}}", "duplicate_member", "/\303\244/q" },
    { "{\"\":{\"q\":1,\"q\":1}}", "duplicate_member", "//q" },
    { "{\"a\\\"b\":{\"q\":1,\"q\":1}}", "duplicate_member", "/a\"b/q" },
    { "[\"\\u0000\"]", "bad_string", "/0" },
    { "{\"a\\u0000\":1}", "bad_string", NULL },
    { "[\"\\ud800\"]", "bad_string", "/0" },
    { "[\"\\ud800\\ud800\"]", "bad_string", "/0" },
    { "[\"\\udc00\"]", "bad_string", "/0" },
    { "[\"\377\"]", "not_utf8", "/0" },
    { "[\"\300\257\"]", "not_utf8", "/0" },
    { "[\"\355\240\200\"]", "not_utf8", "/0" },
    { "[\"\364\220\200\200\"]", "not_utf8", "/0" },
    { "[0,\"a,[{\",\"\\\"]\",1e999]", "bad_number", "/3" },
};

static void refuses(void)
{
    for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
        const char *text = refused[i].text;
        mesh_json_t *json = NULL;
        mesh_err_t *err = mesh_json_parse(&json, text, strlen(text), pool);

        ok(err && err->code == MESH_INVALID && !json
               && strcmp(err->name, refused[i].name) == 0,
           "%d is refused as %s", (int)i, refused[i].name);
        is_text(err ? err->pointer : "none", refused[i].pointer, "%d: there",
                (int)i);
    }
}

/* DEPTH brackets around nothing. */
static const char *nested(int depth, char open, char close)
{
    char *text = apr_pcalloc(pool, 2 * (apr_size_t)depth + 1);

    memset(text, open, (size_t)depth);
    memset(text + depth, close, (size_t)depth);
    return text;
}

static void bounds(void)
{
    apr_size_t million = 1000000;
    char *text = apr_palloc(pool, million + 16);
    mesh_json_t *json;
    mesh_err_t *err;

    ok(read_text(nested(64, '[', ']')), "64 levels are read");
    err = mesh_json_parse(&json, nested(65, '[', ']'), 130, pool);
    ok(err && !strcmp(err->name, "too_deep"), "65 are not");
    err = mesh_json_parse(&json, nested(5000, '[', ' '), 10000, pool);
    ok(err && !strcmp(err->name, "too_deep"), "nor thousands left open");

    /* A name of a million letters, and a fault below it. */
    memset(text, 'n', million + 16);
    memcpy(text, "{\"", 2);
    memcpy(text + million, "\":{\"a\":x}}", 11);
    err = mesh_json_parse(&json, text, million + 10, pool);
    ok(err && !strcmp(err->name, "not_json"), "a long name is read over");
    ok(err && (!err->pointer || strlen(err->pointer) <= 1000),
       "and the pointer stays short");
}

/* ---- Read and written ---------------------------------------------------- */

static const struct {
    const char *text, *again;
} kept[] = {
    { "null", "null" },
    { "true", "true" },
    { " 1 ", "1" },
    { "-0", "0" },
    { "1.0", "1.0" },
    { "0.1", "0.1" },
    { "-1.5e-3", "-0.0015" },
    { "1E2", "100.0" },
    { "1e308", "1e308" },
    { "5e-324", "4.94065645841247e-324" },
    { "9223372036854775807", "9223372036854775807" },
    { "-9223372036854775808", "-9223372036854775808" },
    { "\"\\u00e4\\n\\/\"", "\"\303\244\\n/\"" },
    { "\"\\ud83d\\ude00\"", "\"\360\237\230\200\"" },
    { "[ ]", "[]" },
    { "{\"b\":1,\"a\":[true,false,null]}",
      "{\"b\":1,\"a\":[true,false,null]}" },
};

static void keeps(void)
{
    for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++) {
        mesh_json_t *json = read_text(kept[i].text);

        is_text(json ? mesh_json_format(json, pool) : NULL, kept[i].again,
                "%s is written as it was meant", kept[i].text);
    }
    is_text(mesh_json_format_sorted(read_text("{\"b\":1,\"a\":2}"), pool),
            "{\"a\":2,\"b\":1}", "members can be sorted");
}

static void makes(void)
{
    mesh_json_t *object = mesh_json_object(pool), *list, *copy;
    mesh_json_iter_t *at;
    int n = 0;

    mesh_json_set_text(object, "text", "\303\244");
    mesh_json_set_text(object, "broken", "\377");
    mesh_json_set_text(object, "none", NULL);
    mesh_json_set_number(object, "nan", NAN);
    mesh_json_set_number(object, "infinite", HUGE_VAL);
    mesh_json_set_integer(object, "n", -1);
    mesh_json_set_boolean(object, "yes", 1);
    list = mesh_json_set_array(object, "list");
    mesh_json_add_number(list, 0.5);
    mesh_json_set_text(mesh_json_add_object(list), "x", "y");
    is_text(mesh_json_format(object, pool),
            "{\"text\":\"\303\244\",\"broken\":null,\"none\":null,"
            "\"nan\":null,\"infinite\":null,\"n\":-1,\"yes\":true,"
            "\"list\":[0.5,{\"x\":\"y\"}]}",
            "what cannot be said is null");
    copy = mesh_json_copy(object, pool);
    mesh_json_remove(object, "list");
    ok(mesh_json_member(copy, "list") && !mesh_json_member(object, "list"),
       "a copy is its own");
    for (at = mesh_json_first(object); at; at = mesh_json_next(object, at)) {
        n++;
    }
    ok(n == 7, "members are walked through");
    ok(mesh_json_equal(read_text("[1,{\"a\":2,\"b\":3}]"),
                       read_text("[1, {\"b\":3, \"a\":2}]")),
       "the order of members does not matter");
    ok(!mesh_json_equal(read_text("[1,2]"), read_text("[2,1]")),
       "that of elements does");
    is_near(mesh_json_round(2.0 / 3, 4), 0.6667, 0, "figures are rounded");
    is_near(mesh_json_round(1e300, 4), 1e300, 0, "however large");
}

static void looks(void)
{
    mesh_json_t *json = read_text("{\"a\":[1,2.5,\"x\",true]}");
    mesh_json_t *list = mesh_json_member(json, "a");

    ok(mesh_json_kind(json) == MESH_JSON_OBJECT, "an object is one");
    ok(mesh_json_count(json) == 1 && mesh_json_count(list) == 4,
       "members and elements are counted");
    ok(mesh_json_kind(mesh_json_element(list, 0)) == MESH_JSON_INTEGER
           && mesh_json_kind(mesh_json_element(list, 1)) == MESH_JSON_REAL,
       "whole numbers are told from others");
    ok(mesh_json_integer(mesh_json_element(list, 2)) == 0
           && *mesh_json_text(mesh_json_element(list, 0)) == '\0',
       "what is of another kind is nothing");
    ok(!mesh_json_member(json, "b") && !mesh_json_element(list, 4),
       "what is not there is not there");
    ok(mesh_json_text_length(mesh_json_element(list, 2)) == 1,
       "a text knows its length");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    refuses();
    bounds();
    keeps();
    makes();
    looks();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
