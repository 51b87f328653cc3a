/* fuzz_json.c - programs of calls into the JSON writer.
 *
 * The input is such a program, a letter a call (corpus/json has some); other bytes mean nothing. Whatever the writer
 * says is a document has to be read back by yajl's parser as the very values that were written.
 */
#include "fuzz_support.h"

#include <stdio.h>

#include <yajl/yajl_parse.h>

#include "pu_json.h"
#include "pu_text.h"

#define MOST 8192
#define SMALL 24 /* a ceiling that is soon reached */

struct token {
    char kind; /* { } [ ] k(ey) s(tring) n(umber), t(rue), f(alse), 0: null */
    const char *bytes;
    size_t length;
};

/* One run: what is left of the program, what was written, and how much of it was read back. */
struct run {
    const uint8_t *place, *end;
    struct pu_json *json;
    struct pu_buf buf;
    size_t start; /* of the document, in the buffer */
    struct token written[MOST];
    size_t count, read;
    char *copies[MOST];
    size_t copy_count;
};

static void written(struct run *run, enum pu_result result, char kind, const char *bytes, size_t length)
{
    if (result == PU_OK && run->count < MOST)
        run->written[run->count++] = (struct token){kind, bytes, length};
}

/* The next bytes of the program, their number first: '0' for none, '1' for one. */
static const char *text(struct run *run, size_t *length)
{
    char *copy;

    *length = run->place < run->end ? (size_t)(*run->place++ - '0') & 63 : 0;
    if (*length > (size_t)(run->end - run->place))
        *length = (size_t)(run->end - run->place);
    copy = exact_copy(run->place, *length);
    run->place += *length;
    expect(run->copy_count < MOST);
    run->copies[run->copy_count++] = copy;
    return copy;
}

/* Only text that is UTF-8: so the contract has it. */
static void write_text(struct run *run, char kind)
{
    size_t length;
    const char *bytes = text(run, &length);

    if (!pu_text_valid(bytes, length))
        return;
    written(run, kind == 'k' ? pu_json_key(run->json, bytes, length) : pu_json_string(run->json, bytes, length), kind,
            bytes, length);
}

static void write_number(struct run *run)
{
    size_t length;
    const char *bytes = text(run, &length);

    written(run, pu_json_number(run->json, bytes, length), 'n', bytes, length);
}

static void write_integer(struct run *run)
{
    long long value = 0;
    char *digits = malloc(24);
    size_t length = (size_t)(run->end - run->place) < sizeof(value) ? (size_t)(run->end - run->place) : sizeof(value);

    memcpy(&value, run->place, length);
    run->place += length;
    expect(digits != NULL && run->copy_count < MOST);
    run->copies[run->copy_count++] = digits;
    written(run, pu_json_integer(run->json, value), 'n', digits, (size_t)snprintf(digits, 24, "%lld", value));
}

static void write_raw(struct run *run)
{
    if (pu_json_raw(run->json, "[\"\"]", 4) == PU_OK) {
        written(run, PU_OK, '[', "", 0);
        written(run, PU_OK, 's', "", 0);
        written(run, PU_OK, ']', "", 0);
    }
}

static void start(struct run *run)
{
    run->start = run->buf.length;
    run->count = 0;
    pu_json_start(run->json, &run->buf);
}

static void call(struct run *run, char letter)
{
    struct pu_json *json = run->json;

    switch (letter) {
    case '{':
        written(run, pu_json_map_open(json), '{', "", 0);
        break;
    case '}':
        written(run, pu_json_map_close(json), '}', "", 0);
        break;
    case '[':
        written(run, pu_json_array_open(json), '[', "", 0);
        break;
    case ']':
        written(run, pu_json_array_close(json), ']', "", 0);
        break;
    case 'k':
    case 's':
        write_text(run, letter);
        break;
    case 'n':
        write_number(run);
        break;
    case 'i':
        write_integer(run);
        break;
    case 'r':
        write_raw(run);
        break;
    case '0':
        written(run, pu_json_null(json), '0', "", 0);
        break;
    case 't':
        written(run, pu_json_bool(json, true), 't', "", 0);
        break;
    case 'f':
        written(run, pu_json_bool(json, false), 'f', "", 0);
        break;
    case 'e':
        expect(pu_json_raw(json, "", 0) != PU_OK);
        break;
    case 'S':
        start(run);
        break;
    default:
        break;
    }
}

/* ---- what yajl's parser reads ---- */

static int read_back(void *context, char kind, const void *bytes, size_t length)
{
    struct run *run = context;
    const struct token *token = &run->written[run->read++];

    expect(run->read <= run->count);
    expect(token->kind == kind && token->length == length && (length == 0 || memcmp(token->bytes, bytes, length) == 0));
    return 1;
}

static int read_null(void *run)
{
    return read_back(run, '0', "", 0);
}
static int read_bool(void *run, int value)
{
    return read_back(run, value ? 't' : 'f', "", 0);
}
static int read_number(void *run, const char *bytes, size_t length)
{
    return read_back(run, 'n', bytes, length);
}
static int read_string(void *run, const unsigned char *bytes, size_t length)
{
    return read_back(run, 's', bytes, length);
}
static int read_map(void *run)
{
    return read_back(run, '{', "", 0);
}
static int read_key(void *run, const unsigned char *bytes, size_t length)
{
    return read_back(run, 'k', bytes, length);
}
static int read_end_of_map(void *run)
{
    return read_back(run, '}', "", 0);
}
static int read_array(void *run)
{
    return read_back(run, '[', "", 0);
}
static int read_end_of_array(void *run)
{
    return read_back(run, ']', "", 0);
}

static void read_document(struct run *run)
{
    static const yajl_callbacks callbacks = {
        read_null,  read_bool,        NULL, NULL, read_number, read_string, read_map, read_key, read_end_of_map,
        read_array, read_end_of_array};
    yajl_handle parser = yajl_alloc(&callbacks, NULL, run);
    const char *bytes = run->buf.bytes + run->start;
    size_t length = run->buf.length - run->start;

    expect(parser != NULL);
    run->read = 0;
    expect(yajl_parse(parser, (const unsigned char *)bytes, length) == yajl_status_ok);
    expect(yajl_complete_parse(parser) == yajl_status_ok);
    expect(run->read == run->count);
    yajl_free(parser);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static struct run run;
    enum pu_result result;

    if (length >= MOST)
        return -1;
    run = (struct run){.place = bytes, .end = bytes + length};
    pu_buf_init(&run.buf, length % 8 == 7 ? SMALL : 1000000);
    expect(pu_json_new(&run.json) == PU_OK);
    start(&run);
    while (run.place < run.end)
        call(&run, (char)*run.place++);
    result = pu_json_finish(run.json);
    expect(result == pu_json_result(run.json));
    if (result == PU_OK)
        read_document(&run);
    for (size_t i = 0; i < run.copy_count; i++)
        free(run.copies[i]);
    pu_json_free(run.json);
    pu_buf_cleanup(&run.buf);
    return 0;
}
