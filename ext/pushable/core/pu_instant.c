#include "pu_instant.h"

#define DAY INT64_C(86400)
/* Days of 400 years, after which the calendar repeats, of a hundred and of four, each without the leap day that may
 * follow. */
#define DAYS_OF_400 INT64_C(146097)
#define DAYS_OF_100 36524
#define DAYS_OF_4 1461
/* From 0000-03-01 to 1970-01-01. A year that begins in March has its leap day at the end. */
#define EPOCH INT64_C(719468)
/* 0001-01-01 00:00:00 and 10000-01-01 00:00:00. */
#define FIRST_SECOND INT64_C(-62135596800)
#define END_SECOND INT64_C(253402300800)

struct civil {
    unsigned year, month, day;
};

static int64_t days_of(struct civil date)
{
    unsigned year = date.month <= 2 ? date.year - 1 : date.year; /* from 1 on: never below 0 */
    unsigned month = (date.month + 9) % 12;                      /* March is 0 */

    return 365 * (int64_t)year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + date.day - 1 - EPOCH;
}

/* days - since the epoch, not before 0000-03-01 */
static struct civil civil_of(int64_t days)
{
    int64_t since = days + EPOCH;
    unsigned in_400 = (unsigned)(since % DAYS_OF_400);
    unsigned year_of_400 =
        (in_400 - in_400 / (DAYS_OF_4 - 1) + in_400 / DAYS_OF_100 - in_400 / (unsigned)(DAYS_OF_400 - 1)) / 365;
    unsigned in_year = in_400 - (365 * year_of_400 + year_of_400 / 4 - year_of_400 / 100);
    unsigned month = (5 * in_year + 2) / 153; /* March is 0 */
    struct civil date = {.month = month < 10 ? month + 3 : month - 9, .day = in_year - (153 * month + 2) / 5 + 1};

    date.year = (unsigned)(since / DAYS_OF_400) * 400 + year_of_400 + (date.month <= 2 ? 1 : 0);
    return date;
}

static unsigned days_in(unsigned year, unsigned month)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return month == 2 && leap ? 29 : days[month - 1];
}

/* ---- writing ---- */

static char *put(char *place, unsigned number, unsigned digits)
{
    for (unsigned i = digits; i > 0; i--) {
        place[i - 1] = (char)('0' + number % 10);
        number /= 10;
    }
    return place + digits;
}

void pu_date_format(char *place, unsigned year, unsigned month, unsigned day)
{
    place = put(place, year, 4);
    *place++ = '-';
    place = put(place, month, 2);
    *place++ = '-';
    put(place, day, 2);
}

static char *put_offset(char *place, int32_t offset)
{
    unsigned minutes = (unsigned)(offset < 0 ? -offset : offset) / 60;

    *place++ = offset < 0 ? '-' : '+';
    place = put(place, minutes / 60, 2);
    *place++ = ':';
    return put(place, minutes % 60, 2);
}

static char *put_fraction(char *place, uint32_t nanosecond, unsigned digits)
{
    unsigned left = 9 - digits;

    for (; left > 0; left--)
        nanosecond /= 10;
    *place++ = '.';
    return put(place, nanosecond, digits);
}

size_t pu_instant_format(char *place, struct pu_instant instant, int32_t offset, bool utc, unsigned digits)
{
    char *start = place;
    int64_t local = instant.second + offset;
    int64_t days = local / DAY;
    int64_t rest = local % DAY;
    struct civil date;

    if (local < FIRST_SECOND || local >= END_SECOND)
        return 0;
    if (rest < 0) {
        rest += DAY;
        days--;
    }
    date = civil_of(days);
    pu_date_format(place, date.year, date.month, date.day);
    place += PU_DATE_TEXT;
    *place++ = 'T';
    place = put(place, (unsigned)(rest / 3600), 2);
    *place++ = ':';
    place = put(place, (unsigned)(rest % 3600 / 60), 2);
    *place++ = ':';
    place = put(place, (unsigned)(rest % 60), 2);
    if (digits > 0)
        place = put_fraction(place, instant.nanosecond, digits);
    if (utc)
        *place++ = 'Z';
    else
        place = put_offset(place, offset);
    return (size_t)(place - start);
}

/* ---- reading ---- */

/* Exactly so many digits. Returns whether, and steps past them. */
static bool take_number(const char **text, unsigned digits, unsigned *number)
{
    unsigned value = 0;

    for (unsigned i = 0; i < digits; i++) {
        char digit = (*text)[i];
        if (digit < '0' || digit > '9')
            return false;
        value = value * 10 + (unsigned)(digit - '0');
    }
    *text += digits;
    *number = value;
    return true;
}

static bool take(const char **text, char expected)
{
    return *(*text)++ == expected;
}

/* text has at least PU_DATE_TEXT bytes. */
static bool take_date(const char **text, struct civil *date)
{
    return take_number(text, 4, &date->year) && take(text, '-') && take_number(text, 2, &date->month) &&
           take(text, '-') && take_number(text, 2, &date->day) && date->year >= 1 && date->month >= 1 &&
           date->month <= 12 && date->day >= 1 && date->day <= days_in(date->year, date->month);
}

bool pu_date_is(const char *text, size_t length)
{
    struct civil date;

    return length == PU_DATE_TEXT && take_date(&text, &date);
}

/* A point and one to six digits, or nothing. */
static bool take_fraction(const char *text, size_t length, uint32_t *nanosecond)
{
    unsigned number = 0;
    size_t digits = length - 1;

    *nanosecond = 0;
    if (length == 0)
        return true;
    if (digits < 1 || digits > 6 || !take(&text, '.') || !take_number(&text, (unsigned)digits, &number))
        return false;
    for (; digits < 9; digits++)
        number *= 10;
    *nanosecond = number;
    return true;
}

bool pu_instant_parse(const char *text, size_t length, struct pu_instant *instant)
{
    const size_t whole = sizeof("2026-01-02 03:04:05") - 1;
    const char *place = text;
    struct civil date;
    unsigned hour;
    unsigned minute;
    unsigned second;
    uint32_t nanosecond;

    if (length < whole || !take_date(&place, &date) || !take(&place, ' ') || !take_number(&place, 2, &hour) ||
        !take(&place, ':') || !take_number(&place, 2, &minute) || !take(&place, ':') ||
        !take_number(&place, 2, &second) || !take_fraction(place, length - whole, &nanosecond))
        return false;
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    instant->second = days_of(date) * DAY + (int64_t)hour * 3600 + (int64_t)minute * 60 + second;
    instant->nanosecond = nanosecond;
    return true;
}
