#include "pu_text.h"

#include <stdint.h>
#include <string.h>

/* Every byte of a word. */
#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))
#define HIGH_BITS EACH(0x80)

static uint64_t eight_bytes(const char *place)
{
    uint64_t word;

    memcpy(&word, place, sizeof(word));
    return word;
}

/* ---- UTF-8 ---- */

/* How many bytes a character has that starts with this one; 0: none does. */
static size_t length_after(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first >= 0xC2 && first <= 0xDF)
        return 2;
    if (first >= 0xE0 && first <= 0xEF)
        return 3;
    return first >= 0xF0 && first <= 0xF4 ? 4 : 0;
}

/* The bounds of the second byte rule out overlong forms (E0, F0), surrogates (ED) and what lies above U+10FFFF (F4). */
static bool follows(unsigned char first, unsigned char second)
{
    unsigned char low = 0x80;
    unsigned char high = 0xBF;

    if (first == 0xE0)
        low = 0xA0;
    else if (first == 0xED)
        high = 0x9F;
    else if (first == 0xF0)
        low = 0x90;
    else if (first == 0xF4)
        high = 0x8F;
    return second >= low && second <= high;
}

/* The length of the character that starts at s, or 0 when there is none. */
static size_t character(const unsigned char *s, size_t left)
{
    size_t length = length_after(s[0]);

    if (length > left || (length > 1 && !follows(s[0], s[1])))
        return 0;
    for (size_t i = 2; i < length; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    }
    return length;
}

bool pu_text_valid(const char *bytes, size_t length)
{
    const unsigned char *s = (const unsigned char *)bytes;
    size_t place = 0;

    while (place < length) {
        if (length - place >= sizeof(uint64_t) && (eight_bytes(bytes + place) & HIGH_BITS) == 0) {
            place += sizeof(uint64_t); /* most text is ASCII */
            continue;
        }
        size_t step = character(s + place, length - place);
        if (step == 0)
            return false;
        place += step;
    }
    return true;
}

/* ---- escapes ---- */

static bool is_special(unsigned char byte)
{
    return byte < 0x20 || byte == '"' || byte == '\\';
}

/* Not zero when a byte of the word is zero; exact up to the first such byte, which is all that is asked. */
static uint64_t has_zero(uint64_t word)
{
    return (word - EACH(1)) & ~word & HIGH_BITS;
}

static bool any_special(uint64_t word)
{
    uint64_t below_space = (word - EACH(0x20)) & ~word & HIGH_BITS;

    return (below_space | has_zero(word ^ EACH('"')) | has_zero(word ^ EACH('\\'))) != 0;
}

/* How many bytes from place on need no escape. */
static size_t plain_run(const char *place, const char *end)
{
    const char *start = place;

    while (end - place >= (ptrdiff_t)sizeof(uint64_t) && !any_special(eight_bytes(place)))
        place += sizeof(uint64_t);
    while (place < end && !is_special((unsigned char)*place))
        place++;
    return (size_t)(place - start);
}

static void escape(struct pu_buf *buf, unsigned char byte)
{
    static const char digits[] = "0123456789abcdef";
    static const char letters[0x20] = {['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
    char text[6] = {'\\', 'u', '0', '0', digits[byte >> 4], digits[byte & 0xF]};
    char letter = (char)byte;

    if (byte < sizeof(letters))
        letter = letters[byte];
    if (letter != 0)
        text[1] = letter;
    (void)pu_buf_append(buf, text, letter != 0 ? 2 : sizeof(text)); /* sticky: the caller reads the result */
}

enum pu_result pu_text_quote(struct pu_buf *buf, const char *bytes, size_t length)
{
    const char *place = bytes;
    const char *end = bytes + length;

    (void)pu_buf_append(buf, "\"", 1);
    while (place < end && buf->result == PU_OK) {
        size_t run = plain_run(place, end);
        (void)pu_buf_append(buf, place, run);
        place += run;
        if (place < end)
            escape(buf, (unsigned char)*place++);
    }
    return pu_buf_append(buf, "\"", 1);
}
