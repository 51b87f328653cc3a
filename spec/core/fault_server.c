#include "fault_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS 256
#define REQUEST_BYTES ((size_t)2 * 1024 * 1024)
#define TAKEN 200000

struct connection {
    struct fault_server *server;
    pthread_t thread;
    int socket; /* guarded by the server's mutex; -1: closed */
};

struct fault_server {
    pthread_mutex_t mutex;
    pthread_cond_t stopping_changed;
    pthread_t acceptor;
    int listener;
    int port;
    bool stopping;
    enum fault fault;
    long argument;
    int faults_left;
    const char *headers;
    int requests;
    int connection_count;
    int busy_answers;
    struct connection connections[CONNECTIONS];
    long *taken;
    size_t taken_count;
    char last[4096];
};

/* --- Reading a request --- */

static bool read_some(int socket, char *request, size_t *length)
{
    ssize_t got;

    do {
        got = recv(socket, request + *length, REQUEST_BYTES - 1 - *length, 0);
    } while (got == -1 && errno == EINTR);
    if (got <= 0)
        return false;
    *length += (size_t)got;
    request[*length] = '\0';
    return true;
}

static size_t content_length(const char *request)
{
    const char *line = strcasestr(request, "\r\nContent-Length:");

    return line != NULL ? strtoul(line + strlen("\r\nContent-Length:"), NULL, 10) : 0;
}

/* body receives where the body starts. */
static bool read_request(int socket, char *request, char **body)
{
    size_t length = 0;
    char *blank = NULL;

    request[0] = '\0';
    while (blank == NULL) {
        if (!read_some(socket, request, &length))
            return false;
        blank = strstr(request, "\r\n\r\n");
    }
    *body = blank + 4;
    while (length - (size_t)(*body - request) < content_length(request)) {
        if (!read_some(socket, request, &length))
            return false;
    }
    return true;
}

/* --- Answering --- */

static void send_all(int socket, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(socket, bytes, length, MSG_NOSIGNAL);

        if (sent == -1 && errno == EINTR)
            continue;
        if (sent <= 0)
            return;
        bytes += sent;
        length -= (size_t)sent;
    }
}

static void answer(struct fault_server *server, int socket, int status, const char *type, const char *body,
                   size_t length)
{
    char head[1024];

    pthread_mutex_lock(&server->mutex);
    int size = snprintf(head, sizeof(head), "HTTP/1.1 %d X\r\nContent-Type: %s\r\nContent-Length: %zu\r\n%s\r\n",
                        status, type, length, server->headers);
    pthread_mutex_unlock(&server->mutex);
    send_all(socket, head, (size_t)size);
    send_all(socket, body, length);
}

/* The next message of a batch at or after place, its end, and its id. Returns NULL after the last. */
static const char *next_message(const char *place, const char **end, char *id, size_t room)
{
    const char *message = strstr(place, "{\"channel\":\"");
    const char *start;

    if (message == NULL)
        return NULL;
    *end = strstr(message + 1, "{\"channel\":\"");
    if (*end == NULL)
        *end = message + strlen(message);
    start = strstr(message, "\"id\":\"") + strlen("\"id\":\"");
    (void)snprintf(id, room, "%.*s", (int)strcspn(start, "\""), start);
    return message;
}

static bool holds(const char *message, const char *end, const char *word)
{
    const char *found = strstr(message, word);

    return found != NULL && found < end;
}

static void take_message(struct fault_server *server, const char *message, const char *end)
{
    const char *number = strstr(message, "{\"n\":");

    if (number == NULL || number >= end)
        return;
    pthread_mutex_lock(&server->mutex);
    if (server->taken_count < TAKEN)
        server->taken[server->taken_count++] = strtol(number + strlen("{\"n\":"), NULL, 10);
    pthread_mutex_unlock(&server->mutex);
}

static const char *fate(struct fault_server *server, const char *message, const char *end)
{
    bool busy = false;

    if (holds(message, end, "SWALLOW"))
        return NULL;
    if (holds(message, end, "REJECT"))
        return "\"successful\":false,\"error\":\"403:/sync/x:no\"";
    if (holds(message, end, "BUSY")) {
        pthread_mutex_lock(&server->mutex);
        busy = server->busy_answers++ < 2;
        pthread_mutex_unlock(&server->mutex);
    }
    if (busy)
        return "\"successful\":false,\"error\":\"500::engine\"";
    take_message(server, message, end);
    return "\"successful\":true";
}

