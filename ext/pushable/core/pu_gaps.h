/* pu_gaps.h - the channels that have lost a message and must be told to fetch.
 *
 * A set of at most PU_GAPS_CHANNELS; when one more is marked, they all become one gap of PU_GAPS_EVERYONE, the channel
 * on which every browser listens. Each gap knows the number of the newest message that was lost: it is due once
 * everything before that is settled, and before anything after it is sent.
 *
 * Threads:  any thread may mark; one takes and returns. A mutex of its own is held for a copy of a channel's name.
 *           Calls no Ruby API: safe without the GVL.
 * Memory:   names are copied in. malloc/free. When there is no memory for one, everyone is marked instead.
 */
#ifndef PU_GAPS_H
#define PU_GAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pu_message.h"
#include "pu_result.h"

#define PU_GAPS_CHANNELS ((size_t)1000)
#define PU_GAPS_EVERYONE "/sync/$all"
/* After its resync was refused for good, a channel is not told again for so long, whatever else it loses. */
#define PU_GAPS_REST_MS INT64_C(60000)

struct pu_gaps;

struct pu_gap {
    char *channel; /* not NUL-terminated; the holder's, until pu_gaps_return or pu_gap_cleanup */
    size_t length;
    uint64_t seq;     /* number of the newest message lost */
    unsigned refused; /* how often the server has refused its resync for now */
};

/* pu_gaps_new - gaps receives an empty set. Returns PU_OK, PU_ENOMEM. */
PU_NODISCARD enum pu_result pu_gaps_new(struct pu_gaps **gaps);
void pu_gaps_free(struct pu_gaps *gaps); /* NULL is fine */

/* pu_gaps_mark - A message with the number seq, to this channel, is lost. Any thread. */
void pu_gaps_mark(struct pu_gaps *gaps, struct pu_span channel, uint64_t seq);

/* pu_gaps_take - Move up to most gaps out whose newest lost message is older than before; the first marked first.
 * taken - room for most gaps. Returns how many.
 */
size_t pu_gaps_take(struct pu_gaps *gaps, uint64_t before, struct pu_gap *taken, size_t most);

/* pu_gaps_return - Put a gap that was taken back, as its channel could not be told; joins what was marked meanwhile. */
void pu_gaps_return(struct pu_gaps *gaps, struct pu_gap *gap);

/* pu_gaps_forgo - The server refuses this gap's resync for good: its channel is left alone for PU_GAPS_REST_MS. */
void pu_gaps_forgo(struct pu_gaps *gaps, struct pu_gap *gap);

/* pu_gap_cleanup - Its channel has been told. */
void pu_gap_cleanup(struct pu_gap *gap);

/* pu_gaps_any - Whether a gap waits that would be told now. */
bool pu_gaps_any(struct pu_gaps *gaps);

#endif
