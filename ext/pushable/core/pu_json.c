#include "pu_json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <yajl/yajl_gen.h>

#include "pu_number.h"
#include "pu_text.h"

/* A writer lives long: it does not keep the memory of one huge string. */
#define QUOTED_KEPT ((size_t)64 * 1024)

/* What may come next at one level of nesting. yajl keeps a state of its own but lets an array be closed as a map and a
 * map be closed after a key, and checks its depth one call too late: so the writer asks its own state first.
 */
enum expectation { EXPECT_DOCUMENT, EXPECT_NOTHING, EXPECT_KEY, EXPECT_VALUE, EXPECT_ELEMENT };

struct pu_json {
    yajl_gen generator;
    struct pu_buf *buf;   /* the caller's; NULL before the first document */
    struct pu_buf quoted; /* one string on its way */
    enum pu_result result;
    size_t depth;
    unsigned char levels[PU_JSON_MAX_DEPTH + 1]; /* enum expectation, by depth */
};

static void print(void *context, const char *bytes, size_t length)
{
    struct pu_json *json = context;
    struct pu_buf *buf = json->buf;

    if (length == 1 && buf->length < buf->capacity && buf->result == PU_OK) /* every other call is a quote or a comma */
        buf->bytes[buf->length++] = *bytes;
    else
        (void)pu_buf_append(buf, bytes, length); /* sticky: read after the call into yajl */
}

enum pu_result pu_json_new(struct pu_json **json)
{
    enum pu_result result = PU_ENOMEM;
    struct pu_json *made = calloc(1, sizeof(*made));

    if (made == NULL)
        goto done;
    made->result = PU_ESTATE; /* until pu_json_start */
    pu_buf_init(&made->quoted, SIZE_MAX);
    made->generator = yajl_gen_alloc(NULL);
    if (made->generator == NULL)
        goto done;
    /* Once per handle: a second call would free our context as if it were yajl's own buffer. */
    yajl_gen_config(made->generator, yajl_gen_print_callback, print, made);
    *json = made;
    made = NULL;
    result = PU_OK;
done:
    free(made);
    return result;
}

void pu_json_free(struct pu_json *json)
{
    if (json == NULL)
        return;
    yajl_gen_free(json->generator);
    pu_buf_cleanup(&json->quoted);
    free(json);
}

void pu_json_start(struct pu_json *json, struct pu_buf *buf)
{
    if (json->quoted.capacity > QUOTED_KEPT)
        pu_buf_cleanup(&json->quoted);
    yajl_gen_reset(json->generator, NULL);
    json->buf = buf;
    json->result = buf->result;
    json->depth = 0;
    json->levels[0] = EXPECT_DOCUMENT;
}

enum pu_result pu_json_finish(struct pu_json *json)
{
    if (json->result == PU_OK && (json->depth > 0 || json->levels[0] != EXPECT_NOTHING))
        json->result = PU_ESTATE;
    return json->result;
}

enum pu_result pu_json_result(const struct pu_json *json)
{
    return json->result;
}

static enum pu_result fail(struct pu_json *json, enum pu_result result)
{
    if (json->result == PU_OK)
        json->result = result;
    return json->result;
}

/* After a call into yajl: the state was right, so a bad status is one that our own checks should have made impossible.
 */
static enum pu_result settle(struct pu_json *json, yajl_gen_status status)
{
    if (status != yajl_gen_status_ok)
        return fail(json, PU_ESTATE);
    return fail(json, json->buf->result);
}

/* Takes the place of one value: afterwards the level expects what follows it. */
static bool enter_value(struct pu_json *json)
{
    unsigned char *level = &json->levels[json->depth];

    if (json->result != PU_OK)
        return false;
    switch ((enum expectation) * level) {
    case EXPECT_DOCUMENT:
        *level = EXPECT_NOTHING;
        return true;
    case EXPECT_VALUE:
        *level = EXPECT_KEY;
        return true;
    case EXPECT_ELEMENT:
        return true;
    case EXPECT_NOTHING:
    case EXPECT_KEY:
        break;
    }
    fail(json, PU_ESTATE);
    return false;
}

static bool enter_level(struct pu_json *json, enum expectation inside)
{
    if (json->result == PU_OK && json->depth == PU_JSON_MAX_DEPTH)
        fail(json, PU_EDEPTH);
    if (!enter_value(json))
        return false;
    json->levels[++json->depth] = (unsigned char)inside;
    return true;
}

