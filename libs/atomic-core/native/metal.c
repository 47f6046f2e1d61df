/*
 * The addon: batches of hashes and signatures for libs/atomic-core/src/crypto/metal-backend.ts.
 *
 * What arrives here was sent by strangers. Every count, span and row number is held against the array that it points into before it is used, and a wrong
 * one throws; nothing is read before the check of the same value. Spans are read through `volatile` because a caller may hand over shared memory: a value
 * that another thread changes between check and use must not be fetched twice.
 */
#define NAPI_VERSION 8
#include <node_api.h>

#include "hashing.h"
#include "signatures.h"

#define COUNT_MAX 0xffffffffu

typedef struct {
  uint8_t *at;
  size_t length;
} octets;

typedef struct {
  const volatile uint32_t *at;
  size_t length;
} numbers;

static napi_value refuse(napi_env env, const char *what) {
  bool pending = false;
  napi_is_exception_pending(env, &pending);
  if (!pending) napi_throw_range_error(env, NULL, what);
  return NULL;
}

static bool read_arguments(napi_env env, napi_callback_info info, size_t wanted, napi_value *values) {
  size_t given = wanted;
  return napi_get_cb_info(env, info, &given, values, NULL, NULL) == napi_ok && given >= wanted;
}

static void *read_array(napi_env env, napi_value value, napi_typedarray_type wanted, size_t *length) {
  static uint32_t none;
  bool is_typed = false;
  napi_typedarray_type type;
  void *at = NULL;
  if (napi_is_typedarray(env, value, &is_typed) != napi_ok || !is_typed) return NULL;
  if (napi_get_typedarray_info(env, value, &type, length, &at, NULL, NULL) != napi_ok || type != wanted) return NULL;
  /* An empty or detached array may stand nowhere; it is an array all the same. */
  return *length == 0 ? &none : at;
}

static bool read_octets(napi_env env, napi_value value, octets *out) {
  out->at = read_array(env, value, napi_uint8_array, &out->length);
  return out->at != NULL;
}

static bool read_numbers(napi_env env, napi_value value, numbers *out) {
  out->at = read_array(env, value, napi_uint32_array, &out->length);
  return out->at != NULL;
}

/* A whole number, not what JavaScript would make of -1 or 1.5. */
static bool read_count(napi_env env, napi_value value, size_t *count) {
  double number;
  if (napi_get_value_double(env, value, &number) != napi_ok) return false;
  if (!(number >= 0 && number <= COUNT_MAX) || number != (double)(uint32_t)number) return false;
  *count = (uint32_t)number;
  return true;
}

/* Room for `count` items of `size`, without a product that could wrap. */
static bool has_room(size_t length, size_t count, size_t size) { return count <= length / size; }

static bool read_span(numbers spans, size_t row, size_t limit, size_t *start, size_t *end) {
  *start = spans.at[2 * row];
  *end = spans.at[2 * row + 1];
  return *start <= *end && *end <= limit;
}

static bool are_spans(numbers spans, size_t count, size_t limit) {
  size_t start, end;
  if (!has_room(spans.length, count, 2)) return false;
  for (size_t row = 0; row < count; row++) {
    if (!read_span(spans, row, limit, &start, &end)) return false;
  }
  return true;
}

typedef void (*span_hash)(const uint8_t *bytes, size_t length, uint8_t *out);

static napi_value hash_spans(napi_env env, napi_callback_info info, span_hash hash, size_t size) {
  napi_value values[4];
  octets bytes, out;
  numbers spans;
  size_t count, start, end;
  if (!read_arguments(env, info, 4, values) || !read_octets(env, values[0], &bytes) ||
      !read_numbers(env, values[1], &spans) || !read_count(env, values[2], &count) ||
      !read_octets(env, values[3], &out)) {
    return refuse(env, "crypto: (Uint8Array, Uint32Array, count, Uint8Array) are wanted");
  }
  if (!has_room(out.length, count, size)) return refuse(env, "crypto: no room for the digests");
  /* All of them before the first is hashed: a refused call has written nothing. */
  if (!are_spans(spans, count, bytes.length)) return refuse(env, "crypto: a span out of range");
  for (size_t row = 0; row < count; row++) {
    if (!read_span(spans, row, bytes.length, &start, &end)) return refuse(env, "crypto: a span out of range");
    hash(bytes.at + start, end - start, out.at + size * row);
  }
  return NULL;
}

