/* SHA-256 and RIPEMD-160 over plain memory. Nothing here checks a length: metal.c has. */
#ifndef PORTCULLIS_HASHING_H
#define PORTCULLIS_HASHING_H

#include <stddef.h>
#include <stdint.h>

/* SHA256(SHA256(bytes)) to 32 octets. `out` may lie within `bytes`. */
void hash_sha256d(const uint8_t *bytes, size_t length, uint8_t *out);

/* SHA256(SHA256(left, right)), 32 octets each; `out` may be one of them. */
void hash_pair(const uint8_t *left, const uint8_t *right, uint8_t *out);

/* RIPEMD160(SHA256(bytes)) to 20 octets. */
void hash_160(const uint8_t *bytes, size_t length, uint8_t *out);

#endif
