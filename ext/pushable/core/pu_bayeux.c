#include "pu_bayeux.h"

#include <string.h>

#include "pu_json.h"
#include "pu_number.h"
#include "pu_text.h"

#define PREFIX "/sync/"

/* The pieces between the values of an envelope. */
#define CHANNEL "{\"channel\":\""
#define ID "\",\"id\":\""
#define DATA "\",\"data\":{\"id\":\""
#define EVENT "\",\"event\":\""
#define OBJECT "\",\"object\":"
#define CHANGED ",\"changed\":"
#define AT ",\"at\":"
#define ORIGIN ",\"origin\":\""
#define PARTIAL ",\"partial\":true"
#define EVERY_PIECE CHANNEL ID DATA EVENT OBJECT CHANGED AT ORIGIN "\"" PARTIAL "}}"
#define LONGEST_EVENT 8

static bool is_plain(unsigned char byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
           (byte != '\0' && strchr("_-!~()@", byte) != NULL);
}

/* Every segment between slashes holds something. */
static bool is_path(const char *name, size_t length)
{
    if (length == 0 || name[0] == '/' || name[length - 1] == '/')
        return false;
    for (size_t i = 1; i < length; i++) {
        if (name[i] == '/' && name[i - 1] == '/')
            return false;
    }
    return true;
}

enum pu_result pu_bayeux_channel(struct pu_buf *buf, const char *name, size_t length)
{
    static const char hex[] = "0123456789abcdef";
    size_t before = buf->length;

    if (!is_path(name, length))
        return PU_ECHANNEL;
    if (!pu_text_valid(name, length))
        return PU_EUTF8;
    pu_buf_append(buf, PREFIX, sizeof(PREFIX) - 1);
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)name[i];
        char escaped[3] = {'$', hex[byte >> 4], hex[byte & 15]};

        if (byte == '/' || is_plain(byte))
            pu_buf_append(buf, name + i, 1);
        else
            pu_buf_append(buf, escaped, sizeof(escaped));
    }
    if (buf->result != PU_OK)
        pu_buf_truncate(buf, before);
    return buf->result;
}

static char *put(char *place, const char *bytes, size_t length)
{
    memcpy(place, bytes, length);
    return place + length;
}

#define PUT_TEXT(place, literal) put((place), (literal), sizeof(literal) - 1)

static char *put_span(char *place, struct pu_span span)
{
    return put(place, span.bytes, span.length);
}

/* The caller holds a lock that every saving thread wants: one reservation, then plain copies. */
enum pu_result pu_bayeux_write(struct pu_buf *buf, const struct pu_message *message, const char *id)
{
    const char *event = pu_event_name(message->event);
    size_t id_length = strlen(id);
    char *start = pu_buf_reserve(buf, sizeof(EVERY_PIECE) + message->channel.length + 2 * id_length + LONGEST_EVENT +
                                          message->object.length + message->changed.length + message->origin.length +
                                          PU_NUMBER_TEXT);
    char *place = start;

    if (place == NULL)
        return buf->result;
    place = put_span(PUT_TEXT(place, CHANNEL), message->channel);
    place = put(PUT_TEXT(place, ID), id, id_length);
    place = put(PUT_TEXT(place, DATA), id, id_length);
    place = put(PUT_TEXT(place, EVENT), event, strlen(event));
    if (message->object.length > 0)
        place = put_span(PUT_TEXT(place, OBJECT), message->object);
    else
        place = PUT_TEXT(place, "\"");
    if (message->changed.length > 0)
        place = put_span(PUT_TEXT(place, CHANGED), message->changed);
    place = PUT_TEXT(place, AT);
    place += pu_number_integer(place, message->at);
    if (message->origin.length > 0)
        place = PUT_TEXT(put_span(PUT_TEXT(place, ORIGIN), message->origin), "\"");
    if (message->partial)
        place = PUT_TEXT(place, PARTIAL);
    place = PUT_TEXT(place, "}}");
    buf->length += (size_t)(place - start);
    return PU_OK;
}

struct pu_span pu_bayeux_channel_of(const char *message, size_t length)
{
    struct pu_span channel = {message + sizeof(CHANNEL) - 1, 0};
    const char *end = message + length;

    while (channel.bytes + channel.length < end && channel.bytes[channel.length] != '"')
        channel.length++;
    return channel;
}
