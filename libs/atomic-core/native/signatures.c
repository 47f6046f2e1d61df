#include "signatures.h"

#include <string.h>

/* The hybrid spellings 06 and 07, which libsecp256k1 would read, are no keys of ours. */
static int is_key_shape(const uint8_t *key, size_t length) {
  return length == 33 ? key[0] == 2 || key[0] == 3 : length == 65 && key[0] == 4;
}

/* Copied before it is looked at: what is parsed is then what is remembered, whatever another thread does to shared memory. */
static int read_key(key_memory *memory, const uint8_t *key, size_t length) {
  if (length != 33 && length != 65) return 0;
  if (length == memory->length && memcmp(memory->bytes, key, length) == 0) return 1;
  memory->length = 0;
  memcpy(memory->bytes, key, length);
  if (!is_key_shape(memory->bytes, length)) return 0;
  if (!secp256k1_ec_pubkey_parse(secp256k1_context_static, &memory->point, memory->bytes, length)) return 0;
  memory->length = length;
  return 1;
}

uint8_t signature_verify(key_memory *memory, const uint8_t *digest, const uint8_t *signature, const uint8_t *key,
                         size_t key_length) {
  /* The static context holds no secret and is never written: every thread may verify with it. */
  const secp256k1_context *context = secp256k1_context_static;
  secp256k1_ecdsa_signature numbers;
  if (!read_key(memory, key, key_length)) return 0;
  if (!secp256k1_ecdsa_signature_parse_compact(context, &numbers, signature)) return 0;
  /* The library verifies the low s alone. Which s a script allows is not asked here. */
  secp256k1_ecdsa_signature_normalize(context, &numbers, &numbers);
  return secp256k1_ecdsa_verify(context, &numbers, digest, &memory->point) == 1;
}
