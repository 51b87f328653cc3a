/* arrivals.h - what a fault server has taken, message by message, in order, resyncs included. */
#ifndef ARRIVALS_H
#define ARRIVALS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "fault_server.h"

#define MOST_ARRIVALS 60000

struct arrival {
    char channel[64];
    bool resync;
    long number; /* {"n":…}, or 0 */
};

struct arrivals {
    pthread_mutex_t mutex;
    size_t count;
    struct arrival arrivals[MOST_ARRIVALS];
};

struct arrivals *arrivals_new(void);
void arrivals_free(struct arrivals *arrivals);

/* A fault server that writes them down; stopped before they are freed. */
struct fault_server *arrivals_server(struct arrivals *arrivals);

/* The message as an arrival. */
struct arrival arrival_of(const char *message, size_t length);

/* All so far as one text, "5 6 resync:/sync/a 7"; static memory, until the next call. */
const char *arrivals_text(struct arrivals *arrivals);

size_t arrivals_resyncs(struct arrivals *arrivals, const char *channel);

/* Of the channel's numbers first … last, in order, each arrived or was followed by a resync sooner or later. */
void assert_gaps_told(struct arrivals *arrivals, const char *channel, long first, long last);

#endif
