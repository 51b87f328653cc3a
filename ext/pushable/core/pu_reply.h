/* pu_reply.h - reads what a Faye server answers to a POST of messages.
 *
 * Threads:  a pure function on the caller's memory. Calls no Ruby API: safe without the GVL.
 */
#ifndef PU_REPLY_H
#define PU_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "pu_message.h"
#include "pu_result.h"

/* One entry of the server's answer; spans point into the body that was read. */
struct pu_reply {
    struct pu_span id;    /* as in the message; absent when the server left it out */
    struct pu_span error; /* raw text between the quotes, e.g. 405:/x:Invalid channel; absent when there is none */
    bool successful;
};

/* pu_reply_passing - Whether an unsuccessful entry speaks of the server's own trouble, which may pass, and not of the
 * message: its error begins with 407 or 5xx.
 */
bool pu_reply_passing(const struct pu_reply *reply);

/* pu_reply_read - Read a whole answer, calling each for every entry in order.
 *
 * Returns PU_OK, or PU_EREPLY when the body is not a JSON array of objects (a proxy's page, a cut answer); then each
 * may already have been called for the entries before the fault.
 */
PU_NODISCARD enum pu_result pu_reply_read(const char *body, size_t length,
                                          void (*each)(void *context, const struct pu_reply *reply), void *context);

#endif
