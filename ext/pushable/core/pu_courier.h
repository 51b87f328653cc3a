/* pu_courier.h - takes messages from any thread and brings them to the Faye server in order, by one thread.
 *
 * The loop never calls the application: what an application must hear is put into a ring of outcomes, and
 * pu_courier_run returns so that its caller can read them.
 * Memory:   malloc/free. After a fork the child must not touch an inherited courier except by pu_courier_abandon.
 */
#ifndef PU_COURIER_H
#define PU_COURIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pu_message.h"
#include "pu_outcome.h"
#include "pu_result.h"

struct pu_courier;

/* Strings are copied by pu_courier_new. */
struct pu_courier_options {
    const char *url;           /* http:// or https:// */
    const char *authorization; /* value of the Authorization header, or NULL */
    const char *ca_file;       /* PEM bundle, or NULL for the system's */
    bool verify;               /* check the server's certificate and name */
    long open_timeout_ms;      /* to connect */
    long timeout_ms;           /* for a whole request */
    int64_t max_age_ms;        /* a message older than this is dropped and reported */
    size_t queue_bytes;        /* ceiling of what waits */
    size_t queue_messages;
    size_t max_message_bytes; /* ceiling of one message on the wire */
};

/* Counters since pu_courier_new, and the present state. Of every message pushed it is known what became of it: pushed
 * is the sum of delivered, overflowed, expired, abandoned, rejected and pending_messages, once nothing moves.
 */
struct pu_courier_stats {
    uint64_t pushed;     /* accepted into the queue, or given to pu_courier_post */
    uint64_t delivered;  /* acknowledged by the server, message by message */
    uint64_t overflowed; /* dropped by the full queue */
    uint64_t expired;    /* older than max_age_ms */
    uint64_t abandoned;  /* unsent at the end; a failed pu_courier_post */
    uint64_t rejected;   /* refused by the server, or left without a reply */
    uint64_t resyncs;    /* channels told that they have missed a message */
    uint64_t untold;     /* channels that could not be told, as the server refused it */
    uint64_t batches;    /* POSTs of messages answered with replies */
    uint64_t retries;    /* POSTs tried again */
    uint64_t bytes;      /* body bytes of the delivered batches */
    uint64_t connections;
    uint64_t pending_messages;
    uint64_t pending_bytes;
    int64_t oldest_age_ms; /* of the oldest pending message, or -1 */
    bool paused;
    bool down;                        /* the last tries failed; trying again with growing pauses */
    int64_t down_since;               /* microseconds since the epoch, or 0 */
    int64_t last_success_at;          /* the same */
    char last_error[PU_OUTCOME_TEXT]; /* never a credential; empty: there was none */
};

/* Why pu_courier_run came back. */
enum pu_courier_break {
    PU_COURIER_REPORT,      /* outcomes wait: read them with pu_courier_outcome, then run again */
    PU_COURIER_INTERRUPTED, /* pu_courier_interrupt was called, or it has sent for a second; a transfer is kept */
    PU_COURIER_STOPPED      /* pu_courier_stop was called and all is sent, or its deadline has passed */
};

/* pu_courier_setup - Once per process, before any courier: the HTTP library's global state and the fork handler.
 * Not thread-safe (call it at load). Returns PU_OK, PU_ETRANSPORT.
 */
PU_NODISCARD enum pu_result pu_courier_setup(void);

/* pu_courier_generation - How many forks this process descends from since pu_courier_setup: one relaxed atomic load.
 * A courier made under another number is inherited.
 */
unsigned pu_courier_generation(void);

/* pu_courier_new - courier receives the object, which opens no connection yet.
 * Returns PU_OK, PU_ENOMEM, PU_EURL, PU_ETRANSPORT.
 */
PU_NODISCARD enum pu_result pu_courier_new(const struct pu_courier_options *options, struct pu_courier **courier);

/* pu_courier_free - Frees everything; messages still waiting are lost. No other thread may use the courier any more. */
void pu_courier_free(struct pu_courier *courier);

/* pu_courier_abandon - In a forked child: close the inherited descriptors without a word on the wire, leak the rest. */
void pu_courier_abandon(struct pu_courier *courier);

/* pu_courier_push - Queue one message; its bytes are copied. Any thread; never waits for the network, never blocks but
 * for a mutex held for a memcpy. When the queue is full, the oldest messages that are not under way are dropped: the
 * loop reports them, added up, at most once a second, and their channels are told to fetch.
 * Returns PU_OK, PU_ETOOBIG, PU_ECLOSED (after pu_courier_stop), PU_ENOMEM.
 */
PU_NODISCARD enum pu_result pu_courier_push(struct pu_courier *courier, const struct pu_message *message);

/* pu_courier_run - The loop: sends until there is a reason to come back. One thread at a time; without the GVL.
 * What is under way survives a return and goes on with the next call. Outcomes may also wait after PU_COURIER_STOPPED:
 * read them once more; a further call returns PU_COURIER_STOPPED again.
 */
enum pu_courier_break pu_courier_run(struct pu_courier *courier);

/* pu_courier_interrupt - Make pu_courier_run return soon, also when it has not yet begun to wait. Any thread.
 * A pu_courier_post under way gives up (PU_EINTERRUPTED).
 */
void pu_courier_interrupt(struct pu_courier *courier);

/* pu_courier_stop - No more messages are taken; pu_courier_run returns PU_COURIER_STOPPED when the rest is sent or
 * timeout_ms have passed (0: at once). Messages left are counted as abandoned. Ends a pause. Any thread.
 */
void pu_courier_stop(struct pu_courier *courier, int64_t timeout_ms);

/* pu_courier_pause - From now on no POST is begun; one under way goes on to its end, and the queue fills. Any thread.
 */
void pu_courier_pause(struct pu_courier *courier);
void pu_courier_resume(struct pu_courier *courier);

/* pu_courier_listen - Whether a batch that is delivered makes an outcome; at first it does not. Any thread. */
void pu_courier_listen(struct pu_courier *courier, bool listen);

/* pu_courier_outcome - Take the oldest waiting outcome. Returns false when there is none. Any thread. */
bool pu_courier_outcome(struct pu_courier *courier, struct pu_outcome *outcome);

/* pu_courier_post - Bring one message to the server now, in the calling thread, one try, past the queue.
 * For couriers whose pu_courier_run is never called; one thread at a time. Blocks up to timeout_ms: without the GVL.
 * outcome - says what happened in words when the result is not PU_OK.
 * Returns PU_OK (acknowledged), PU_ETOOBIG, PU_ENOMEM, PU_EUNREACHABLE, PU_ETIMEOUT, PU_ETLS, PU_ESTATUS, PU_EREPLY,
 * PU_EREJECTED, or PU_EINTERRUPTED after pu_courier_interrupt, also one that came before the call: whether the message
 * arrived is not known, and it may be posted again; it is not counted.
 */
PU_NODISCARD enum pu_result pu_courier_post(struct pu_courier *courier, const struct pu_message *message,
                                            struct pu_outcome *outcome);

/* pu_courier_stats - A snapshot, each counter by itself. Any thread, cheap. */
void pu_courier_stats(struct pu_courier *courier, struct pu_courier_stats *stats);

#endif
