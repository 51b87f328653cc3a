#include "pu_id.h"

#include <string.h>

#include "pu_random.h"

void pu_id_source(char *source)
{
    static const char hex[] = "0123456789abcdef";
    struct pu_random random;
    uint64_t bits;

    pu_random_seed(&random);
    bits = pu_random_next(&random);
    for (size_t i = 0; i < PU_ID_SOURCE; i++) {
        source[i] = hex[bits & 15];
        bits >>= 4;
    }
    source[PU_ID_SOURCE] = '\0';
}

void pu_id_write(char *id, const char *source, const char *series, uint64_t number)
{
    char *place = id + PU_ID_SOURCE;

    memcpy(id, source, PU_ID_SOURCE);
    *place++ = '-';
    if (series[0] != '\0')
        *place++ = series[0];
    place[pu_number_integer(place, (int64_t)number)] = '\0';
}

/* At most 18 digits: no overflow, and more messages than a process lives to send. */
static bool read_number(const char *digits, size_t length, uint64_t *number)
{
    uint64_t read = 0;

    if (length == 0 || length > 18)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (digits[i] < '0' || digits[i] > '9')
            return false;
        read = read * 10 + (uint64_t)(digits[i] - '0');
    }
    *number = read;
    return true;
}

bool pu_id_read(const char *source, const char *series, const char *id, size_t length, uint64_t *number)
{
    size_t digits = PU_ID_SOURCE + 1 + (series[0] != '\0');

    return length > digits && memcmp(id, source, PU_ID_SOURCE) == 0 && id[PU_ID_SOURCE] == '-' &&
           (series[0] == '\0' || id[PU_ID_SOURCE + 1] == series[0]) &&
           read_number(id + digits, length - digits, number);
}