static void answer_messages(struct fault_server *server, int socket, const char *body)
{
    const char *place = body;
    const char *end = NULL;
    char id[64];
    char *replies = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&replies, &length);
    const char *separator = "[";

    if (out == NULL)
        abort();
    for (const char *message; (message = next_message(place, &end, id, sizeof(id))) != NULL; place = end) {
        const char *words = fate(server, message, end);

        if (words == NULL)
            continue;
        fprintf(out, "%s{\"channel\":\"/sync/x\",\"id\":\"%s\",%s}", separator, id, words);
        separator = ",";
    }
    fputs(separator[0] == '[' ? "[]" : "]", out);
    fclose(out);
    answer(server, socket, 200, "application/json", replies, length);
    free(replies);
}

static void take_all(struct fault_server *server, const char *body)
{
    const char *end = NULL;
    char id[64];

    for (const char *message; (message = next_message(body, &end, id, sizeof(id))) != NULL; body = end)
        take_message(server, message, end);
}

static void pause_for(struct fault_server *server, long milliseconds)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += milliseconds * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&server->mutex);
    while (!server->stopping && pthread_cond_timedwait(&server->stopping_changed, &server->mutex, &until) == 0)
        continue;
    pthread_mutex_unlock(&server->mutex);
}

static void hang(int socket)
{
    char byte;

    while (recv(socket, &byte, 1, 0) > 0)
        continue;
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

/* Returns whether the connection goes on. */
static bool serve(struct fault_server *server, int socket, const char *request, const char *body)
{
    static const char page[] = "<html>It works!</html>";
    static const char huge[3 * 512 * 1024];
    static const char foreign[] = "[{\"id\":\"other-1\",\"successful\":true}]";
    long argument = 0;

    switch (next_fault(server, request, &argument)) {
    case FAULT_SLOW:
        pause_for(server, argument);
        break;
    case FAULT_HANG:
        hang(socket);
        return false;
    case FAULT_STATUS:
        answer(server, socket, (int)argument, "text/plain", "no", 2);
        return true;
    case FAULT_CLOSE_AFTER:
        take_all(server, body);
        return false;
    case FAULT_CLOSE_BEFORE:
        return false;
    case FAULT_HTML:
        answer(server, socket, 200, "text/html", page, sizeof(page) - 1);
        return true;
    case FAULT_FOREIGN_IDS:
        answer(server, socket, 200, "application/json", foreign, sizeof(foreign) - 1);
        return true;
    case FAULT_HUGE:
        answer(server, socket, 200, "application/json", huge, sizeof(huge));
        return true;
    case FAULT_LARGE:
        if (strlen(body) > (size_t)argument) {
            answer(server, socket, 413, "text/plain", "no", 2);
            return true;
        }
        break;
    case FAULT_RAW:
    case FAULT_NONE:
        break;
    }
    if (strstr(body, "KILLER") != NULL)
        return false;
    if (strstr(body, "POISON") != NULL)
        answer(server, socket, 400, "text/plain", "Bad request", 11);
    else
        answer_messages(server, socket, body);
    return true;
}

/* Before any request, as a mail server does. */
static bool greets(struct fault_server *server, int socket)
{
    static const char greeting[] = "220 mail.example ESMTP\r\n";
    bool raw;

    pthread_mutex_lock(&server->mutex);
    raw = server->fault == FAULT_RAW && server->faults_left != 0;
    pthread_mutex_unlock(&server->mutex);
    if (!raw)
        return false;
    send_all(socket, greeting, sizeof(greeting) - 1);
    shutdown(socket, SHUT_WR);
    hang(socket);
    return true;
}

/* --- Threads --- */

static void *serve_connection(void *context)
{
    struct connection *connection = context;
    struct fault_server *server = connection->server;
    int socket = connection->socket;
    char *request = malloc(REQUEST_BYTES);
    char *body;

    if (request == NULL)
        abort();
    while (!greets(server, socket) && read_request(socket, request, &body)) {
        if (!serve(server, socket, request, body))
            break;
    }
    free(request);
    pthread_mutex_lock(&server->mutex);
    connection->socket = -1;
    pthread_mutex_unlock(&server->mutex);
    close(socket);
    return NULL;
}

static void accept_one(struct fault_server *server, int socket)
{
    struct connection *connection;
    int on = 1;

    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    pthread_mutex_lock(&server->mutex);
    if (server->stopping || server->connection_count == CONNECTIONS) {
        close(socket);
    } else {
        connection = &server->connections[server->connection_count++];
        connection->server = server;
        connection->socket = socket;
        if (pthread_create(&connection->thread, NULL, serve_connection, connection) != 0)
            abort();
    }
    pthread_mutex_unlock(&server->mutex);
}

static void *accept_connections(void *context)
{
    struct fault_server *server = context;

    for (;;) {
        int socket = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);

        if (socket == -1 && errno == EINTR)
            continue;
        if (socket == -1)
            return NULL;
        accept_one(server, socket);
    }
}