static bool leave_level(struct pu_json *json, enum expectation inside)
{
    if (json->result != PU_OK)
        return false;
    if (json->depth == 0 || json->levels[json->depth] != inside) {
        fail(json, PU_ESTATE);
        return false;
    }
    json->depth--;
    return true;
}

enum pu_result pu_json_map_open(struct pu_json *json)
{
    if (!enter_level(json, EXPECT_KEY))
        return json->result;
    return settle(json, yajl_gen_map_open(json->generator));
}

enum pu_result pu_json_map_close(struct pu_json *json)
{
    if (!leave_level(json, EXPECT_KEY))
        return json->result;
    return settle(json, yajl_gen_map_close(json->generator));
}

enum pu_result pu_json_array_open(struct pu_json *json)
{
    if (!enter_level(json, EXPECT_ELEMENT))
        return json->result;
    return settle(json, yajl_gen_array_open(json->generator));
}

enum pu_result pu_json_array_close(struct pu_json *json)
{
    if (!leave_level(json, EXPECT_ELEMENT))
        return json->result;
    return settle(json, yajl_gen_array_close(json->generator));
}

enum pu_result pu_json_key(struct pu_json *json, const char *bytes, size_t length)
{
    unsigned char *level = &json->levels[json->depth];

    if (json->result != PU_OK)
        return json->result;
    if (*level != EXPECT_KEY)
        return fail(json, PU_ESTATE);
    *level = EXPECT_VALUE;
    return settle(json, yajl_gen_string(json->generator, (const unsigned char *)bytes, length));
}

/* yajl writes a "number" verbatim, after whatever separator its place asks for: so any finished text goes this way. */
static enum pu_result verbatim(struct pu_json *json, const char *text, size_t length)
{
    if (!enter_value(json))
        return json->result;
    return settle(json, yajl_gen_number(json->generator, text, length));
}

/* Quoted here: yajl looks at one byte after the other, which was a tenth of a record's JSON. */
enum pu_result pu_json_string(struct pu_json *json, const char *bytes, size_t length)
{
    if (json->result == PU_OK && length > json->buf->ceiling - json->buf->length)
        return fail(json, PU_ETOOBIG);
    pu_buf_clear(&json->quoted);
    if (pu_text_quote(&json->quoted, bytes, length) != PU_OK)
        return fail(json, json->quoted.result);
    return verbatim(json, json->quoted.bytes, json->quoted.length);
}

enum pu_result pu_json_null(struct pu_json *json)
{
    return verbatim(json, "null", 4);
}

enum pu_result pu_json_bool(struct pu_json *json, bool value)
{
    return value ? verbatim(json, "true", 4) : verbatim(json, "false", 5);
}

enum pu_result pu_json_integer(struct pu_json *json, long long value)
{
    char digits[PU_NUMBER_TEXT];

    return verbatim(json, digits, pu_number_integer(digits, value));
}

/* Past a run of digits; the same place when there is none. */
static const char *skip_digits(const char *place, const char *end)
{
    while (place < end && *place >= '0' && *place <= '9')
        place++;
    return place;
}

/* Past one of these two bytes, if it is there. */
static const char *skip_one(const char *place, const char *end, char one, char other)
{
    return place < end && (*place == one || *place == other) ? place + 1 : place;
}

/* -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)? */
static bool is_number(const char *text, size_t length)
{
    const char *end = text + length;
    const char *digits = skip_one(text, end, '-', '-');
    const char *place = skip_digits(digits, end);

    if (place == digits || (place - digits > 1 && *digits == '0'))
        return false;
    digits = skip_one(place, end, '.', '.');
    if (digits > place) {
        place = skip_digits(digits, end);
        if (place == digits)
            return false;
    }
    digits = skip_one(place, end, 'e', 'E');
    if (digits > place) {
        digits = skip_one(digits, end, '+', '-');
        place = skip_digits(digits, end);
        if (place == digits)
            return false;
    }
    return place == end;
}

enum pu_result pu_json_number(struct pu_json *json, const char *text, size_t length)
{
    if (json->result == PU_OK && !is_number(text, length))
        return fail(json, PU_ENUMBER);
    return verbatim(json, text, length);
}

enum pu_result pu_json_raw(struct pu_json *json, const char *bytes, size_t length)
{
    if (length == 0) /* no value at all: yajl would write the separator and nothing after it */
        return fail(json, PU_ESTATE);
    return verbatim(json, bytes, length);
}
