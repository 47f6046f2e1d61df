/* ECDSA over secp256k1 as libsecp256k1 computes it. Nothing here checks a length: metal.c has. */
#ifndef PORTCULLIS_SIGNATURES_H
#define PORTCULLIS_SIGNATURES_H

#include <stddef.h>
#include <stdint.h>

#include <secp256k1.h>

#define KEY_BYTES_MAX 65

/* The last key of a batch and its point: whoever consolidates signs every input with one key, and to find the point of a key is a tenth of a verdict. */
typedef struct {
  uint8_t bytes[KEY_BYTES_MAX];
  size_t length;
  secp256k1_pubkey point;
} key_memory;

/* 1 when `signature` (r and s, 64 octets, either s) is the key's over `digest` (32 octets), else 0. A key is 33 octets (02, 03) or 65 (04). */
uint8_t signature_verify(key_memory *memory, const uint8_t *digest, const uint8_t *signature, const uint8_t *key,
                         size_t key_length);

#endif
