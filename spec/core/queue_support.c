#include "test_support.h"

#include "queue_support.h"

char last_id[PU_ID_ROOM];
char dropped[4096];
int drops;

enum pu_result write_object(struct pu_buf *buf, const struct pu_message *message, const char *id)
{
    (void)id;
    return pu_buf_append(buf, message->object.bytes, message->object.length);
}

static enum pu_result write_and_keep_id(struct pu_buf *buf, const struct pu_message *message, const char *id)
{
    (void)snprintf(last_id, sizeof(last_id), "%s", id);
    return write_object(buf, message, id);
}

void keep_dropped(void *context, struct pu_span message, uint64_t seq)
{
    size_t length = strlen(dropped);

    (void)snprintf(dropped + length, sizeof(dropped) - length, "%d:%.*s ", (int)seq, (int)message.length,
                   message.bytes);
    ++*(int *)context;
}

struct pu_queue *new_queue(size_t bytes, size_t messages, size_t max_message_bytes)
{
    const struct pu_queue_options options = {.bytes = bytes,
                                             .messages = messages,
                                             .max_message_bytes = max_message_bytes,
                                             .write = write_and_keep_id,
                                             .dropped = keep_dropped,
                                             .context = &drops};
    struct pu_queue *queue = NULL;

    dropped[0] = '\0';
    drops = 0;
    assert_result(pu_queue_new(&options, &queue), PU_OK);
    return queue;
}

struct pu_queue *new_wide_queue(void)
{
    return new_queue(1000000, 10000, 100000);
}

enum pu_result push(struct pu_queue *queue, const char *text)
{
    const struct pu_message message = {.object = span(text)};
    bool wake = false;

    return pu_queue_push(queue, &message, &wake);
}

void push_all(struct pu_queue *queue, const char *letters)
{
    for (; *letters != '\0'; letters++) {
        char text[2] = {*letters, '\0'};

        assert_result(push(queue, text), PU_OK);
    }
}

void settle_all(struct pu_queue *queue, const struct pu_batch *batch)
{
    for (size_t place = 0; place < batch->count; place++)
        pu_queue_settle(queue, place);
}
