/* pu_clock.h - the two clocks of the gem: one for stamps, one for waiting.
 *
 * Calls no Ruby API: any thread, with or without the GVL.
 */
#ifndef PU_CLOCK_H
#define PU_CLOCK_H

#include <stdint.h>

/* pu_clock_stamp - Microseconds since the epoch, strictly greater than every stamp given before in this process
 * (lock-free; also when the system's clock steps back). Never fails.
 */
int64_t pu_clock_stamp(void);

/* pu_clock_monotonic_ms - Milliseconds of a clock that never steps back, from an unspecified start; cheap, and
 * exact to a few milliseconds.
 */
int64_t pu_clock_monotonic_ms(void);

#endif
