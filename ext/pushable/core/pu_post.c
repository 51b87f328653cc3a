#include "pu_post.h"

#include <string.h>

#include "pu_bayeux.h"
#include "pu_buf.h"
#include "pu_clock.h"
#include "pu_reply.h"
#include "pu_retry.h"

#define LONGEST_WAIT INT64_C(60000) /* the client knows its own timeouts */

struct acknowledgement {
    const char *id;
    struct pu_reply reply; /* the one to our message; id absent: none */
};

static void find_reply(void *context, const struct pu_reply *reply)
{
    struct acknowledgement *own = context;

    if (reply->id.length == strlen(own->id) && memcmp(reply->id.bytes, own->id, reply->id.length) == 0)
        own->reply = *reply;
}

/* NULL: interrupted. */
static const struct pu_http_answer *exchange(const struct pu_post *post, const struct pu_buf *body, bool fresh)
{
    const struct pu_http_answer *answer = NULL;

    pu_http_post(post->http, body->bytes, body->length, fresh);
    for (;;) {
        answer = pu_http_step(post->http);
        if (answer != NULL)
            break;
        if (atomic_exchange(post->interrupted, false)) {
            pu_http_cancel(post->http);
            return NULL;
        }
        pu_http_wait(post->http, LONGEST_WAIT);
    }
    pu_ledger_add(post->ledger, PU_COUNT_CONNECTIONS, (uint64_t)answer->connections);
    return answer;
}

static enum pu_result judge(const struct pu_http_answer *answer, const char *id, struct pu_outcome *outcome)
{
    struct acknowledgement own = {.id = id};
    struct pu_retry retry = pu_retry_decide(answer, 0);
    struct pu_span text = pu_span_of(answer->text);
    enum pu_result result = retry.result;

    if (retry.action == PU_RETRY_READ) {
        result = pu_reply_read(answer->body, answer->length, find_reply, &own);
        if (result == PU_OK && own.reply.id.length == 0)
            result = PU_EREPLY;
        if (result == PU_OK && !own.reply.successful)
            result = PU_EREJECTED;
        text = own.reply.error.length > 0 ? own.reply.error : pu_span_of(pu_result_text(result));
    }
    outcome->status = answer->status;
    if (result != PU_OK)
        pu_outcome_set(outcome->text, sizeof(outcome->text), text);
    return result;
}

static enum pu_result post_body(const struct pu_post *post, const struct pu_buf *body, const char *id,
                                struct pu_outcome *outcome)
{
    const struct pu_http_answer *answer = exchange(post, body, false);

    if (answer != NULL && pu_retry_decide(answer, 0).action == PU_RETRY_FRESH)
        answer = exchange(post, body, true);
    if (answer == NULL)
        return PU_EINTERRUPTED;
    return judge(answer, id, outcome);
}

static void count(const struct pu_post *post, enum pu_result result, const struct pu_outcome *outcome)
{
    struct pu_ledger *ledger = post->ledger;

    if (result == PU_OK) {
        pu_ledger_add(ledger, PU_COUNT_DELIVERED, 1);
        pu_ledger_add(ledger, PU_COUNT_BATCHES, 1);
        pu_ledger_add(ledger, PU_COUNT_BYTES, outcome->bytes);
        pu_ledger_succeeded(ledger);
        pu_ledger_delivered(ledger, *outcome);
        return;
    }
    pu_ledger_add(ledger, result == PU_EREJECTED ? PU_COUNT_REJECTED : PU_COUNT_ABANDONED, 1);
    pu_ledger_failed(ledger, pu_span_of(outcome->text));
}

enum pu_result pu_post_message(const struct pu_post *post, const struct pu_message *message, const char *id,
                               struct pu_outcome *outcome)
{
    struct pu_outcome made = {.count = 1};
    int64_t begun_at = pu_clock_monotonic_ms();
    enum pu_result result;
    struct pu_buf body;

    pu_buf_init(&body, post->max_message_bytes + 2);
    pu_buf_append(&body, "[", 1);
    pu_bayeux_write(&body, message, id);
    result = pu_buf_append(&body, "]", 1);
    if (result == PU_OK) {
        result = post_body(post, &body, id, &made);
        made.milliseconds = pu_clock_monotonic_ms() - begun_at;
        made.bytes = body.length;
        if (result != PU_EINTERRUPTED)
            count(post, result, &made);
    }
    pu_buf_cleanup(&body);
    if (result != PU_OK) {
        made.kind = result == PU_EREJECTED ? PU_OUTCOME_REJECTED : PU_OUTCOME_DROPPED;
        made.result = result;
        made.bytes = 0;
        made.milliseconds = 0;
        pu_outcome_set(made.channel, sizeof(made.channel), message->channel);
        *outcome = made;
    }
    return result;
}