static napi_value sha256d_spans(napi_env env, napi_callback_info info) {
  return hash_spans(env, info, hash_sha256d, 32);
}

static napi_value hash160_spans(napi_env env, napi_callback_info info) { return hash_spans(env, info, hash_160, 20); }

static napi_value hash_pairs(napi_env env, napi_callback_info info) {
  napi_value values[3];
  octets nodes;
  numbers triples;
  size_t count;
  if (!read_arguments(env, info, 3, values) || !read_octets(env, values[0], &nodes) ||
      !read_numbers(env, values[1], &triples) || !read_count(env, values[2], &count)) {
    return refuse(env, "crypto: (Uint8Array, Uint32Array, count) are wanted");
  }
  const size_t rows = nodes.length / 32;
  if (!has_room(triples.length, count, 3)) return refuse(env, "crypto: triples shorter than their count");
  for (size_t at = 0; at < 3 * count; at++) {
    if (triples.at[at] >= rows) return refuse(env, "crypto: a node out of range");
  }
  for (size_t row = 0; row < count; row++) {
    const size_t left = triples.at[3 * row], right = triples.at[3 * row + 1], target = triples.at[3 * row + 2];
    if (left >= rows || right >= rows || target >= rows) return refuse(env, "crypto: a node out of range");
    hash_pair(nodes.at + 32 * left, nodes.at + 32 * right, nodes.at + 32 * target);
  }
  return NULL;
}

static napi_value verify_batch(napi_env env, napi_callback_info info) {
  napi_value values[6];
  octets digests, signatures, keys, verdicts;
  numbers spans;
  size_t count, start, end;
  if (!read_arguments(env, info, 6, values) || !read_count(env, values[0], &count) ||
      !read_octets(env, values[1], &digests) || !read_octets(env, values[2], &signatures) ||
      !read_octets(env, values[3], &keys) || !read_numbers(env, values[4], &spans) ||
      !read_octets(env, values[5], &verdicts)) {
    return refuse(env, "crypto: (count, digests, signatures, keyBytes, keySpans, verdicts) are wanted");
  }
  if (!has_room(digests.length, count, 32) || !has_room(signatures.length, count, 64)) {
    return refuse(env, "crypto: digests or signatures shorter than their count");
  }
  if (!has_room(verdicts.length, count, 1)) return refuse(env, "crypto: no room for the verdicts");
  if (!are_spans(spans, count, keys.length)) return refuse(env, "crypto: a span out of range");
  key_memory memory = {.length = 0};
  for (size_t row = 0; row < count; row++) {
    if (!read_span(spans, row, keys.length, &start, &end)) return refuse(env, "crypto: a span out of range");
    verdicts.at[row] =
        signature_verify(&memory, digests.at + 32 * row, signatures.at + 64 * row, keys.at + start, end - start);
  }
  return NULL;
}

static bool export_function(napi_env env, napi_value exports, const char *name, napi_callback callback) {
  napi_value function;
  return napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, NULL, &function) == napi_ok &&
         napi_set_named_property(env, exports, name, function) == napi_ok;
}

NAPI_MODULE_INIT() {
  napi_value library;
  if (napi_create_string_utf8(env, METAL_LIBRARY, NAPI_AUTO_LENGTH, &library) != napi_ok ||
      napi_set_named_property(env, exports, "library", library) != napi_ok ||
      !export_function(env, exports, "sha256dSpans", sha256d_spans) ||
      !export_function(env, exports, "hash160Spans", hash160_spans) ||
      !export_function(env, exports, "hashPairs", hash_pairs) ||
      !export_function(env, exports, "verifyBatch", verify_batch)) {
    return refuse(env, "the addon cannot be set up");
  }
  return exports;
}
