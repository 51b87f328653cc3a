#include "pu_retry.h"

#include <limits.h>
#include <stddef.h>

#define FIRST_PAUSE INT64_C(100)
#define LONGEST_PAUSE INT64_C(10000)
#define LONGEST_ASKED INT64_C(60000)

/* Each status belongs to the first line that holds it. */
static const struct {
    long first;
    long last;
    struct pu_retry retry;
} by_status[] = {
    {200, 299, {PU_RETRY_READ, PU_OK}},
    /* Faye's word for a body that it cannot read: some message in it is to blame. */
    {400, 400, {PU_RETRY_SPLIT, PU_EREJECTED}},
    {422, 422, {PU_RETRY_SPLIT, PU_EREJECTED}},
    /* Too large, says a proxy. */
    {413, 414, {PU_RETRY_SPLIT_OFF, PU_EREJECTED}},
    {431, 431, {PU_RETRY_SPLIT_OFF, PU_EREJECTED}},
    /* Too slow, too early, too many. */
    {408, 408, {PU_RETRY_LATER, PU_ESTATUS}},
    {425, 425, {PU_RETRY_LATER, PU_ESTATUS}},
    {429, 429, {PU_RETRY_LATER, PU_ESTATUS}},
    /* Does not know POST: some other server. Its neighbours are a server in trouble. */
    {501, 501, {PU_RETRY_FIX, PU_ESTATUS}},
    {500, 599, {PU_RETRY_LATER, PU_ESTATUS}},
    /* Redirects, keys, paths: 301, 401, 403, 404, 405, 407. */
    {LONG_MIN, LONG_MAX, {PU_RETRY_FIX, PU_ESTATUS}},
};

static struct pu_retry decide_by_status(long status)
{
    size_t i = 0;

    while (status < by_status[i].first || status > by_status[i].last)
        i++;
    return by_status[i].retry;
}

bool pu_retry_died(const struct pu_http_answer *answer)
{
    return answer->end == PU_HTTP_BROKEN && !answer->reused && answer->uploaded;
}

static struct pu_retry decide_broken(const struct pu_http_answer *answer, unsigned deaths)
{
    if (answer->reused)
        return (struct pu_retry){PU_RETRY_FRESH, PU_EUNREACHABLE};
    if (deaths >= PU_RETRY_DEADLY && pu_retry_died(answer))
        return (struct pu_retry){PU_RETRY_SPLIT, PU_EREJECTED};
    return (struct pu_retry){PU_RETRY_LATER, PU_EUNREACHABLE};
}

struct pu_retry pu_retry_decide(const struct pu_http_answer *answer, unsigned deaths)
{
    switch (answer->end) {
    case PU_HTTP_ANSWERED:
        return decide_by_status(answer->status);
    case PU_HTTP_BROKEN:
        return decide_broken(answer, deaths);
    case PU_HTTP_TIMEOUT:
        return (struct pu_retry){PU_RETRY_LATER, PU_ETIMEOUT};
    case PU_HTTP_TLS:
        return (struct pu_retry){PU_RETRY_FIX, PU_ETLS};
    case PU_HTTP_FOREIGN:
        return (struct pu_retry){PU_RETRY_FIX, PU_EREPLY};
    case PU_HTTP_UNREACHABLE:
        break;
    }
    return (struct pu_retry){PU_RETRY_LATER, PU_EUNREACHABLE};
}

int64_t pu_retry_pause_ms(unsigned failures, bool slow, int64_t asked_ms, uint64_t random)
{
    int64_t longest = LONGEST_PAUSE;
    int64_t pause;

    if (!slow && failures <= 7)
        longest = FIRST_PAUSE << (failures - 1);
    if (longest > LONGEST_PAUSE)
        longest = LONGEST_PAUSE;
    pause = longest / 2 + (int64_t)(random % (uint64_t)(longest / 2 + 1));
    if (asked_ms > LONGEST_ASKED)
        asked_ms = LONGEST_ASKED;
    return asked_ms > pause ? asked_ms : pause;
}
