/* pu_outcome.h - what became of messages, in a ring that the loop writes and the application's side reads.
 *
 * Threads:  the ring is guarded by its own mutex, held for a copy. Calls no Ruby API: safe without the GVL.
 * Memory:   outcomes are plain values; the ring is embedded in its owner.
 */
#ifndef PU_OUTCOME_H
#define PU_OUTCOME_H

#include <stdint.h>

#include "pu_result.h"

enum pu_outcome_kind {
    PU_OUTCOME_REJECTED, /* the server refused a message, or it is poison: gone */
    PU_OUTCOME_DROPPED,  /* full queue, expired: gone */
    PU_OUTCOME_RETRY,    /* a POST failed and will be tried again */
    PU_OUTCOME_DOWN,     /* several tries have failed */
    PU_OUTCOME_UP        /* the first success after PU_OUTCOME_DOWN */
};

#define PU_OUTCOME_TEXT 256
#define PU_OUTCOME_CHANNEL 256

struct pu_outcome {
    enum pu_outcome_kind kind;
    enum pu_result result;            /* the cause */
    long status;                      /* HTTP status, or 0 */
    uint64_t count;                   /* messages concerned; equal neighbours in the ring are added up */
    char channel[PU_OUTCOME_CHANNEL]; /* NUL-terminated, cut when longer; empty when several */
    char text[PU_OUTCOME_TEXT];       /* for a person: the server's error or libcurl's; never a credential */
};

#endif
