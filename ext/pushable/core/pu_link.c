#include "pu_link.h"

#include <inttypes.h>
#include <stdio.h>

#include "pu_clock.h"

#define DOWN_AFTER 5       /* failures in a row */
#define LOST_CONNECTIONS 3 /* in a row: the server does not keep connections, so stop trying */
#define SUSPECTED 4        /* deaths in a row with one message alone, after it came under suspicion */

static const struct pu_span nowhere = {NULL, 0};

void pu_link_init(struct pu_link *link, struct pu_ledger *ledger)
{
    *link = (struct pu_link){.ledger = ledger, .last_result = PU_EUNREACHABLE};
    pu_random_seed(&link->random);
}

bool pu_link_fresh(const struct pu_link *link)
{
    return link->fresh || link->lost >= LOST_CONNECTIONS;
}

struct pu_retry pu_link_ended(struct pu_link *link, const struct pu_http_answer *answer, uint64_t count)
{
    struct pu_retry retry;

    link->fresh = false;
    pu_ledger_add(link->ledger, PU_COUNT_CONNECTIONS, (uint64_t)answer->connections);
    if (pu_retry_died(answer))
        link->deaths++;
    retry = pu_retry_decide(answer, link->deaths);
    if (retry.action == PU_RETRY_FRESH) {
        link->fresh = true;
        link->lost++;
        pu_ledger_add(link->ledger, PU_COUNT_RETRIES, 1);
    } else if (retry.action == PU_RETRY_LATER || retry.action == PU_RETRY_FIX) {
        pu_link_failed(link, retry, answer, count);
    }
    return retry;
}

static void go_down(struct pu_link *link, const struct pu_http_answer *answer, uint64_t count)
{
    struct pu_outcome outcome = {
        .kind = PU_OUTCOME_DOWN, .result = link->last_result, .status = answer->status, .count = count};

    link->down = true;
    link->down_since = pu_clock_monotonic_ms();
    pu_ledger_set_down(link->ledger, true);
    pu_ledger_tell(link->ledger, outcome, nowhere, pu_span_of(answer->text));
}

static void pause_for(struct pu_link *link, unsigned tries, bool slow, int64_t asked_ms)
{
    link->resume_at = pu_clock_monotonic_ms() + pu_retry_pause_ms(tries, slow, asked_ms, pu_random_next(&link->random));
}

/* One word to the application per outage: that it began, and when it turns out to be a long one, that too. */
void pu_link_failed(struct pu_link *link, struct pu_retry retry, const struct pu_http_answer *answer, uint64_t count)
{
    bool slow = retry.action == PU_RETRY_FIX;

    link->failures++;
    link->last_result = retry.result;
    pause_for(link, link->failures, slow, answer->retry_after_ms);
    pu_ledger_add(link->ledger, PU_COUNT_RETRIES, 1);
    pu_ledger_failed(link->ledger, pu_span_of(answer->text));
    if (link->down)
        return;
    if (slow || link->failures >= DOWN_AFTER) {
        go_down(link, answer, count);
    } else if (!link->told) {
        struct pu_outcome outcome = {
            .kind = PU_OUTCOME_RETRY, .result = retry.result, .status = answer->status, .count = count};

        pu_ledger_tell(link->ledger, outcome, nowhere, pu_span_of(answer->text));
    }
    link->told = true;
}

static void come_up(struct pu_link *link, const struct pu_http_answer *answer)
{
    struct pu_outcome outcome = {.kind = PU_OUTCOME_UP, .result = PU_OK, .status = answer->status};
    char text[64];

    (void)snprintf(text, sizeof(text), "after %" PRId64 " s", (pu_clock_monotonic_ms() - link->down_since) / 1000);
    link->down = false;
    pu_ledger_set_down(link->ledger, false);
    pu_ledger_tell(link->ledger, outcome, nowhere, pu_span_of(text));
}

void pu_link_succeeded(struct pu_link *link, const struct pu_http_answer *answer, bool exonerated)
{
    bool was_down = link->down;

    pu_ledger_succeeded(link->ledger);
    link->failures = link->suspected = 0;
    link->told = false;
    if (answer->reused || was_down)
        link->lost = 0;
    if (!was_down && exonerated)
        pu_link_forgive(link);
    if (was_down)
        come_up(link, answer);
}

bool pu_link_suspect(struct pu_link *link)
{
    return ++link->suspected >= SUSPECTED;
}

void pu_link_forgive(struct pu_link *link)
{
    link->deaths = link->suspected = 0;
}

void pu_link_rest(struct pu_link *link, unsigned tries)
{
    pause_for(link, tries, false, 0);
}

int64_t pu_link_pause(struct pu_link *link)
{
    int64_t pause = link->resume_at > 0 ? link->resume_at - pu_clock_monotonic_ms() : 0;

    if (pause > 0)
        return pause;
    link->resume_at = 0;
    return 0;
}

void pu_link_hurry(struct pu_link *link)
{
    link->resume_at = 0;
}
