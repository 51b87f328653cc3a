/* pu_retry.h - what to do after a POST, and how long to wait before the next: one table, no state.
 *
 * Threads:  pure functions. Calls no Ruby API: safe without the GVL.
 */
#ifndef PU_RETRY_H
#define PU_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "pu_http.h"
#include "pu_result.h"

enum pu_retry_action {
    PU_RETRY_READ,     /* the server took the batch: its replies tell what became of each message */
    PU_RETRY_FRESH,    /* the kept connection had died unnoticed: at once, over a new one; no failure */
    PU_RETRY_LATER,    /* the same batch, after a growing pause */
    PU_RETRY_FIX,      /* something must be set right by a person: the same batch, after a long pause */
    PU_RETRY_SPLIT,    /* one message spoils the batch: halves, down to the one, which is given up */
    PU_RETRY_SPLIT_OFF /* the batch is too large: the same, and no batch as large as this again */
};

struct pu_retry {
    enum pu_retry_action action;
    enum pu_result result; /* what it means for the messages: PU_OK for PU_RETRY_READ */
};

/* After so many times that the server took the whole body and died, the batch itself is the suspect. */
#define PU_RETRY_DEADLY 3

/* pu_retry_decide - deaths: how often in a row, with this answer, the connection broke after the whole body had been
 * sent over a new connection.
 */
struct pu_retry pu_retry_decide(const struct pu_http_answer *answer, unsigned deaths);

/* pu_retry_died - Whether this answer counts as such a death. */
bool pu_retry_died(const struct pu_http_answer *answer);

/* pu_retry_pause_ms - How long to wait. failures: in a row, at least 1; slow: the longest pause from the start;
 * asked_ms: what the server asked for, or 0; random: spreads the clients, half of the pause is by chance.
 */
int64_t pu_retry_pause_ms(unsigned failures, bool slow, int64_t asked_ms, uint64_t random);

#endif
