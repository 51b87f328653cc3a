#include "pu_reply.h"

#include <string.h>

/* The reply is read by a scanner of our own: it only has to find three keys and step over everything else, and whatever
 * stands in the body must neither be believed nor make it read too far or nest too deeply.
 */
#define DEEPEST 64

struct scanner {
    const char *place;
    const char *end;
};

static bool scan_value(struct scanner *scanner, unsigned depth);

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static void skip_space(struct scanner *scanner)
{
    while (scanner->place < scanner->end && is_space(*scanner->place))
        scanner->place++;
}

/* Takes the next byte if it is this one, spaces before it skipped. */
static bool take(struct scanner *scanner, char byte)
{
    skip_space(scanner);
    if (scanner->place == scanner->end || *scanner->place != byte)
        return false;
    scanner->place++;
    return true;
}

static bool is_hex(char byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F');
}

/* After a backslash. */
static bool scan_escape(struct scanner *scanner)
{
    char byte;

    if (scanner->place == scanner->end)
        return false;
    byte = *scanner->place++;
    if (byte != 'u')
        return byte != '\0' && strchr("\"\\/bfnrt", byte) != NULL;
    for (int i = 0; i < 4; i++) {
        if (scanner->place == scanner->end || !is_hex(*scanner->place))
            return false;
        scanner->place++;
    }
    return true;
}

/* text receives what stands between the quotes, escapes as they are. */
static bool scan_string(struct scanner *scanner, struct pu_span *text)
{
    if (!take(scanner, '"'))
        return false;
    text->bytes = scanner->place;
    while (scanner->place < scanner->end) {
        unsigned char byte = (unsigned char)*scanner->place++;

        if (byte == '"') {
            text->length = (size_t)(scanner->place - 1 - text->bytes);
            return true;
        }
        if (byte < 0x20 || (byte == '\\' && !scan_escape(scanner)))
            return false;
    }
    return false;
}

static bool scan_word(struct scanner *scanner, const char *word)
{
    size_t length = strlen(word);

    if ((size_t)(scanner->end - scanner->place) < length || memcmp(scanner->place, word, length) != 0)
        return false;
    scanner->place += length;
    return true;
}

/* Only stepped over: a malformed number is not worth telling from a good one. */
static bool scan_number(struct scanner *scanner)
{
    const char *start = scanner->place;

    while (scanner->place < scanner->end && *scanner->place != '\0' && strchr("+-.0123456789eE", *scanner->place))
        scanner->place++;
    return scanner->place > start;
}

static bool scan_array(struct scanner *scanner, unsigned depth)
{
    if (!take(scanner, '['))
        return false;
    if (take(scanner, ']'))
        return true;
    do {
        if (!scan_value(scanner, depth))
            return false;
    } while (take(scanner, ','));
    return take(scanner, ']');
}

static bool scan_map(struct scanner *scanner, unsigned depth)
{
    struct pu_span key;

    if (!take(scanner, '{'))
        return false;
    if (take(scanner, '}'))
        return true;
    do {
        if (!scan_string(scanner, &key) || !take(scanner, ':') || !scan_value(scanner, depth))
            return false;
    } while (take(scanner, ','));
    return take(scanner, '}');
}

static bool scan_value(struct scanner *scanner, unsigned depth)
{
    struct pu_span text;

    skip_space(scanner);
    if (scanner->place == scanner->end || depth == DEEPEST)
        return false;
    switch (*scanner->place) {
    case '{':
        return scan_map(scanner, depth + 1);
    case '[':
        return scan_array(scanner, depth + 1);
    case '"':
        return scan_string(scanner, &text);
    case 't':
        return scan_word(scanner, "true");
    case 'f':
        return scan_word(scanner, "false");
    case 'n':
        return scan_word(scanner, "null");
    default:
        return scan_number(scanner);
    }
}

static bool is_key(struct pu_span key, const char *name)
{
    return key.length == strlen(name) && memcmp(key.bytes, name, key.length) == 0;
}

/* The value after "id", "error" or "successful"; one of another type than Bayeux gives it counts as absent. */
static bool scan_field(struct scanner *scanner, struct pu_span key, struct pu_reply *reply)
{
    skip_space(scanner);
    if (scanner->place < scanner->end && *scanner->place == '"') {
        if (is_key(key, "id"))
            return scan_string(scanner, &reply->id);
        if (is_key(key, "error"))
            return scan_string(scanner, &reply->error);
    }
    if (is_key(key, "successful") && scan_word(scanner, "true")) {
        reply->successful = true;
        return true;
    }
    return scan_value(scanner, 1);
}

static bool scan_reply(struct scanner *scanner, struct pu_reply *reply)
{
    struct pu_span key;

    if (!take(scanner, '{'))
        return false;
    if (take(scanner, '}'))
        return true;
    do {
        if (!scan_string(scanner, &key) || !take(scanner, ':') || !scan_field(scanner, key, reply))
            return false;
    } while (take(scanner, ','));
    return take(scanner, '}');
}

static bool at_end(struct scanner *scanner)
{
    skip_space(scanner);
    return scanner->place == scanner->end;
}

bool pu_reply_passing(const struct pu_reply *reply)
{
    const char *code = reply->error.bytes;

    if (reply->error.length < 4 || code[3] != ':')
        return false;
    return memcmp(code, "407", 3) == 0 ||
           (code[0] == '5' && code[1] >= '0' && code[1] <= '9' && code[2] >= '0' && code[2] <= '9');
}

enum pu_result pu_reply_read(const char *body, size_t length, void (*each)(void *context, const struct pu_reply *reply),
                             void *context)
{
    struct scanner scanner = {body, body + length};

    if (!take(&scanner, '['))
        return PU_EREPLY;
    if (take(&scanner, ']'))
        return at_end(&scanner) ? PU_OK : PU_EREPLY;
    do {
        struct pu_reply reply = {.successful = false};

        if (!scan_reply(&scanner, &reply))
            return PU_EREPLY;
        each(context, &reply);
    } while (take(&scanner, ','));
    return take(&scanner, ']') && at_end(&scanner) ? PU_OK : PU_EREPLY;
}
