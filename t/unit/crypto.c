/* SPDX-License-Identifier: Apache-2.0 */
/* crypto.c -- hashes, codes and passwords, against published vectors. */
#include <apr_general.h>
#include <apr_strings.h>

#include "base/crypto.h"
#include "tap.h"

static apr_pool_t *pool;

static const char *sha256_of(const char *text, apr_size_t length)
{
    unsigned char digest[MESH_SHA256_SIZE];

    mesh_crypto_sha256(digest, text, length);
    return mesh_crypto_hex(digest, sizeof(digest), pool);
}

/* FIPS 180-4, as in NIST's examples and the long message of RFC 6234. */
static void sha256(void)
{
    static const char two[] =
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    char *million = apr_palloc(pool, 1000000);

    is_text(sha256_of("", 0),
            "e3b0c44298fc1c149afbf4c8996fb924"
            "27ae41e4649b934ca495991b7852b855",
            "SHA-256 of nothing");
    is_text(sha256_of("abc", 3),
            "ba7816bf8f01cfea414140de5dae2223"
            "b00361a396177a9cb410ff61f20015ad",
            "of one block");
    is_text(sha256_of(two, strlen(two)),
            "248d6a61d20638b8e5c026930c3e6039"
            "a33ce45964ff2167f6ecedd419db06c1",
            "of two");
    memset(million, 'a', 1000000);
    is_text(sha256_of(million, 1000000),
            "cdc76e5c9914fb9281a1c7e284d73e67"
            "f1809a48a497200e046d39ccc7112cd0",
            "of a million letters");
}

/* RFC 6238, appendix B, for SHA-1: the last six of its eight digits. */
static void totp(void)
{
    static const struct {
        apr_int64_t at;
        const char *code;
    } rows[] = {
        { 59, "287082" },         { 1111111109, "081804" },
        { 1111111111, "050471" }, { 1234567890, "005924" },
        { 2000000000, "279037" }, { 20000000000, "353130" },
    };
    static const char secret[] = "12345678901234567890";

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        apr_time_t t = apr_time_from_sec(rows[i].at);
        const char *code = rows[i].code;

        ok(mesh_crypto_is_totp(secret, 20, code, t), "%s is the code of %ld",
           code, (long)rows[i].at);
        ok(mesh_crypto_is_totp(secret, 20, code, t + apr_time_from_sec(30))
               && mesh_crypto_is_totp(secret, 20, code,
                                      t - apr_time_from_sec(30)),
           "and of a step around it");
        ok(!mesh_crypto_is_totp(secret, 20, code, t + apr_time_from_sec(91))
               && !mesh_crypto_is_totp(secret, 20, code,
                                       t - apr_time_from_sec(91)),
           "of no other");
        ok(!mesh_crypto_is_totp("12345678901234567891", 20, code, t),
           "with no other secret");
    }
    ok(!mesh_crypto_is_totp(secret, 20, "", 0)
           && !mesh_crypto_is_totp(secret, 20, "28708", 59)
           && !mesh_crypto_is_totp(secret, 20, "94287082", 59),
       "a code has six digits");
}

/* A hash that another Argon2id (RFC 9106) made, by the reference program. */
static void passwords(void)
{
    static const char foreign[] =
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ"
        "$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
    const char *hash, *other;

    ok(mesh_crypto_is_password(foreign, "password"),
       "the published vector of Argon2id is verified");
    ok(!mesh_crypto_is_password(foreign, "Password"), "and its near miss");
    ok(!mesh_crypto_hash_password(&hash, "correct horse", pool)
           && !mesh_crypto_hash_password(&other, "correct horse", pool),
       "a password is hashed");
    ok(!strncmp(hash, "$argon2id$v=19$m=65536,t=2,p=1$", 31),
       "with Argon2id, 64 MiB and two passes");
    ok(strcmp(hash, other) != 0, "never twice the same");
    ok(mesh_crypto_is_password(hash, "correct horse"), "it is known again");
    ok(!mesh_crypto_is_password(hash, "correct horsf")
           && !mesh_crypto_is_password(hash, ""),
       "and no other");
    ok(!mesh_crypto_is_password("", "x")
           && !mesh_crypto_is_password("$2b$", "x"),
       "what is no hash fits nothing");
}

static void tokens(void)
{
    const char *uuid = mesh_crypto_uuid(pool), *next;
    unsigned char a[32], b[32];
    int are_rising = 1;

    is_text(mesh_crypto_base64url("\0\xfb\xff\xfe", 4, pool), "APv__g",
            "base64url has no padding");
    is_text(mesh_crypto_base64url("", 0, pool), "", "of nothing is nothing");
    is_text(mesh_crypto_hex("\x01\xab", 2, pool), "01ab", "hex is lower case");
    ok(mesh_crypto_equal("abc", "abc", 3)
           && !mesh_crypto_equal("abc", "abd", 3),
       "secrets are compared");
    ok(mesh_crypto_is_uuid(uuid) && uuid[14] == '7' && strchr("89ab", uuid[19]),
       "a UUID is of version 7 (%s)", uuid);
    for (int i = 0; i < 1000 && are_rising; i++) {
        next = mesh_crypto_uuid(pool);
        are_rising = strncmp(uuid, next, 13) <= 0 && strcmp(uuid, next) != 0;
        uuid = next;
    }
    ok(are_rising, "they sort by their millisecond, and none comes twice");
    ok(!mesh_crypto_is_uuid("") && !mesh_crypto_is_uuid("x")
           && !mesh_crypto_is_uuid("0123456789012345678901234567890123456")
           && !mesh_crypto_is_uuid("01234567-89ab-7cde-8f01-23456789abcg")
           && mesh_crypto_is_uuid("01234567-89AB-7cde-8f01-23456789abcd"),
       "what is no UUID is not one");
    mesh_crypto_random(a, sizeof(a));
    mesh_crypto_random(b, sizeof(b));
    ok(memcmp(a, b, sizeof(a)) != 0, "chance does not repeat itself");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    ok(!mesh_crypto_init(pool), "there is a source of chance");
    sha256();
    totp();
    passwords();
    tokens();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
