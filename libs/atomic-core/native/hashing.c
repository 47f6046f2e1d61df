#include "hashing.h"

#include <string.h>

/*
 * OpenSSL's block functions, which every node binary carries and exports: they choose SHA-NI, AVX2 or ARMv8 instructions by the processor, and are kept by
 * others. Declared here because the headers of a node installation are not everywhere; the layout of the context is part of OpenSSL's ABI since 0.9.8. The
 * spare room and the known answers of the self-test are for the day when it is not.
 */
typedef struct {
  uint32_t h[8];
  uint32_t length_low, length_high;
  uint32_t block[16];
  unsigned int used, digest_length;
  uint8_t spare[64];
} SHA256_CTX;

int SHA256_Init(SHA256_CTX *context);
int SHA256_Update(SHA256_CTX *context, const void *bytes, size_t length);
int SHA256_Final(uint8_t *out, SHA256_CTX *context);
void SHA256_Transform(SHA256_CTX *context, const uint8_t *block);
uint8_t *RIPEMD160(const uint8_t *bytes, size_t length, uint8_t *out);

static const uint32_t FIRST_STATE[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

/* The end of a message of one block of 64 octets: its own block. */
static const uint8_t PADDING_OF_64[64] = {[0] = 0x80, [62] = 0x02};

static void write_state(const SHA256_CTX *context, uint8_t *out) {
  for (int word = 0; word < 8; word++) {
    const uint32_t value = context->h[word];
    out[4 * word] = (uint8_t)(value >> 24);
    out[4 * word + 1] = (uint8_t)(value >> 16);
    out[4 * word + 2] = (uint8_t)(value >> 8);
    out[4 * word + 3] = (uint8_t)value;
  }
}

/* One block by hand: a digest of 32 octets and its padding. Init, Update and Final around it would cost as much as the block. */
static void hash_digest(SHA256_CTX *context, uint8_t block[64], uint8_t *out) {
  memset(block + 32, 0, 32);
  block[32] = 0x80;
  block[62] = 0x01;
  memcpy(context->h, FIRST_STATE, sizeof FIRST_STATE);
  SHA256_Transform(context, block);
  write_state(context, out);
}

static void hash_once(SHA256_CTX *context, const uint8_t *bytes, size_t length, uint8_t *out) {
  SHA256_Init(context);
  SHA256_Update(context, bytes, length);
  SHA256_Final(out, context);
}

void hash_sha256d(const uint8_t *bytes, size_t length, uint8_t *out) {
  SHA256_CTX context;
  uint8_t block[64];
  hash_once(&context, bytes, length, block);
  hash_digest(&context, block, out);
}

void hash_pair(const uint8_t *left, const uint8_t *right, uint8_t *out) {
  SHA256_CTX context;
  uint8_t block[64];
  memcpy(block, left, 32);
  memcpy(block + 32, right, 32);
  memcpy(context.h, FIRST_STATE, sizeof FIRST_STATE);
  SHA256_Transform(&context, block);
  SHA256_Transform(&context, PADDING_OF_64);
  write_state(&context, block);
  hash_digest(&context, block, out);
}

void hash_160(const uint8_t *bytes, size_t length, uint8_t *out) {
  SHA256_CTX context;
  uint8_t digest[32];
  hash_once(&context, bytes, length, digest);
  RIPEMD160(digest, sizeof digest, out);
}
