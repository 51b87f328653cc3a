/* fuzz_number.c - any number as text, against the C library and exact arithmetic. */
#include "fuzz_support.h"

#include <stdio.h>

#include "pu_json.h"
#include "pu_number.h"

/* With a NUL, for the C library. */
struct text {
    char bytes[PU_NUMBER_TEXT + 1];
};

static struct text keep(const char *place, size_t length)
{
    struct text text;

    expect(length <= PU_NUMBER_TEXT);
    memcpy(text.bytes, place, length);
    text.bytes[length] = '\0';
    return text;
}

static void check_json(const struct text *text)
{
    struct pu_json *json;
    struct pu_buf buf;

    pu_buf_init(&buf, 100);
    expect(pu_json_new(&json) == PU_OK);
    pu_json_start(json, &buf);
    expect(pu_json_number(json, text->bytes, strlen(text->bytes)) == PU_OK);
    pu_json_free(json);
    pu_buf_cleanup(&buf);
}

static void check_integer(int64_t number)
{
    char *place = malloc(PU_NUMBER_TEXT); /* of the exact size, for the sanitizers */
    struct text text = keep(place, pu_number_integer(place, number));

    expect(strtoll(text.bytes, NULL, 10) == number);
    check_json(&text);
    free(place);
}

/* The same double to its last bit, the sign of zero included. */
static void check_double(double number)
{
    char *place = malloc(PU_NUMBER_TEXT);
    size_t length = pu_number_double(place, number);

    if (length > 0) {
        struct text text = keep(place, length);
        double read = strtod(text.bytes, NULL);
        expect(memcmp(&read, &number, sizeof(read)) == 0);
        check_json(&text);
    }
    free(place);
}

/* Without the point it is the digits again, when as many zeros follow as the scale has places more. */
static void check_scaled(int64_t digits, unsigned scale)
{
    char *place = malloc(PU_NUMBER_TEXT);
    struct text text = keep(place, pu_number_scaled(place, digits, scale));
    const char *point = strchr(text.bytes, '.');
    __extension__ __int128 read = 0;
    size_t places;

    expect(point != NULL);
    places = strlen(point + 1);
    expect(places == 1 || (places <= scale && point[places] != '0'));
    for (const char *byte = text.bytes; *byte != '\0'; byte++) {
        if (*byte >= '0' && *byte <= '9')
            read = read * 10 + (*byte - '0');
    }
    for (; places < scale; places++)
        read *= 10;
    for (; places > scale; places--) {
        expect(read % 10 == 0);
        read /= 10;
    }
    expect((*text.bytes == '-' ? -read : read) == digits);
    check_json(&text);
    free(place);
}

static void check_to_scaled(double number, unsigned scale)
{
    char text[64];
    int64_t digits;

    if (!pu_number_to_scaled(number, scale, &digits))
        return;
    expect(digits > -1000000000000000 && digits < 1000000000000000);
    snprintf(text, sizeof(text), "%llde-%u", (long long)digits, scale);
    expect(strtod(text, NULL) == number);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    int64_t integer;
    double number;
    unsigned scale;

    if (length < 1 + sizeof(integer))
        return -1;
    memcpy(&integer, bytes + 1, sizeof(integer));
    memcpy(&number, bytes + 1, sizeof(number));
    scale = bytes[0] % (PU_NUMBER_SCALE + 1);
    check_integer(integer);
    check_double(number);
    check_double((double)(integer % 100000000) / (double)(1 + bytes[0])); /* bits alone are seldom short as text */
    check_scaled(integer == INT64_MIN ? 0 : integer, scale);
    check_to_scaled(number, scale);
    check_to_scaled((double)(integer % 100000000) / 64, scale);
    return 0;
}
