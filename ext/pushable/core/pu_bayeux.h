/* pu_bayeux.h - the wire: channel names, and the envelope around a record's JSON.
 *
 * Threads:  pure functions on the caller's memory. Calls no Ruby API: safe without the GVL.
 */
#ifndef PU_BAYEUX_H
#define PU_BAYEUX_H

#include <stddef.h>

#include "pu_buf.h"
#include "pu_message.h"
#include "pu_result.h"

/* pu_bayeux_channel - Append "/sync/" and the name with every byte outside [A-Za-z0-9_\-!~()@] of a segment written as
 * $ and two lower-case hex digits; "/" separates non-empty segments. The rule is shared with the browser; its test
 * vectors are spec/vectors/channels.json.
 *
 * name - UTF-8. Returns PU_OK, PU_ECHANNEL (empty, an empty segment), PU_EUTF8, or the buffer's failure; on a failure
 * nothing is left appended.
 */
PU_NODISCARD enum pu_result pu_bayeux_channel(struct pu_buf *buf, const char *name, size_t length);

/* pu_bayeux_write - Append one Bayeux message: {"channel":…,"id":…,"data":{"id":…,"event":…,…}}, no separator.
 *
 * id - unique per message, [A-Za-z0-9-]+, NUL-terminated. Returns the buffer's result.
 */
enum pu_result pu_bayeux_write(struct pu_buf *buf, const struct pu_message *message, const char *id);

/* pu_bayeux_channel_of - The channel of a message that pu_bayeux_write wrote; the span points into it. */
struct pu_span pu_bayeux_channel_of(const char *message, size_t length);

#endif
