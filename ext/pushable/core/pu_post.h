/* pu_post.h - one message to the server now, in the calling thread, one try, past the queue.
 *
 * Threads:  one at a time. Calls no Ruby API: safe without the GVL. The caller blocks SIGPIPE.
 * Memory:   everything is borrowed for the call.
 */
#ifndef PU_POST_H
#define PU_POST_H

#include <stdatomic.h>
#include <stddef.h>

#include "pu_http.h"
#include "pu_ledger.h"
#include "pu_message.h"
#include "pu_outcome.h"
#include "pu_result.h"

struct pu_post {
    struct pu_http *http;
    struct pu_ledger *ledger;
    atomic_bool *interrupted; /* by another thread, which then wakes the client; read and reset here */
    size_t max_message_bytes;
};

/* pu_post_message - id: of the message, NUL-terminated. outcome - says what happened in words when the result is not
 * PU_OK. The result is counted, unless it is PU_EINTERRUPTED.
 * Returns PU_OK (acknowledged), PU_ETOOBIG, PU_ENOMEM, PU_EUNREACHABLE, PU_ETIMEOUT, PU_ETLS, PU_ESTATUS, PU_EREPLY,
 * PU_EREJECTED, PU_EINTERRUPTED.
 */
PU_NODISCARD enum pu_result pu_post_message(const struct pu_post *post, const struct pu_message *message,
                                            const char *id, struct pu_outcome *outcome);

#endif
