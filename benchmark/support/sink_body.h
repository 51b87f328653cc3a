/* sink_body.h - what the sink makes of a body: it counts the messages and writes a reply to each, as Faye does.
 *
 * Threads:  one. Memory: counts and lags are static and live as long as the process.
 */
#ifndef SINK_BODY_H
#define SINK_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that grow; the process ends when there is no memory. Zeroed: empty. */
struct bytes {
    char *start;
    size_t length;
    size_t room;
};

void bytes_append(struct bytes *bytes, const char *added, size_t length);
void bytes_append_text(struct bytes *bytes, const char *text);

struct counts {
    uint64_t messages; /* but the resyncs */
    uint64_t resyncs;  /* messages whose event is "resync" */
    uint64_t doubled;  /* an id, "source-number", whose number is not above all earlier ones of its source */
    uint64_t missing;  /* the numbers below the last one that never came, over all sources */
};

/* sink_body_read - Count the messages of a JSON object or array, or of the form field "message", append the replies.
 * Returns false when it is none of these: nothing is appended, but what came before the flaw is counted.
 */
bool sink_body_read(const char *body, size_t length, bool form, struct bytes *replies);

struct counts sink_body_counts(void);

/* sink_body_lags - Append the lags as a JSON array, in their order, and forget them: the microseconds between "sent" in
 * a message's object (the machine's monotonic clock) and sink_body_read.
 */
void sink_body_lags(struct bytes *bytes);

#endif
