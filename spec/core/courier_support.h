/* courier_support.h - a courier at work in a thread of its own, and what it said. */
#ifndef COURIER_SUPPORT_H
#define COURIER_SUPPORT_H

#include <pthread.h>

#include "fault_server.h"
#include "pu_courier.h"
#include "pu_outcome.h"

#define MOST_OUTCOMES 256
#define GENEROUS_MS 20000

struct worker {
    struct pu_courier *courier;
    pthread_t thread;
    pthread_mutex_t mutex;
    struct pu_outcome outcomes[MOST_OUTCOMES];
    size_t outcome_count;
    int interruptions;
};

/* Good for a local server; times long enough for a busy machine. The URL is in static memory, of the newest call. */
struct pu_courier_options courier_options(int port);

/* A courier whose loop runs in a thread until worker_stop. */
struct worker *worker_start(const struct pu_courier_options *options);

/* Waits for the loop to end; returns after how many milliseconds. worker_free afterwards. */
int64_t worker_stop(struct worker *worker, int64_t timeout_ms);
void worker_free(struct worker *worker);

/* One message with {"n":number,"w":"word"}, word may be NULL. */
enum pu_result push_number(struct pu_courier *courier, long number, const char *word);

/* The same to any channel. */
enum pu_result push_to(struct pu_courier *courier, const char *channel, long number, const char *word);

/* first, first + 1, … each accepted. */
void push_numbers(struct pu_courier *courier, long first, long count);

struct pu_courier_stats stats_of(struct pu_courier *courier);

/* Waits up to GENEROUS_MS; fails the test with what was waited for. */
#define wait_until(condition)                                                                                          \
    do {                                                                                                               \
        int64_t wait_deadline = pu_clock_monotonic_ms() + GENEROUS_MS;                                                 \
        while (!(condition)) {                                                                                         \
            if (pu_clock_monotonic_ms() > wait_deadline)                                                               \
                fail_msg("waited in vain for: %s", #condition);                                                        \
            short_pause();                                                                                             \
        }                                                                                                              \
    } while (0)

void short_pause(void);

/* How many outcomes of this kind were reported so far (not messages). */
size_t outcomes_of(struct worker *worker, enum pu_outcome_kind kind);

/* A copy of the newest of this kind; fails the test when there is none. */
struct pu_outcome outcome_of(struct worker *worker, enum pu_outcome_kind kind);

/* The messages counted in outcomes of this kind. */
uint64_t messages_in(struct worker *worker, enum pu_outcome_kind kind);

/* The server took exactly first … first + count - 1, in order, each once. */
void assert_taken_in_order(struct fault_server *server, long first, long count);

#endif
