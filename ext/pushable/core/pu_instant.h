/* pu_instant.h - instants and dates as text: ISO 8601 as as_json writes it, and the form databases give.
 *
 * The calendar is the Gregorian one, also before its time, as Ruby's Time has it.
 * Threads:  pure functions. Call no Ruby API: safe without the GVL.
 * Memory:   the caller's, of the sizes given here. No NUL is written.
 */
#ifndef PU_INSTANT_H
#define PU_INSTANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pu_instant {
    int64_t second;      /* since 1970-01-01 00:00:00 UTC */
    uint32_t nanosecond; /* of that second, below 10^9 */
};

/* pu_instant_parse - Read "2026-01-02 03:04:05", or with a point and one to six digits behind it, as UTC. Returns
 * whether text is of that form and there is such a time, in the years 1 to 9999; instant is written only then.
 */
bool pu_instant_parse(const char *text, size_t length, struct pu_instant *instant);

/* pu_instant_format - "2026-01-02T03:04:05.678Z", or with "+09:00" for a Z.
 *
 * place - room for PU_INSTANT_TEXT bytes; offset - seconds that the zone is ahead of UTC, of which whole minutes show;
 * utc - whether a Z stands for the offset; digits - of the fraction, 0 to 9: the rest is cut, not rounded.
 * Returns the length, or 0 for a year before 1 or after 9999 (then nothing is written).
 */
#define PU_INSTANT_TEXT 36
size_t pu_instant_format(char *place, struct pu_instant instant, int32_t offset, bool utc, unsigned digits);

/* pu_date_is - Whether text is "2026-01-02" and there is such a day, in the years 1 to 9999. */
#define PU_DATE_TEXT 10
bool pu_date_is(const char *text, size_t length);

/* pu_date_format - "2026-01-02": always PU_DATE_TEXT bytes. The year is from 1 to 9999, the day one that there is. */
void pu_date_format(char *place, unsigned year, unsigned month, unsigned day);

#endif
