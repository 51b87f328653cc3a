/* pu_json.h - writes one JSON document into a buffer: structure and keys by yajl's generator, scalars formatted here.
 *
 * Threads:  one owner at a time. Calls no Ruby API: safe without the GVL.
 * Memory:   the writer is a heap object (pu_json_new/free); the buffer it writes to belongs to the caller and outlives
 *           the document. A writer is used again for the next document by pu_json_start.
 * Errors:   sticky. The first failure is kept, later calls do nothing and return it.
 *           PU_ENOMEM, PU_ETOOBIG (the buffer's), PU_EDEPTH, PU_EUTF8, PU_ENUMBER, PU_ESTATE (a value where a key must
 *           stand, an unbalanced close, a second document).
 */
#ifndef PU_JSON_H
#define PU_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "pu_buf.h"
#include "pu_result.h"

/* The deepest nesting written, as JSON.generate's max_nesting. Below yajl's own limit, which it checks too late. */
#define PU_JSON_MAX_DEPTH 100

struct pu_json;

/* pu_json_new - json receives the writer. Returns PU_OK, PU_ENOMEM. */
PU_NODISCARD enum pu_result pu_json_new(struct pu_json **json);
void pu_json_free(struct pu_json *json); /* NULL is fine */

/* pu_json_start - Begin a document at the end of buf; forgets an earlier document's state and error. */
void pu_json_start(struct pu_json *json, struct pu_buf *buf);

/* pu_json_finish - PU_OK when exactly one complete value was written, else the kept failure or PU_ESTATE. */
PU_NODISCARD enum pu_result pu_json_finish(struct pu_json *json);

/* pu_json_result - The kept failure, or PU_OK. */
enum pu_result pu_json_result(const struct pu_json *json);

enum pu_result pu_json_map_open(struct pu_json *json);
enum pu_result pu_json_map_close(struct pu_json *json);
enum pu_result pu_json_array_open(struct pu_json *json);
enum pu_result pu_json_array_close(struct pu_json *json);

/* pu_json_key, pu_json_string - A key / a string value. bytes must be valid UTF-8, which the caller knows or has
 * checked with pu_text_valid; both are escaped as JSON asks.
 */
enum pu_result pu_json_key(struct pu_json *json, const char *bytes, size_t length);
enum pu_result pu_json_string(struct pu_json *json, const char *bytes, size_t length);

enum pu_result pu_json_null(struct pu_json *json);
enum pu_result pu_json_bool(struct pu_json *json, bool value);
enum pu_result pu_json_integer(struct pu_json *json, long long value);

/* pu_json_number - A number already formatted; checked against JSON's grammar (PU_ENUMBER). */
enum pu_result pu_json_number(struct pu_json *json, const char *text, size_t length);

/* pu_json_raw - A whole JSON value that the caller vouches for, written as it is. */
enum pu_result pu_json_raw(struct pu_json *json, const char *bytes, size_t length);

#endif
