#include "pu_resync.h"

#include <stdbool.h>
#include <stdlib.h>

#include "pu_bayeux.h"
#include "pu_buf.h"
#include "pu_clock.h"
#include "pu_id.h"
#include "pu_reply.h"

#define SERIES "r"
#define MOST ((size_t)100)
/* A resync that the server cannot take now is given up after so many tries. */
#define TRIES 4

struct pu_resync {
    struct pu_gaps *gaps;
    struct pu_ledger *ledger;
    const char *source;
    struct pu_buf body;
    uint64_t next_number;
    size_t most; /* fewer than MOST on the search for the one that spoils a batch */
    size_t count;
    struct pu_gap out[MOST]; /* of numbers next_number - count and so on; channel NULL: settled */
};

enum pu_result pu_resync_new(struct pu_gaps *gaps, struct pu_ledger *ledger, const char *source,
                             struct pu_resync **resync)
{
    struct pu_resync *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return PU_ENOMEM;
    made->gaps = gaps;
    made->ledger = ledger;
    made->source = source;
    made->most = MOST;
    pu_buf_init(&made->body, SIZE_MAX);
    *resync = made;
    return PU_OK;
}

void pu_resync_free(struct pu_resync *resync)
{
    if (resync == NULL)
        return;
    for (size_t i = 0; i < resync->count; i++)
        pu_gap_cleanup(&resync->out[i]);
    pu_buf_cleanup(&resync->body);
    free(resync);
}

static enum pu_result write_message(struct pu_resync *resync, const struct pu_gap *gap)
{
    const struct pu_message message = {
        .channel = {gap->channel, gap->length}, .event = PU_EVENT_RESYNC, .at = pu_clock_stamp()};
    char id[PU_ID_ROOM];

    pu_id_write(id, resync->source, SERIES, resync->next_number++);
    pu_buf_append(&resync->body, resync->body.length == 0 ? "[" : ",", 1);
    return pu_bayeux_write(&resync->body, &message, id);
}

size_t pu_resync_take(struct pu_resync *resync, uint64_t before, size_t most)
{
    if (most > resync->most)
        most = resync->most;
    pu_buf_clear(&resync->body);
    resync->count = pu_gaps_take(resync->gaps, before, resync->out, most);
    for (size_t i = 0; i < resync->count; i++)
        (void)write_message(resync, &resync->out[i]);
    if (resync->count > 0 && pu_buf_append(&resync->body, "]", 1) != PU_OK)
        pu_resync_return(resync);
    return resync->count;
}

struct pu_span pu_resync_body(const struct pu_resync *resync)
{
    return (struct pu_span){resync->body.bytes, resync->body.length};
}

void pu_resync_return(struct pu_resync *resync)
{
    for (size_t i = 0; i < resync->count; i++) {
        if (resync->out[i].channel != NULL)
            pu_gaps_return(resync->gaps, &resync->out[i]);
    }
    resync->count = 0;
}

static void give_up(struct pu_resync *resync, struct pu_gap *gap, long status, struct pu_span why)
{
    struct pu_outcome outcome = {.kind = PU_OUTCOME_REJECTED, .result = PU_ERESYNC, .status = status, .count = 1};

    pu_ledger_tell(resync->ledger, outcome, (struct pu_span){gap->channel, gap->length}, why);
    pu_ledger_failed(resync->ledger, why);
    pu_ledger_add(resync->ledger, PU_COUNT_UNTOLD, 1);
    pu_gaps_forgo(resync->gaps, gap);
}

struct reading {
    struct pu_resync *resync;
    size_t seen;
    size_t matched;
    bool answered[MOST];
    unsigned refusals;
};

/* The place of the gap whose message has this id. */
static bool find(const struct pu_resync *resync, struct pu_span id, size_t *place)
{
    uint64_t first = resync->next_number - resync->count;
    uint64_t number;

    if (id.length == 0 || !pu_id_read(resync->source, SERIES, id.bytes, id.length, &number) || number < first ||
        number - first >= resync->count)
        return false;
    *place = (size_t)(number - first);
    return true;
}

static void read_reply(void *context, const struct pu_reply *reply)
{
    struct reading *reading = context;
    struct pu_resync *resync = reading->resync;
    struct pu_gap *gap;
    size_t place;

    reading->seen++;
    if (!find(resync, reply->id, &place))
        return;
    reading->matched++;
    gap = &resync->out[place];
    if (reading->answered[place])
        return;
    reading->answered[place] = true;
    if (reply->successful) {
        pu_gaps_told(resync->gaps, gap);
        pu_ledger_add(resync->ledger, PU_COUNT_RESYNCS, 1);
    } else if (pu_reply_passing(reply) && ++gap->refused < TRIES) {
        if (gap->refused > reading->refusals)
            reading->refusals = gap->refused;
    } else {
        give_up(resync, gap, 0, reply->error.length > 0 ? reply->error : pu_span_of("refused without a reason"));
    }
}

enum pu_result pu_resync_read(struct pu_resync *resync, const struct pu_http_answer *answer, unsigned *refusals)
{
    struct reading reading = {.resync = resync};
    enum pu_result result = pu_reply_read(answer->body, answer->length, read_reply, &reading);

    if (result == PU_OK && reading.seen > 0 && reading.matched == 0)
        result = PU_EREPLY;
    for (size_t i = 0; result == PU_OK && i < resync->count; i++) {
        if (!reading.answered[i])
            give_up(resync, &resync->out[i], 0, pu_span_of("no reply for this message"));
    }
    if (result == PU_OK)
        resync->most = resync->most > MOST / 2 ? MOST : resync->most * 2;
    pu_resync_return(resync);
    *refusals = reading.refusals;
    return result;
}

void pu_resync_split(struct pu_resync *resync, long status, struct pu_span why)
{
    if (resync->count == 1)
        give_up(resync, &resync->out[0], status, why);
    else
        resync->most = resync->count / 2;
    pu_resync_return(resync);
}
