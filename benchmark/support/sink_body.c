#include "sink_body.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SOURCES 1024
#define LONGEST_SOURCE 64

struct span {
    const char *bytes;
    size_t length;
};

/* What is read of a message. */
struct message {
    struct span channel;
    struct span id;
    bool resync;
    int64_t sent; /* 0: does not say */
};

/* One that numbers its messages: a courier, or a thread of a peer. */
struct source {
    char name[LONGEST_SOURCE];
    size_t length;
    uint64_t last;
    uint64_t arrived; /* numbers above the one before */
};

static struct source sources[SOURCES];
static size_t source_count;
static size_t latest; /* the source of the last message: mostly the next one's, too */
static struct counts counts;
static int64_t *lags;
static size_t lag_count, lag_room;

static void *grow(void *old, size_t size)
{
    void *grown = realloc(old, size);

    if (grown == NULL) {
        (void)fputs("sink: no memory\n", stderr);
        exit(1);
    }
    return grown;
}

void bytes_append(struct bytes *bytes, const char *added, size_t length)
{
    if (bytes->room - bytes->length < length) {
        bytes->room = (bytes->length + length) * 2;
        bytes->start = grow(bytes->start, bytes->room);
    }
    memcpy(bytes->start + bytes->length, added, length);
    bytes->length += length;
}

void bytes_append_text(struct bytes *bytes, const char *text)
{
    bytes_append(bytes, text, strlen(text));
}

/* --- Ids and lags --- */

static struct source *find_source(const char *name, size_t length)
{
    if (source_count > 0 && sources[latest].length == length && memcmp(sources[latest].name, name, length) == 0)
        return &sources[latest];
    for (latest = 0; latest < source_count; latest++) {
        if (sources[latest].length == length && memcmp(sources[latest].name, name, length) == 0)
            return &sources[latest];
    }
    if (latest == SOURCES || length >= LONGEST_SOURCE) {
        (void)fputs("sink: too many sources of messages, or too long a name\n", stderr);
        exit(1);
    }
    memcpy(sources[latest].name, name, length);
    sources[latest].length = length;
    source_count++;
    return &sources[latest];
}

/* Numbers begin at 0 or 1, and rise. */
static void note_id(struct span id)
{
    uint64_t number = 0;
    size_t digits = id.length;
    struct source *source;

    while (digits > 0 && id.bytes[digits - 1] >= '0' && id.bytes[digits - 1] <= '9')
        digits--;
    if (digits == id.length)
        return;
    for (size_t i = digits; i < id.length; i++)
        number = number * 10 + (uint64_t)(id.bytes[i] - '0');
    source = find_source(id.bytes, digits);
    if (source->arrived > 0 && number <= source->last) {
        counts.doubled++;
        return;
    }
    counts.missing += number - source->last - (number > 0 ? 1 : 0);
    source->last = number;
    source->arrived++;
}

static void note_lag(int64_t sent)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    if (lag_count == lag_room) {
        lag_room = lag_room == 0 ? 4096 : lag_room * 2;
        lags = grow(lags, lag_room * sizeof(*lags));
    }
    lags[lag_count++] = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000 - sent;
}

struct counts sink_body_counts(void)
{
    return counts;
}

void sink_body_lags(struct bytes *bytes)
{
    char text[32];

    bytes_append(bytes, "[", 1);
    for (size_t i = 0; i < lag_count; i++) {
        (void)snprintf(text, sizeof(text), "%s%" PRId64, i > 0 ? "," : "", lags[i]);
        bytes_append_text(bytes, text);
    }
    bytes_append(bytes, "]", 1);
    lag_count = 0;
}

/* --- JSON: only as much as finds the few fields. NULL: the text is no JSON, or not whole. --- */

static const char *skip_space(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        at++;
    return at;
}

/* From the quotation mark that opens to behind the one that closes. */
static const char *skip_string(const char *at, const char *end)
{
    for (at++; at < end;) {
        const char *quote = memchr(at, '"', (size_t)(end - at));
        const char *escape;

        if (quote == NULL)
            return NULL;
        escape = memchr(at, '\\', (size_t)(quote - at));
        if (escape == NULL)
            return quote + 1;
        at = escape + 2;
    }
    return NULL;
}

static const char *skip_value(const char *at, const char *end)
{
    int depth = 0;

    while (at != NULL && at < end) {
        if (*at == '"') {
            at = skip_string(at, end);
        } else {
            if (depth == 0 && (*at == ',' || *at == '}' || *at == ']'))
                return at;
            depth += *at == '{' || *at == '[' ? 1 : 0;
            depth -= *at == '}' || *at == ']' ? 1 : 0;
            at++;
        }
        if (depth == 0 && at != NULL && (at[-1] == '"' || at[-1] == '}' || at[-1] == ']'))
            return at;
    }
    return NULL;
}

