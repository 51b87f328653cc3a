#include "pu_random.h"

#include <sys/random.h>
#include <time.h>
#include <unistd.h>

void pu_random_seed(struct pu_random *random)
{
    uint64_t state;

    if (getentropy(&state, sizeof(state)) != 0) {
        struct timespec now;

        clock_gettime(CLOCK_REALTIME, &now);
        state = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
        state ^= (uint64_t)getpid() << 32;
    }
    random->state = state;
}

/* SplitMix64. */
uint64_t pu_random_next(struct pu_random *random)
{
    uint64_t mixed = random->state += UINT64_C(0x9E3779B97F4A7C15);

    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94D049BB133111EB);
    return mixed ^ (mixed >> 31);
}
