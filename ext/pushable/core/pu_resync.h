/* pu_resync.h - tells the channels that have lost a message to fetch: one resync message each.
 *
 * A gap is out between pu_resync_take and the next of pu_resync_read, _split and _return; each of these puts back
 * what is not settled, so at any time a loss is either marked, or out, or told.
 *
 * Threads:  one at a time. Calls no Ruby API: safe without the GVL.
 * Memory:   a heap object; gaps and ledger are its owner's and outlive it.
 */
#ifndef PU_RESYNC_H
#define PU_RESYNC_H

#include <stddef.h>
#include <stdint.h>

#include "pu_gaps.h"
#include "pu_http.h"
#include "pu_ledger.h"
#include "pu_message.h"
#include "pu_result.h"

struct pu_resync;

/* pu_resync_new - source: of the messages' ids (pu_id.h). Returns PU_OK, PU_ENOMEM. */
PU_NODISCARD enum pu_result pu_resync_new(struct pu_gaps *gaps, struct pu_ledger *ledger, const char *source,
                                          struct pu_resync **resync);
void pu_resync_free(struct pu_resync *resync); /* NULL is fine */

/* pu_resync_take - Write the messages for at most most of the gaps that are older than the message of number before.
 * Returns how many; 0: no gap is due, or there is no memory.
 */
size_t pu_resync_take(struct pu_resync *resync, uint64_t before, size_t most);

/* pu_resync_body - What was written, a JSON array; until the next pu_resync_take. */
struct pu_span pu_resync_body(const struct pu_resync *resync);

/* pu_resync_read - Settle the gaps by the server's replies. refusals - receives how often a gap was refused that is
 * to be tried again, or 0. Returns PU_OK, or PU_EREPLY when this is no answer of a Faye server.
 */
PU_NODISCARD enum pu_result pu_resync_read(struct pu_resync *resync, const struct pu_http_answer *answer,
                                           unsigned *refusals);

/* pu_resync_split - The server cannot read the batch: half as many the next time; one alone is given up. */
void pu_resync_split(struct pu_resync *resync, long status, struct pu_span why);

/* pu_resync_return - The POST failed, or was given up. */
void pu_resync_return(struct pu_resync *resync);

#endif
