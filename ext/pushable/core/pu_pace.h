/* pu_pace.h - how much the next POST of messages may carry.
 *
 * Batches shrink while the server is slow, stay below what a proxy found too large, and are halved on the search for a
 * message that spoils its batch.
 *
 * Threads:  one owner at a time. Calls no Ruby API: safe without the GVL.
 */
#ifndef PU_PACE_H
#define PU_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PU_PACE_MESSAGES ((size_t)100)
#define PU_PACE_BYTES ((size_t)256 * 1024)

struct pu_pace {
    size_t messages;
    size_t bytes;
    size_t most_bytes; /* a larger body was refused */
    unsigned steady;   /* batches in a row that were not slow */
    size_t searching;  /* messages at most until search_end; 0: no search */
    uint64_t search_end;
};

void pu_pace_init(struct pu_pace *pace);

/* The limits of the next batch. one - of one message, to ask whether the server is back. */
size_t pu_pace_messages(const struct pu_pace *pace, bool one);
size_t pu_pace_bytes(const struct pu_pace *pace);

/* pu_pace_answered - A batch of count messages was acknowledged after so long: batches are halved when a large one was
 * slow, doubled when it was quick, or when none of several was slow: a far server never is quick.
 */
void pu_pace_answered(struct pu_pace *pace, size_t count, int64_t milliseconds);

/* pu_pace_split - A batch of count messages, the first of them of number first_seq, has one that spoils it. */
void pu_pace_split(struct pu_pace *pace, size_t count, uint64_t first_seq);

/* pu_pace_too_large - A body of so many bytes, with several messages, was refused: none as large again. */
void pu_pace_too_large(struct pu_pace *pace, size_t bytes);

/* pu_pace_past - Whether a search has ended, as the next message is of this number; the limits are new then. */
bool pu_pace_past(struct pu_pace *pace, uint64_t first_seq);

/* pu_pace_found - The message was found. */
void pu_pace_found(struct pu_pace *pace);

/* pu_pace_searching - Whether a search is under way. */
bool pu_pace_searching(const struct pu_pace *pace);

#endif
