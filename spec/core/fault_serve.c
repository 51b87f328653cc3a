#include "fault_serve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "fault_batch.h"
#include "fault_control.h"
#include "fault_state.h"
#include "fault_wire.h"

#define AT_ONCE ((struct manner){0})

static void answer(struct fault_server *server, int socket, int status, const char *body)
{
    char headers[HEADERS];
    struct answer answer = {.status = status, .type = "text/plain", .headers = headers, .body = body};

    pthread_mutex_lock(&server->mutex);
    (void)snprintf(headers, sizeof(headers), "%s", server->headers);
    pthread_mutex_unlock(&server->mutex);
    answer.length = strlen(body);
    (void)wire_answer(socket, &answer, AT_ONCE);
}

/* Returns whether the whole answer was sent. */
static bool answer_messages(struct fault_server *server, int socket, const char *body, struct manner manner)
{
    char headers[HEADERS];
    struct answer answer = {.status = 200, .type = "application/json", .headers = headers};
    char *replies = batch_replies(server, body, &answer.length);
    bool sent;

    pthread_mutex_lock(&server->mutex);
    (void)snprintf(headers, sizeof(headers), "%s", server->headers);
    pthread_mutex_unlock(&server->mutex);
    answer.body = replies;
    sent = wire_answer(socket, &answer, manner);
    free(replies);
    if (!sent || wire_left(socket))
        batch_unacknowledged(server);
    return sent;
}

static void lose_acknowledgement(struct fault_server *server, const char *body)
{
    size_t length;

    free(batch_replies(server, body, &length));
    batch_unacknowledged(server);
}

/* Closing it then sends no goodbye. */
static void reset(int socket)
{
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

    setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

static void pause_for(struct fault_server *server, long milliseconds)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += milliseconds % 1000 * 1000000;
    until.tv_sec += milliseconds / 1000 + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&server->mutex);
    while (!server->stopping && pthread_cond_timedwait(&server->stopping_changed, &server->mutex, &until) == 0)
        continue;
    pthread_mutex_unlock(&server->mutex);
}

static enum fault next_fault(struct fault_server *server, const char *request, long *argument)
{
    enum fault fault = FAULT_NONE;

    pthread_mutex_lock(&server->mutex);
    server->requests++;
    (void)snprintf(server->last, sizeof(server->last), "%s", request);
    if (server->faults_left != 0) {
        fault = server->fault;
        *argument = server->argument;
        if (server->faults_left > 0)
            server->faults_left--;
    }
    pthread_mutex_unlock(&server->mutex);
    return fault;
}

/* The words that spoil a whole batch. Returns whether the connection goes on. */
static bool serve_batch(struct fault_server *server, int socket, const char *body, struct manner manner)
{
    if (strstr(body, "KILLER") != NULL) {
        if (server->mortal)
            _exit(1);
        return false;
    }
    if (strstr(body, "POISON") == NULL)
        return answer_messages(server, socket, body, manner);
    answer(server, socket, 400, "Bad request");
    return true;
}

/* Faults that do not let the batch in, or not its acknowledgement out. Returns whether the connection goes on. */
static bool refuse(struct fault_server *server, int socket, const char *body, enum fault fault, long argument)
{
    static const char foreign[] = "[{\"id\":\"other-1\",\"successful\":true}]";
    static char huge[3 * 512 * 1024];

    switch (fault) {
    case FAULT_HANG:
        wire_hang(socket);
        return false;
    case FAULT_RESET:
        reset(socket);
        return false;
    case FAULT_CLOSE_AFTER:
        lose_acknowledgement(server, body);
        return false;
    case FAULT_HTML:
        answer(server, socket, 200, "<html>It works!</html>");
        return true;
    case FAULT_FOREIGN_IDS:
        answer(server, socket, 200, foreign);
        return true;
    case FAULT_HUGE:
        return wire_answer(socket, &(struct answer){200, "application/json", "", huge, sizeof(huge)}, AT_ONCE);
    case FAULT_STATUS:
        answer(server, socket, (int)argument, "no");
        return true;
    default:
        return false;
    }
}

/* Returns whether the connection goes on. */
static bool serve(struct fault_server *server, int socket, const char *request, const char *body)
{
    long argument = 0;
    enum fault fault = next_fault(server, request, &argument);
    struct manner manner = AT_ONCE;

    switch (fault) {
    case FAULT_SLOW:
        pause_for(server, argument);
        break;
    case FAULT_BANDWIDTH:
        manner = (struct manner){.piece = (size_t)argument * 1024 / 100 + 1, .pause_ms = 10};
        break;
    case FAULT_SLICER:
        manner = (struct manner){.piece = (size_t)argument, .pause_ms = 1};
        break;
    case FAULT_LIMIT_DATA:
        manner = (struct manner){.limit = (size_t)argument};
        break;
    case FAULT_LARGE:
        if (strlen(body) <= (size_t)argument)
            break;
        answer(server, socket, 413, "no");
        return true;
    case FAULT_NONE:
    case FAULT_RAW:
    case FAULT_STALE:
    case FAULT_CLOSE:
        break;
    default:
        return refuse(server, socket, body, fault, argument);
    }
    return serve_batch(server, socket, body, manner) && fault != FAULT_CLOSE;
}

/* A fault of connections, not of requests. */
static bool has_fault(struct fault_server *server, enum fault fault)
{
    bool has;

    pthread_mutex_lock(&server->mutex);
    has = server->fault == fault && server->faults_left != 0;
    pthread_mutex_unlock(&server->mutex);
    return has;
}

/* Before any request, as a mail server does. */
static bool greets(struct fault_server *server, int socket)
{
    static const char greeting[] = "220 mail.example ESMTP\r\n";

    if (!has_fault(server, FAULT_RAW))
        return false;
    (void)wire_send(socket, greeting, sizeof(greeting) - 1, AT_ONCE);
    shutdown(socket, SHUT_WR);
    wire_hang(socket);
    return true;
}

void serve_all(struct fault_server *server, int socket)
{
    char *request = malloc(REQUEST_BYTES);
    bool used = false;
    char *body;

    if (request == NULL)
        abort();
    while (!greets(server, socket) && wire_read(socket, request, &body)) {
        if (used && has_fault(server, FAULT_STALE))
            break;
        used = true;
        if (!control_answer(server, socket, request) && !serve(server, socket, request, body))
            break;
    }
    free(request);
}