static int listen_on(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)*port)};
    socklen_t size = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(listener, 64) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) != 0) {
        close(listener);
        return -1;
    }
    *port = ntohs(address.sin_port);
    return listener;
}

struct fault_server *fault_server_start(int port)
{
    struct fault_server *server = calloc(1, sizeof(*server));

    if (server == NULL)
        abort();
    server->port = port;
    server->headers = "";
    server->taken = malloc(TAKEN * sizeof(*server->taken));
    server->listener = listen_on(&server->port);
    if (server->taken == NULL || server->listener == -1) {
        free(server->taken);
        free(server);
        return NULL;
    }
    pthread_mutex_init(&server->mutex, NULL);
    pthread_cond_init(&server->stopping_changed, NULL);
    if (pthread_create(&server->acceptor, NULL, accept_connections, server) != 0)
        abort();
    return server;
}

void fault_server_stop(struct fault_server *server)
{
    int count;

    pthread_mutex_lock(&server->mutex);
    server->stopping = true;
    pthread_cond_broadcast(&server->stopping_changed);
    pthread_mutex_unlock(&server->mutex);
    shutdown(server->listener, SHUT_RDWR);
    pthread_join(server->acceptor, NULL);
    close(server->listener);
    pthread_mutex_lock(&server->mutex);
    count = server->connection_count;
    for (int i = 0; i < count; i++) {
        if (server->connections[i].socket != -1)
            shutdown(server->connections[i].socket, SHUT_RDWR);
    }
    pthread_mutex_unlock(&server->mutex);
    for (int i = 0; i < count; i++)
        pthread_join(server->connections[i].thread, NULL);
    pthread_cond_destroy(&server->stopping_changed);
    pthread_mutex_destroy(&server->mutex);
    free(server->taken);
    free(server);
}

/* --- The tests' side --- */

int fault_server_port(const struct fault_server *server)
{
    return server->port;
}

void fault_server_fail(struct fault_server *server, enum fault fault, long argument, int count)
{
    pthread_mutex_lock(&server->mutex);
    server->fault = fault;
    server->argument = argument;
    server->faults_left = count;
    pthread_mutex_unlock(&server->mutex);
}

void fault_server_headers(struct fault_server *server, const char *lines)
{
    pthread_mutex_lock(&server->mutex);
    server->headers = lines;
    pthread_mutex_unlock(&server->mutex);
}

size_t fault_server_taken(struct fault_server *server, long *numbers, size_t room)
{
    size_t count;

    pthread_mutex_lock(&server->mutex);
    count = server->taken_count < room ? server->taken_count : room;
    memcpy(numbers, server->taken, count * sizeof(*numbers));
    pthread_mutex_unlock(&server->mutex);
    return count;
}

static int read_locked(struct fault_server *server, const int *number)
{
    int value;

    pthread_mutex_lock(&server->mutex);
    value = *number;
    pthread_mutex_unlock(&server->mutex);
    return value;
}

int fault_server_requests(struct fault_server *server)
{
    return read_locked(server, &server->requests);
}

int fault_server_connections(struct fault_server *server)
{
    return read_locked(server, &server->connection_count);
}

void fault_server_request(struct fault_server *server, char *copy, size_t room)
{
    pthread_mutex_lock(&server->mutex);
    (void)snprintf(copy, room, "%s", server->last);
    pthread_mutex_unlock(&server->mutex);
}
