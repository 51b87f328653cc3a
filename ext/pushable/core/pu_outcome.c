#include "pu_outcome.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "pu_text.h"

#define PLACES ((size_t)64)

struct pu_outcomes {
    pthread_mutex_t mutex;
    size_t first;
    size_t count;
    struct pu_outcome places[PLACES];
};

void pu_outcome_set(char *field, size_t room, struct pu_span text)
{
    size_t length = text.length;
    bool valid;

    if (length > room - 1) {
        length = room - 1;
        while (length > 0 && ((unsigned char)text.bytes[length] & 0xC0) == 0x80)
            length--;
    }
    valid = pu_text_valid(text.bytes, length);
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text.bytes[i];

        field[i] = text.bytes[i];
        if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !valid))
            field[i] = '?';
    }
    field[length] = '\0';
}

enum pu_result pu_outcomes_new(struct pu_outcomes **outcomes)
{
    enum pu_result result = PU_ENOMEM;
    struct pu_outcomes *made = calloc(1, sizeof(*made));

    if (made == NULL || pthread_mutex_init(&made->mutex, NULL) != 0)
        goto done;
    *outcomes = made;
    made = NULL;
    result = PU_OK;
done:
    free(made);
    return result;
}

void pu_outcomes_free(struct pu_outcomes *outcomes)
{
    if (outcomes == NULL)
        return;
    pthread_mutex_destroy(&outcomes->mutex);
    free(outcomes);
}

static struct pu_outcome *place_at(struct pu_outcomes *outcomes, size_t i)
{
    return &outcomes->places[(outcomes->first + i) % PLACES];
}

static bool equal(const struct pu_outcome *a, const struct pu_outcome *b)
{
    return a->kind == b->kind && a->kind != PU_OUTCOME_DELIVERED && a->result == b->result && a->status == b->status &&
           strcmp(a->text, b->text) == 0;
}

/* The one that the new outcome is counted into, or NULL: then there is room for it. The last places are kept for kinds
 * that are not there yet, so one of each always fits.
 */
static struct pu_outcome *place_to_merge(struct pu_outcomes *outcomes, const struct pu_outcome *outcome)
{
    if (outcomes->count > 0 && equal(place_at(outcomes, outcomes->count - 1), outcome))
        return place_at(outcomes, outcomes->count - 1);
    if (outcomes->count < PLACES - PU_OUTCOME_KINDS)
        return NULL;
    for (size_t i = outcomes->count; i-- > 0;) {
        if (place_at(outcomes, i)->kind == outcome->kind)
            return place_at(outcomes, i);
    }
    return NULL;
}

void pu_outcomes_add(struct pu_outcomes *outcomes, const struct pu_outcome *outcome)
{
    struct pu_outcome *merged;

    pthread_mutex_lock(&outcomes->mutex);
    merged = place_to_merge(outcomes, outcome);
    if (merged == NULL) {
        *place_at(outcomes, outcomes->count++) = *outcome;
    } else {
        merged->count += outcome->count;
        merged->bytes += outcome->bytes;
        merged->milliseconds += outcome->milliseconds;
        if (strcmp(merged->channel, outcome->channel) != 0)
            merged->channel[0] = '\0';
    }
    pthread_mutex_unlock(&outcomes->mutex);
}

bool pu_outcomes_take(struct pu_outcomes *outcomes, struct pu_outcome *outcome)
{
    bool waiting;

    pthread_mutex_lock(&outcomes->mutex);
    waiting = outcomes->count > 0;
    if (waiting) {
        *outcome = *place_at(outcomes, 0);
        outcomes->first = (outcomes->first + 1) % PLACES;
        outcomes->count--;
    }
    pthread_mutex_unlock(&outcomes->mutex);
    return waiting;
}

bool pu_outcomes_waiting(struct pu_outcomes *outcomes)
{
    bool waiting;

    pthread_mutex_lock(&outcomes->mutex);
    waiting = outcomes->count > 0;
    pthread_mutex_unlock(&outcomes->mutex);
    return waiting;
}
