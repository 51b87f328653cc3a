/* pu_bayeux.h - the wire: channel names, the envelope around a record's JSON, and the server's replies.
 *
 * Threads:  pure functions on the caller's memory. Calls no Ruby API: safe without the GVL.
 */
#ifndef PU_BAYEUX_H
#define PU_BAYEUX_H

#include <stdbool.h>
#include <stddef.h>

#include "pu_buf.h"
#include "pu_message.h"
#include "pu_result.h"

/* pu_bayeux_channel - Append "/sync/" and the name with every byte outside [A-Za-z0-9_\-!~()@] of a segment written as $
 * and two lower-case hex digits; "/" separates non-empty segments. The rule is shared with the browser; its test vectors
 * are spec/vectors/channels.json.
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

/* One entry of the server's reply; spans point into the body that was read. */
struct pu_bayeux_reply {
    struct pu_span id;    /* as in the message; absent when the server left it out */
    struct pu_span error; /* raw text between the quotes, e.g. 405:/x:Invalid channel; absent when there is none */
    bool successful;
};

/* pu_bayeux_read - Read a whole reply body, calling each for every entry in order.
 *
 * Returns PU_OK, or PU_EREPLY when the body is not a JSON array of objects (a proxy's page, a cut answer); then each may
 * already have been called for the entries before the fault.
 */
PU_NODISCARD enum pu_result pu_bayeux_read(const char *body, size_t length,
                                           void (*each)(void *context, const struct pu_bayeux_reply *reply),
                                           void *context);

#endif
