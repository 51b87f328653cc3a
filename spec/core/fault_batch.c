#include "fault_batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fault_state.h"

#define MESSAGE "{\"channel\":\""
#define NUMBER "{\"n\":"

struct text {
    char *bytes;
    size_t length;
    FILE *out;
};

static void text_open(struct text *text)
{
    text->out = open_memstream(&text->bytes, &text->length);
    if (text->out == NULL)
        abort();
}

/* One write, so that a kill leaves whole batches. */
static void append_to_log(struct fault_server *server, const char *bytes, size_t length)
{
    if (server->log != -1 && length > 0 && write(server->log, bytes, length) != (ssize_t)length)
        abort();
}

void batch_log_start(struct fault_server *server)
{
    append_to_log(server, "+\n", 2);
}

void batch_unacknowledged(struct fault_server *server)
{
    append_to_log(server, "!\n", 2);
}

/* A message's first byte, its end, and its id. */
struct message {
    const char *start;
    const char *end;
    char id[64];
};

/* The next message of a batch at or after place. Returns false after the last. */
static bool next_message(const char *place, struct message *message)
{
    const char *id;

    message->start = strstr(place, MESSAGE);
    if (message->start == NULL)
        return false;
    message->end = strstr(message->start + 1, MESSAGE);
    if (message->end == NULL)
        message->end = message->start + strlen(message->start);
    id = strstr(message->start, "\"id\":\"") + strlen("\"id\":\"");
    (void)snprintf(message->id, sizeof(message->id), "%.*s", (int)strcspn(id, "\""), id);
    return true;
}

static bool holds(const struct message *message, const char *word)
{
    const char *found = strstr(message->start, word);

    return found != NULL && found < message->end;
}

/* What stands behind it, the comma or the array's end, does not belong to the line. */
static void take(struct fault_server *server, const struct message *message, FILE *log)
{
    const char *number = strstr(message->start, NUMBER);

    fprintf(log, "%.*s\n", (int)(message->end - message->start - 1), message->start);
    if (server->take != NULL)
        server->take(server->context, message->start, (size_t)(message->end - message->start - 1));
    if (number == NULL || number >= message->end)
        return;
    pthread_mutex_lock(&server->mutex);
    if (server->taken_count < TAKEN)
        server->taken[server->taken_count++] = strtol(number + strlen(NUMBER), NULL, 10);
    pthread_mutex_unlock(&server->mutex);
}

static bool is_busy(struct fault_server *server)
{
    bool busy;

    pthread_mutex_lock(&server->mutex);
    busy = server->busy_answers++ < 2;
    pthread_mutex_unlock(&server->mutex);
    return busy;
}

static const char *fate(struct fault_server *server, const struct message *message, FILE *log)
{
    if (holds(message, "SWALLOW"))
        return NULL;
    if (holds(message, "REJECT"))
        return "\"successful\":false,\"error\":\"403:/sync/x:no\"";
    if (holds(message, "BUSY") && is_busy(server))
        return "\"successful\":false,\"error\":\"500::engine\"";
    take(server, message, log);
    return "\"successful\":true";
}

char *batch_replies(struct fault_server *server, const char *body, size_t *length)
{
    struct text replies;
    struct text log;
    struct message message;
    const char *separator = "";

    text_open(&replies);
    text_open(&log);
    fputc('[', replies.out);
    for (const char *place = body; next_message(place, &message); place = message.end) {
        const char *words = fate(server, &message, log.out);

        if (words == NULL)
            continue;
        fprintf(replies.out, "%s{\"channel\":\"/sync/x\",\"id\":\"%s\",%s}", separator, message.id, words);
        separator = ",";
    }
    fputc(']', replies.out);
    fclose(replies.out);
    fclose(log.out);
    append_to_log(server, log.bytes, log.length);
    free(log.bytes);
    *length = replies.length;
    return replies.bytes;
}
