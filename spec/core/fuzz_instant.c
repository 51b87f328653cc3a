/* fuzz_instant.c - texts that a database may hold where an instant or a day should be.
 *
 * What is read as one is such a text to the C library, too, and is written again as it stood there.
 */
#include "fuzz_support.h"

#include <stdio.h>
#include <time.h>

#include "pu_instant.h"

#define SECONDS 19 /* the length of a text without a fraction */

static void check_format(struct pu_instant instant, const char *expected, unsigned digits)
{
    char *place = malloc(PU_INSTANT_TEXT); /* of the exact size, for the sanitizers */
    size_t length = pu_instant_format(place, instant, 0, true, digits);

    expect(length == strlen(expected) && memcmp(place, expected, length) == 0);
    free(place);
}

/* The day, hour, minute and second as numbers, read and judged by timegm. */
static bool is_time(const char *text, time_t *second)
{
    struct tm parts = {0};
    struct tm again;
    int end = 0;

    if (sscanf(text, "%4d-%2d-%2d %2d:%2d:%2d%n", &parts.tm_year, &parts.tm_mon, &parts.tm_mday, &parts.tm_hour,
               &parts.tm_min, &parts.tm_sec, &end) != 6 ||
        end != SECONDS)
        return false;
    parts.tm_year -= 1900;
    parts.tm_mon--;
    again = parts;
    *second = timegm(&again);
    return again.tm_year == parts.tm_year && again.tm_mon == parts.tm_mon && again.tm_mday == parts.tm_mday &&
           again.tm_hour == parts.tm_hour && again.tm_min == parts.tm_min && again.tm_sec == parts.tm_sec;
}

static void check_instant(const char *text, size_t length, struct pu_instant instant)
{
    char expected[64] = {0};
    time_t second = 0;
    unsigned digits = length > SECONDS ? (unsigned)(length - SECONDS - 1) : 0;

    expect(length <= SECONDS + 7);
    memcpy(expected, text, length);
    expect(is_time(expected, &second));
    expect(instant.second == second && instant.nanosecond < 1000000000);
    expected[10] = 'T';
    expected[length] = 'Z';
    check_format(instant, expected, digits);
}

/* Any instant and offset, whose text is that of the moved instant, or none. */
static void check_any(const uint8_t *bytes, size_t length)
{
    struct pu_instant instant = {0, 0};
    int32_t offset = 0;
    char place[PU_INSTANT_TEXT];
    size_t written;

    if (length < 16)
        return;
    memcpy(&instant.second, bytes, 8);
    memcpy(&instant.nanosecond, bytes + 8, 4);
    memcpy(&offset, bytes + 12, 4);
    instant.second %= INT64_C(300000000000);
    instant.nanosecond %= 1000000000;
    offset %= 86400;
    written = pu_instant_format(place, instant, offset, bytes[0] % 2 == 0, bytes[1] % 10);
    expect(written <= sizeof(place));
    if (written > 0) {
        char text[64] = {0};
        time_t second = 0;
        memcpy(text, place, SECONDS);
        text[10] = ' ';
        expect(is_time(text, &second) && second == instant.second + offset);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char *text = exact_copy(bytes, length);
    struct pu_instant instant = {0, 0};

    if (pu_instant_parse(text, length, &instant))
        check_instant(text, length, instant);
    if (pu_date_is(text, length)) {
        char whole[SECONDS + 1];
        snprintf(whole, sizeof(whole), "%.10s 00:00:00", text);
        expect(length == PU_DATE_TEXT && pu_instant_parse(whole, SECONDS, &instant));
        check_instant(whole, SECONDS, instant);
    }
    check_any(bytes, length);
    free(text);
    return 0;
}
