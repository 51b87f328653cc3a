/* pu_random.h - small random numbers for ids and jitter; not for secrets.
 *
 * Threads:  one owner at a time. Calls no Ruby API: safe without the GVL.
 */
#ifndef PU_RANDOM_H
#define PU_RANDOM_H

#include <stdint.h>

struct pu_random {
    uint64_t state;
};

/* pu_random_seed - Begin at a place the system chooses (the clock and the process id where it has nothing to give). */
void pu_random_seed(struct pu_random *random);

/* pu_random_next - The next number; the same after the same state. Never fails. */
uint64_t pu_random_next(struct pu_random *random);

#endif
