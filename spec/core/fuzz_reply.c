/* fuzz_reply.c - bodies that no server would send, for the reader of replies.
 *
 * Nothing is read outside the body; and yajl's parser is of the same opinion: which bodies are an array of objects, and
 * what each one says.
 */
#include "fuzz_support.h"

#include <yajl/yajl_parse.h>

#include "pu_reply.h"
#include "pu_text.h"

#define MOST 64
#define DEEP 60 /* the reader's own limit lies above */

enum field { OTHER, ID, ERROR, SUCCESSFUL };

/* What yajl finds. */
struct model {
    struct {
        size_t id, error; /* their lengths */
        bool successful;
    } replies[MOST];
    size_t count, depth, deepest;
    enum field field; /* whose value comes */
    bool array_of_maps;
    yajl_handle parser;
    size_t length; /* of the body, up to where the array ends */
};

/* What the reader finds. */
struct seen {
    const char *body, *end;
    size_t count;
    const struct model *model; /* NULL: not to be compared */
};

static bool top(const struct model *model)
{
    return model->depth == 2 && model->count > 0 && model->count <= MOST;
}

/* A value that is not a map: within the array stand maps alone. */
static int scalar(struct model *model)
{
    model->array_of_maps = model->array_of_maps && model->depth >= 2;
    return 1;
}

static int on_null(void *context)
{
    return scalar(context);
}
static int on_number(void *context, const char *bytes, size_t length)
{
    (void)bytes;
    (void)length;
    return scalar(context);
}

static int on_bool(void *context, int value)
{
    struct model *model = context;

    if (top(model) && model->field == SUCCESSFUL && value)
        model->replies[model->count - 1].successful = true;
    return scalar(model);
}

static int on_string(void *context, const unsigned char *bytes, size_t length)
{
    struct model *model = context;

    (void)bytes;
    if (top(model) && model->field == ID)
        model->replies[model->count - 1].id = length;
    if (top(model) && model->field == ERROR)
        model->replies[model->count - 1].error = length;
    return scalar(model);
}

static int on_key(void *context, const unsigned char *bytes, size_t length)
{
    static const char *const names[] = {[ID] = "id", [ERROR] = "error", [SUCCESSFUL] = "successful"};
    struct model *model = context;

    if (model->depth != 2)
        return 1;
    model->field = OTHER;
    for (enum field field = ID; field <= SUCCESSFUL; field++) {
        if (length == strlen(names[field]) && memcmp(bytes, names[field], length) == 0)
            model->field = field;
    }
    return 1;
}

static int on_open(void *context, bool map)
{
    struct model *model = context;

    if ((model->depth == 0 && map) || (model->depth == 1 && !map))
        model->array_of_maps = false;
    if (model->depth == 1)
        model->count++;
    if (++model->depth > model->deepest)
        model->deepest = model->depth;
    return 1;
}

static int on_map(void *context)
{
    return on_open(context, true);
}
static int on_array(void *context)
{
    return on_open(context, false);
}
static int on_close(void *context)
{
    struct model *model = context;

    if (--model->depth == 0)
        model->length = yajl_get_bytes_consumed(model->parser);
    return 1;
}

static bool is_one_of(char byte, const char *set)
{
    return byte != '\0' && strchr(set, byte) != NULL;
}

static bool holds_one_of(const char *body, size_t length, const char *set)
{
    for (size_t i = 0; i < length; i++) {
        if (is_one_of(body[i], set))
            return true;
    }
    return false;
}

/* Something that stands where a number may. */
static bool holds_number(const char *body, size_t length)
{
    char before = ':';

    for (size_t i = 0; i < length; i++) {
        if (is_one_of(body[i], "+-.0123456789eE") && is_one_of(before, ":,["))
            return true;
        if (!is_one_of(body[i], " \t\r\n"))
            before = body[i];
    }
    return false;
}

/* Whether yajl takes the body for an array of maps, and nothing more: it lets half a string stand after it. */
static bool parse(const char *body, size_t length, struct model *model)
{
    static const yajl_callbacks callbacks = {on_null, on_bool, NULL,     NULL,     on_number, on_string,
                                             on_map,  on_key,  on_close, on_array, on_close};
    bool whole;

    model->parser = yajl_alloc(&callbacks, NULL, model);
    expect(model->parser != NULL);
    model->array_of_maps = true;
    whole = yajl_parse(model->parser, (const unsigned char *)body, length) == yajl_status_ok &&
            yajl_complete_parse(model->parser) == yajl_status_ok;
    yajl_free(model->parser);
    for (size_t i = model->length; i < length; i++)
        whole = whole && is_one_of(body[i], " \t\r\n");
    return whole && model->array_of_maps;
}

static void check_span(const struct seen *seen, struct pu_span span)
{
    if (span.length == 0)
        return;
    expect(span.bytes > seen->body && span.bytes + span.length < seen->end); /* the quotes stand around it */
    expect(span.bytes[-1] == '"' && span.bytes[span.length] == '"');
}

static void each(void *context, const struct pu_reply *reply)
{
    struct seen *seen = context;
    size_t index = seen->count++;

    check_span(seen, reply->id);
    check_span(seen, reply->error);
    if (seen->model == NULL || index >= MOST)
        return;
    expect(index < seen->model->count);
    expect(reply->id.length == seen->model->replies[index].id);
    expect(reply->error.length == seen->model->replies[index].error);
    expect(reply->successful == seen->model->replies[index].successful);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char *body = exact_copy(bytes, length);
    struct model model = {.count = 0};
    bool wanted = parse(body, length, &model);
    bool spaces = holds_one_of(body, length, "\v\f"); /* which yajl skips, too */
    bool escapes = holds_one_of(body, length, "\\");  /* which the reader leaves as they are */
    struct seen seen = {body, body + length, 0, wanted && !escapes ? &model : NULL};
    enum pu_result result = pu_reply_read(body, length, each, &seen);

    if (wanted && !spaces && model.deepest < DEEP)
        expect(result == PU_OK && seen.count == model.count);
    if (!wanted && !holds_number(body, length) && pu_text_valid(body, length)) /* yajl looks closer at these two */
        expect(result != PU_OK);
    free(body);
    return 0;
}
