#include "pu_clock.h"

#include <stdatomic.h>
#include <time.h>

/* Linux has a clock that costs a quarter and is exact to a few milliseconds. */
#ifdef CLOCK_MONOTONIC_COARSE
#define PU_CLOCK_WAITING CLOCK_MONOTONIC_COARSE
#else
#define PU_CLOCK_WAITING CLOCK_MONOTONIC
#endif

static _Atomic int64_t last_stamp;

int64_t pu_clock_stamp(void)
{
    struct timespec now;
    int64_t last = atomic_load_explicit(&last_stamp, memory_order_relaxed);
    int64_t stamp;

    clock_gettime(CLOCK_REALTIME, &now);
    do {
        stamp = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
        if (stamp <= last)
            stamp = last + 1;
    } while (
        !atomic_compare_exchange_weak_explicit(&last_stamp, &last, stamp, memory_order_relaxed, memory_order_relaxed));
    return stamp;
}

int64_t pu_clock_monotonic_ms(void)
{
    struct timespec now;

    clock_gettime(PU_CLOCK_WAITING, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
