/* pu_gaps.h - the channels that have lost a message and must be told to fetch.
 *
 * A set of at most PU_GAPS_CHANNELS; when one more is marked, they all become one gap of PU_GAPS_EVERYONE, the channel
 * on which every browser listens. Each gap knows the numbers of the messages that were lost, from the oldest to the
 * newest: it is due once everything before a loss is settled, and before anything after it is sent. A channel that has
 * been told rests for a moment: while messages are lost all the time, its browsers shall not fetch all the time.
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
/* Once told, a channel is not told again for so long, whatever else it loses, */
#define PU_GAPS_TOLD_MS INT64_C(1000)
/* and so long when its resync was refused for good. */
#define PU_GAPS_FORGONE_MS INT64_C(60000)

struct pu_gaps;

struct pu_gap {
    char *channel; /* not NUL-terminated; the holder's, until pu_gaps_return, _told, _forgo or pu_gap_cleanup */
    size_t length;
    uint64_t oldest; /* numbers of messages lost */
    uint64_t newest;
    unsigned refused; /* how often the server has refused its resync for now */
};

/* pu_gaps_new - gaps receives an empty set. Returns PU_OK, PU_ENOMEM. */
PU_NODISCARD enum pu_result pu_gaps_new(struct pu_gaps **gaps);
void pu_gaps_free(struct pu_gaps *gaps); /* NULL is fine */

/* pu_gaps_mark - A message with the number seq, to this channel, is lost. Any thread. */
void pu_gaps_mark(struct pu_gaps *gaps, struct pu_span channel, uint64_t seq);

/* pu_gaps_take - Move up to most gaps out that hold a loss older than before; the first marked first. What a channel
 * has lost since stays marked. taken - room for most gaps. Returns how many.
 */
size_t pu_gaps_take(struct pu_gaps *gaps, uint64_t before, struct pu_gap *taken, size_t most);

/* pu_gaps_return - Put a gap that was taken back, as its channel could not be told; joins what was marked meanwhile. */
void pu_gaps_return(struct pu_gaps *gaps, struct pu_gap *gap);

/* pu_gaps_told - Its channel has been told: it rests for PU_GAPS_TOLD_MS. */
void pu_gaps_told(struct pu_gaps *gaps, struct pu_gap *gap);

/* pu_gaps_forgo - The server refuses this gap's resync for good: its channel rests for PU_GAPS_FORGONE_MS. */
void pu_gaps_forgo(struct pu_gaps *gaps, struct pu_gap *gap);

/* pu_gap_cleanup - Free a gap that was taken. */
void pu_gap_cleanup(struct pu_gap *gap);

/* pu_gaps_hurry - The end is near: who has been told rests no longer. */
void pu_gaps_hurry(struct pu_gaps *gaps);

/* pu_gaps_pause - For how many milliseconds no gap may be taken that waits; 0: one may be now, PU_GAPS_NONE: there is
 * none.
 */
#define PU_GAPS_NONE INT64_MAX
int64_t pu_gaps_pause(struct pu_gaps *gaps);

#endif