static bool is(struct span span, const char *text)
{
    return span.length == strlen(text) && memcmp(span.bytes, text, span.length) == 0;
}

/* Without the quotation marks. */
static struct span inside(const char *from, const char *to)
{
    return (struct span){from + 1, (size_t)(to - from) - 2};
}

static const char *read_object(const char *at, const char *end, int level, struct message *message);

/* Level 0 is the message, 1 its data, 2 the data's object. */
static const char *read_value(struct span key, const char *at, const char *end, int level, struct message *message)
{
    const char *past;

    if (*at == '{' && ((level == 0 && is(key, "data")) || (level == 1 && is(key, "object"))))
        return read_object(at, end, level + 1, message);
    past = skip_value(at, end);
    if (past == NULL)
        return NULL;
    if (level == 0 && *at == '"' && is(key, "channel"))
        message->channel = inside(at, past);
    else if (level == 0 && *at == '"' && is(key, "id"))
        message->id = inside(at, past);
    else if (level == 1 && *at == '"' && is(key, "event"))
        message->resync = is(inside(at, past), "resync");
    else if (level == 2 && is(key, "sent"))
        message->sent = strtoll(at, NULL, 10); /* what follows a number is no digit */
    return past;
}

static const char *read_object(const char *at, const char *end, int level, struct message *message)
{
    at = skip_space(at + 1, end);
    if (at < end && *at == '}')
        return at + 1;
    while (at < end && *at == '"') {
        const char *past = skip_string(at, end);
        struct span key;

        if (past == NULL)
            return NULL;
        key = inside(at, past);
        at = skip_space(past, end);
        if (at == end || *at != ':')
            return NULL;
        at = skip_space(at + 1, end);
        at = at < end ? read_value(key, at, end, level, message) : NULL;
        if (at == NULL)
            return NULL;
        at = skip_space(at, end);
        if (at < end && *at == '}')
            return at + 1;
        if (at == end || *at != ',')
            return NULL;
        at = skip_space(at + 1, end);
    }
    return NULL;
}

/* --- Bodies --- */

static void reply(const struct message *message, struct bytes *replies)
{
    bytes_append_text(replies, "{\"channel\":\"");
    bytes_append(replies, message->channel.bytes, message->channel.length);
    bytes_append_text(replies, "\",\"successful\":true");
    if (message->id.length > 0) {
        bytes_append_text(replies, ",\"id\":\"");
        bytes_append(replies, message->id.bytes, message->id.length);
        bytes_append(replies, "\"", 1);
    }
    bytes_append(replies, "}", 1);
}

static const char *read_message(const char *at, const char *end, struct bytes *replies)
{
    struct message message = {.channel = {"", 0}, .id = {"", 0}};

    at = at < end && *at == '{' ? read_object(at, end, 0, &message) : NULL;
    if (at == NULL)
        return NULL;
    note_id(message.id);
    if (message.sent > 0)
        note_lag(message.sent);
    if (message.resync)
        counts.resyncs++;
    else
        counts.messages++;
    reply(&message, replies);
    return skip_space(at, end);
}

static bool read_json(const char *at, const char *end, struct bytes *replies)
{
    bool array;

    at = skip_space(at, end);
    array = at < end && *at == '[';
    bytes_append(replies, "[", 1);
    if (array)
        at = skip_space(at + 1, end);
    at = read_message(at, end, replies);
    while (at != NULL && at < end && array && *at == ',') {
        bytes_append(replies, ",", 1);
        at = read_message(skip_space(at + 1, end), end, replies);
    }
    bytes_append(replies, "]", 1);
    if (at == NULL || !array)
        return at == end;
    return at < end && *at == ']' && skip_space(at + 1, end) == end;
}

static int hex(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    digit |= 0x20;
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* The form field "message", which is the only one. */
static bool read_form(const char *at, const char *end, struct bytes *replies)
{
    static struct bytes decoded;
    const char *name = "message=";
    size_t length = strlen(name);

    if ((size_t)(end - at) < length || memcmp(at, name, length) != 0)
        return false;
    decoded.length = 0;
    for (at += length; at < end; at++) {
        char byte = *at == '+' ? ' ' : *at;

        if (byte == '%' && end - at > 2 && hex(at[1]) >= 0 && hex(at[2]) >= 0) {
            byte = (char)(hex(at[1]) * 16 + hex(at[2]));
            at += 2;
        }
        bytes_append(&decoded, &byte, 1);
    }
    return read_json(decoded.start, decoded.start + decoded.length, replies);
}

bool sink_body_read(const char *body, size_t length, bool form, struct bytes *replies)
{
    size_t before = replies->length;
    bool good = length > 0 && (form ? read_form : read_json)(body, body + length, replies);

    if (!good)
        replies->length = before;
    return good;
}
