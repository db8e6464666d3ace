/* SPDX-License-Identifier: Apache-2.0 */
/* crypto.c -- hashes, tokens, passwords. */
#include "base/crypto.h"

#include <string.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

/* Looked up once: OpenSSL takes longer to find it than to hash a key. */
static const EVP_MD *sha256;

mesh_err_t *mesh_crypto_init(apr_pool_t *p)
{
    if (!sha256 && !(sha256 = EVP_MD_fetch(NULL, "SHA256", NULL))) {
        return mesh_err(p, MESH_BUG, "no_sha256", "OpenSSL has no SHA-256.");
    }
    if (sodium_init() < 0) {
        return mesh_err(p, MESH_BUG, "no_random",
                        "The system has no source of random numbers.");
    }
    return NULL;
}

void mesh_crypto_random(void *bytes, apr_size_t length)
{
    randombytes_buf(bytes, length);
}

void mesh_crypto_sha256(unsigned char digest[MESH_SHA256_SIZE],
                        const void *bytes, apr_size_t length)
{
    EVP_Digest(bytes, length, digest, NULL, sha256, NULL);
}

int mesh_crypto_equal(const void *a, const void *b, apr_size_t length)
{
    return sodium_memcmp(a, b, length) == 0;
}

const char *mesh_crypto_hex(const void *bytes, apr_size_t length, apr_pool_t *p)
{
    char *hex = apr_palloc(p, 2 * length + 1);

    return sodium_bin2hex(hex, 2 * length + 1, bytes, length);
}

const char *mesh_crypto_base64url(const void *bytes, apr_size_t length,
                                  apr_pool_t *p)
{
    const int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    apr_size_t size = sodium_base64_encoded_len(length, variant);

    return sodium_bin2base64(apr_palloc(p, size), size, bytes, length, variant);
}

const char *mesh_crypto_uuid(apr_pool_t *p)
{
    unsigned char b[16];
    apr_uint64_t ms = (apr_uint64_t)apr_time_as_msec(apr_time_now());

    mesh_crypto_random(b, sizeof(b));
    for (int i = 0; i < 6; i++) {
        b[i] = (unsigned char)(ms >> (40 - 8 * i));
    }
    b[6] = 0x70 | (b[6] & 0x0f);
    b[8] = 0x80 | (b[8] & 0x3f);
    return apr_psprintf(p,
                        "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
                        "%02x%02x%02x%02x%02x%02x",
                        b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8],
                        b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

int mesh_crypto_is_uuid(const char *text)
{
    int i;

    for (i = 0; text[i]; i++) {
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (text[i] != '-') {
                return 0;
            }
        }
        else if (!apr_isxdigit(text[i])) {
            return 0;
        }
    }
    return i == 36;
}

mesh_err_t *mesh_crypto_hash_password(const char **hash, const char *password,
                                      apr_pool_t *p)
{
    char made[crypto_pwhash_STRBYTES];

    if (crypto_pwhash_str(made, password, strlen(password),
                          crypto_pwhash_OPSLIMIT_INTERACTIVE,
                          crypto_pwhash_MEMLIMIT_INTERACTIVE)
        != 0) {
        return mesh_err(p, MESH_BUSY, "out_of_memory",
                        "There is not enough memory to hash a password now.");
    }
    *hash = apr_pstrdup(p, made);
    return NULL;
}

int mesh_crypto_is_password(const char *hash, const char *password)
{
    return crypto_pwhash_str_verify(hash, password, strlen(password)) == 0;
}

int mesh_crypto_is_totp(const void *secret, apr_size_t length, const char *code,
                        apr_time_t t)
{
    apr_int64_t now = apr_time_sec(t) / 30;
    int found = 0;

    if (strlen(code) != 6) {
        return 0;
    }
    for (apr_int64_t step = now - 1; step <= now + 1; step++) {
        unsigned char counter[8], mac[EVP_MAX_MD_SIZE];
        unsigned int mac_length, at, number;
        char expected[8];

        for (int i = 0; i < 8; i++) {
            counter[i] = (unsigned char)(step >> (56 - 8 * i));
        }
        HMAC(EVP_sha1(), secret, (int)length, counter, sizeof(counter), mac,
             &mac_length);
        at = mac[mac_length - 1] & 0x0f;
        number = (mac[at] & 0x7fu) << 24 | (unsigned)mac[at + 1] << 16
                 | (unsigned)mac[at + 2] << 8 | mac[at + 3];
        apr_snprintf(expected, sizeof(expected), "%06u", number % 1000000);
        found |= mesh_crypto_equal(expected, code, 6);
    }
    return found;
}
