#include "pu_number.h"

#include <math.h>
#include <string.h>

/* Below this every integer is a double, and no two decimals of as many digits are the same double. */
#define EXACT 1e15
/* Digits after the point that are tried. */
#define FRACTION 10

static const double powers[PU_NUMBER_SCALE + 1] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                   1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

/* "00" to "99": half the divisions. */
static const char pairs[] =
    "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"
    "5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";

size_t pu_number_integer(char *place, int64_t number)
{
    char digits[PU_NUMBER_TEXT];
    size_t first = sizeof(digits);
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;

    while (rest >= 10) {
        first -= 2;
        memcpy(digits + first, pairs + 2 * (rest % 100), 2);
        rest /= 100;
    }
    if (rest > 0 || first == sizeof(digits))
        digits[--first] = (char)('0' + rest);
    if (number < 0)
        digits[--first] = '-';
    memcpy(place, digits + first, sizeof(digits) - first);
    return sizeof(digits) - first;
}

size_t pu_number_scaled(char *place, int64_t digits, unsigned scale)
{
    size_t length = 0;
    uint64_t rest = digits < 0 ? 0 - (uint64_t)digits : (uint64_t)digits;
    uint64_t unit = 1;

    while (scale > 1 && rest % 10 == 0) {
        rest /= 10;
        scale--;
    }
    for (unsigned i = 0; i < scale; i++)
        unit *= 10;
    if (digits < 0)
        place[length++] = '-';
    length += pu_number_integer(place + length, (int64_t)(rest / unit));
    place[length++] = '.';
    rest %= unit;
    if (scale == 0)
        place[length++] = '0';
    for (unsigned i = scale; i > 0; i--) {
        place[length + i - 1] = (char)('0' + rest % 10);
        rest /= 10;
    }
    return length + scale;
}

bool pu_number_to_scaled(double number, unsigned scale, int64_t *digits)
{
    double scaled = number * powers[scale];
    int64_t whole;

    if (!(fabs(scaled) < EXACT)) /* nor for what is no number */
        return false;
    whole = (int64_t)(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
    /* A quotient of two exact numbers is rounded once, as a reader of its digits rounds. */
    if ((double)whole / powers[scale] != number) // NOLINT(clang-diagnostic-float-equal)
        return false;
    *digits = whole;
    return true;
}

size_t pu_number_double(char *place, double number)
{
    double size = fabs(number);
    int64_t digits;

    if (size == 0) { // NOLINT(clang-diagnostic-float-equal)
        size_t sign = signbit(number) ? 1 : 0;
        place[0] = '-';
        return sign + pu_number_scaled(place + sign, 0, 0);
    }
    if (!(size >= 1e-4 && size < EXACT))
        return 0;
    for (unsigned scale = 0; scale <= FRACTION; scale++) {
        if (pu_number_to_scaled(number, scale, &digits))
            return pu_number_scaled(place, digits, scale);
    }
    return 0;
}

unsigned pu_number_significant(int64_t digits)
{
    unsigned count = 0;

    if (digits == 0)
        return 0;
    while (digits % 10 == 0)
        digits /= 10;
    for (; digits != 0; digits /= 10)
        count++;
    return count;
}
