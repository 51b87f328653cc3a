/* pu_link.h - the way to the server: whether it is up, when the next POST may go, and over which connection.
 *
 * Threads:  one owner at a time. Calls no Ruby API: safe without the GVL.
 * Memory:   caller-owned storage; the ledger is its owner's and outlives it.
 */
#ifndef PU_LINK_H
#define PU_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "pu_http.h"
#include "pu_ledger.h"
#include "pu_random.h"
#include "pu_result.h"
#include "pu_retry.h"

struct pu_link {
    struct pu_ledger *ledger;
    struct pu_random random;
    unsigned failures; /* in a row */
    bool told;         /* the application knows of this outage */
    bool down;
    enum pu_result last_result; /* of the last failure */
    int64_t down_since;
    int64_t resume_at;  /* no POST before; 0: none */
    bool fresh;         /* the next POST needs a new connection */
    unsigned lost;      /* kept connections found dead, in a row */
    unsigned deaths;    /* see pu_retry_decide */
    unsigned suspected; /* how often the suspect alone was on its way when the server died, in a row */
};

void pu_link_init(struct pu_link *link, struct pu_ledger *ledger);

/* pu_link_fresh - Whether the next POST goes over a new connection. */
bool pu_link_fresh(const struct pu_link *link);

/* pu_link_ended - Take in how a POST of count messages ended. PU_RETRY_READ and the splits are left to the caller;
 * for all else the same batch is due again when pu_link_pause says so.
 */
struct pu_retry pu_link_ended(struct pu_link *link, const struct pu_http_answer *answer, uint64_t count);

/* pu_link_failed - A POST of count messages failed: wait, longer each time, and tell of it once per outage. */
void pu_link_failed(struct pu_link *link, struct pu_retry retry, const struct pu_http_answer *answer, uint64_t count);

/* pu_link_succeeded - A POST was acknowledged. exonerated - by the batch that was under suspicion of killing the
 * server.
 */
void pu_link_succeeded(struct pu_link *link, const struct pu_http_answer *answer, bool exonerated);

/* pu_link_suspect - The server died once more, with one suspected message alone on its way. Returns whether that is
 * enough to blame it: a server also dies of what others send.
 */
bool pu_link_suspect(struct pu_link *link);

/* pu_link_forgive - Whatever killed the server is found. */
void pu_link_forgive(struct pu_link *link);

/* pu_link_rest - The server is up, but could not take some message, for the tries-th time: give it time. */
void pu_link_rest(struct pu_link *link, unsigned tries);

/* pu_link_pause - For how many milliseconds no POST may go; 0: go on. */
int64_t pu_link_pause(struct pu_link *link);

/* pu_link_hurry - Cut the present pause short. */
void pu_link_hurry(struct pu_link *link);

#endif
