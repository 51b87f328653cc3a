#include "pu_ledger.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "pu_clock.h"

struct pu_ledger {
    atomic_uint_fast64_t counts[PU_COUNTS];
    atomic_bool listens;
    struct pu_outcomes *outcomes;
    pthread_mutex_t mutex;
    struct pu_ledger_state state; /* under the mutex */
};

enum pu_result pu_ledger_new(struct pu_ledger **ledger)
{
    enum pu_result result = PU_ENOMEM;
    struct pu_ledger *made = calloc(1, sizeof(*made));

    if (made == NULL || pthread_mutex_init(&made->mutex, NULL) != 0)
        goto done;
    result = pu_outcomes_new(&made->outcomes);
    if (result != PU_OK) {
        pthread_mutex_destroy(&made->mutex);
        goto done;
    }
    *ledger = made;
    made = NULL;
done:
    free(made);
    return result;
}

void pu_ledger_free(struct pu_ledger *ledger)
{
    if (ledger == NULL)
        return;
    pu_outcomes_free(ledger->outcomes);
    pthread_mutex_destroy(&ledger->mutex);
    free(ledger);
}

void pu_ledger_add(struct pu_ledger *ledger, enum pu_count count, uint64_t added)
{
    atomic_fetch_add_explicit(&ledger->counts[count], added, memory_order_relaxed);
}

uint64_t pu_ledger_count(struct pu_ledger *ledger, enum pu_count count)
{
    return atomic_load_explicit(&ledger->counts[count], memory_order_relaxed);
}

void pu_ledger_state(struct pu_ledger *ledger, struct pu_ledger_state *state)
{
    pthread_mutex_lock(&ledger->mutex);
    *state = ledger->state;
    pthread_mutex_unlock(&ledger->mutex);
}

void pu_ledger_failed(struct pu_ledger *ledger, struct pu_span why)
{
    pthread_mutex_lock(&ledger->mutex);
    pu_outcome_set(ledger->state.last_error, sizeof(ledger->state.last_error), why);
    pthread_mutex_unlock(&ledger->mutex);
}

void pu_ledger_succeeded(struct pu_ledger *ledger)
{
    int64_t now = pu_clock_stamp();

    pthread_mutex_lock(&ledger->mutex);
    ledger->state.last_success_at = now;
    pthread_mutex_unlock(&ledger->mutex);
}

void pu_ledger_set_down(struct pu_ledger *ledger, bool down)
{
    int64_t now = pu_clock_stamp();

    pthread_mutex_lock(&ledger->mutex);
    ledger->state.down = down;
    ledger->state.down_since = down ? now : 0;
    pthread_mutex_unlock(&ledger->mutex);
}

void pu_ledger_tell(struct pu_ledger *ledger, struct pu_outcome outcome, struct pu_span channel, struct pu_span text)
{
    pu_outcome_set(outcome.channel, sizeof(outcome.channel), channel);
    pu_outcome_set(outcome.text, sizeof(outcome.text), text);
    pu_outcomes_add(ledger->outcomes, &outcome);
}

void pu_ledger_delivered(struct pu_ledger *ledger, struct pu_outcome outcome)
{
    outcome.kind = PU_OUTCOME_DELIVERED;
    outcome.result = PU_OK;
    if (atomic_load_explicit(&ledger->listens, memory_order_relaxed))
        pu_outcomes_add(ledger->outcomes, &outcome);
}

void pu_ledger_listen(struct pu_ledger *ledger, bool listen)
{
    atomic_store_explicit(&ledger->listens, listen, memory_order_relaxed);
}

bool pu_ledger_take(struct pu_ledger *ledger, struct pu_outcome *outcome)
{
    return pu_outcomes_take(ledger->outcomes, outcome);
}

bool pu_ledger_waiting(struct pu_ledger *ledger)
{
    return pu_outcomes_waiting(ledger->outcomes);
}
