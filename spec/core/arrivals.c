#include "test_support.h"

#include "arrivals.h"

static void keep(void *context, const char *message, size_t length)
{
    struct arrivals *arrivals = context;

    pthread_mutex_lock(&arrivals->mutex);
    if (arrivals->count < MOST_ARRIVALS)
        arrivals->arrivals[arrivals->count++] = arrival_of(message, length);
    pthread_mutex_unlock(&arrivals->mutex);
}

struct arrivals *arrivals_new(void)
{
    struct arrivals *arrivals = calloc(1, sizeof(*arrivals));

    if (arrivals == NULL)
        abort();
    pthread_mutex_init(&arrivals->mutex, NULL);
    return arrivals;
}

void arrivals_free(struct arrivals *arrivals)
{
    pthread_mutex_destroy(&arrivals->mutex);
    free(arrivals);
}

struct fault_server *arrivals_server(struct arrivals *arrivals)
{
    return fault_server_open(&(struct fault_options){.taken = keep, .context = arrivals});
}

struct arrival arrival_of(const char *message, size_t length)
{
    static const char start[] = "{\"channel\":\"";
    const char *channel = message + sizeof(start) - 1;
    const char *number = memmem(message, length, "{\"n\":", 5);
    struct arrival arrival = {.resync = memmem(message, length, "\"event\":\"resync\"", 16) != NULL};

    (void)snprintf(arrival.channel, sizeof(arrival.channel), "%.*s", (int)strcspn(channel, "\""), channel);
    if (number != NULL)
        arrival.number = strtol(number + 5, NULL, 10);
    return arrival;
}

const char *arrivals_text(struct arrivals *arrivals)
{
    static char text[65536];
    size_t length = 0;

    text[0] = '\0';
    pthread_mutex_lock(&arrivals->mutex);
    for (size_t i = 0; i < arrivals->count && length < sizeof(text); i++) {
        const struct arrival *arrival = &arrivals->arrivals[i];
        const char *space = i > 0 ? " " : "";

        if (arrival->resync)
            length += (size_t)snprintf(text + length, sizeof(text) - length, "%sresync:%s", space, arrival->channel);
        else
            length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%ld", space, arrival->number);
    }
    pthread_mutex_unlock(&arrivals->mutex);
    return text;
}

size_t arrivals_resyncs(struct arrivals *arrivals, const char *channel)
{
    size_t found = 0;

    pthread_mutex_lock(&arrivals->mutex);
    for (size_t i = 0; i < arrivals->count; i++)
        found += arrivals->arrivals[i].resync && strcmp(arrivals->arrivals[i].channel, channel) == 0;
    pthread_mutex_unlock(&arrivals->mutex);
    return found;
}

void assert_gaps_told(struct arrivals *arrivals, const char *channel, long first, long last)
{
    bool untold = false;
    bool told = false; /* since the newest number */
    long next = first;

    for (size_t i = 0; i < arrivals->count; i++) {
        const struct arrival *arrival = &arrivals->arrivals[i];

        if (arrival->resync &&
            (strcmp(arrival->channel, channel) == 0 || strcmp(arrival->channel, "/sync/$all") == 0)) {
            told = true;
            untold = false;
        }
        if (arrival->resync || strcmp(arrival->channel, channel) != 0)
            continue;
        if (arrival->number < next)
            fail_msg("%s: %ld after %ld", channel, arrival->number, next - 1);
        untold = untold || (arrival->number > next && !told);
        next = arrival->number + 1;
        told = false;
    }
    if (untold || (next <= last && !told))
        fail_msg("%s: messages before %ld are lost, and nobody was told", channel, next);
}
