/* sink.c - a server for benchmarks that answers publishes as Faye does, at next to no cost (benchmark/support/sink.rb).
 *
 * It listens on a free port of the loopback, prints its number, and ends when its standard input does. Connections are
 * kept open unless the client says otherwise. A POST is answered with a reply to each message; one to /_broadcast,
 * which is AnyCable's, with 201 and nothing. For the benchmark:
 *
 *   GET /counts   the messages and connections so far, as JSON
 *   GET /await/N  answered as soon as N messages have come
 *   GET /hold     POSTs are read and counted, but not answered...
 *   GET /release  ...until now
 *   GET /lags     see sink_body_lags
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sink_body.h"

#define CONNECTIONS 1024 /* by the number of their socket */
#define LARGEST_READ ((size_t)256 * 1024)

struct connection {
    bool open;
    bool closing;    /* after what is still to be written */
    bool held;       /* its answer waits for /release */
    uint64_t awaits; /* messages to come before it is answered; 0: none */
    struct bytes in;
    struct bytes out;
    size_t written; /* of out */
    bool full;      /* the socket takes no more at the moment */
};

struct request {
    const char *path;
    size_t path_length;
    bool post, form, close, expects;
    const char *body;
    size_t length;
};

static struct connection connections[CONNECTIONS];
static uint64_t connection_count, post_count;
static size_t awaiting; /* connections that do */
static size_t held;     /* connections that are */
static bool holding;
static int poller;

static void fail(const char *what)
{
    (void)fprintf(stderr, "sink: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void watch(int operation, int number, uint32_t events)
{
    struct epoll_event event = {.events = events, .data = {.fd = number}};

    if (epoll_ctl(poller, operation, number, &event) == -1)
        fail("epoll_ctl");
}

static void hang_up(int number)
{
    awaiting -= connections[number].awaits > 0 ? 1 : 0;
    held -= connections[number].held ? 1 : 0;
    connections[number].open = false;
    (void)close(number);
}

/* --- Answers --- */

static void watch_full(int number, bool full)
{
    if (connections[number].full == full)
        return;
    connections[number].full = full;
    watch(EPOLL_CTL_MOD, number, full ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

/* What the socket does not take waits for it. */
static void write_out(int number)
{
    struct connection *connection = &connections[number];

    while (connection->written < connection->out.length) {
        ssize_t sent = send(number, connection->out.start + connection->written,
                            connection->out.length - connection->written, MSG_NOSIGNAL);

        if (sent == -1 && errno == EINTR)
            continue;
        if (sent == -1 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            watch_full(number, true);
            return;
        }
        if (sent == -1) {
            hang_up(number); /* a client that left has no use for an answer */
            return;
        }
        connection->written += (size_t)sent;
    }
    connection->out.length = connection->written = 0;
    watch_full(number, false);
    if (connection->closing)
        hang_up(number);
}

static void answer(struct connection *connection, const char *status, const char *body, size_t length)
{
    char head[160];
    int head_length = snprintf(head, sizeof(head),
                               "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
                               "Connection: %s\r\n\r\n",
                               status, length, connection->closing ? "close" : "keep-alive");

    bytes_append(&connection->out, head, (size_t)head_length);
    bytes_append(&connection->out, body, length);
}

static void answer_post(struct connection *connection, const struct request *request)
{
    static struct bytes replies;
    bool anycable = request->path_length == strlen("/_broadcast") &&
                    memcmp(request->path, "/_broadcast", request->path_length) == 0;

    post_count++;
    replies.length = 0;
    if (!sink_body_read(request->body, request->length, request->form, &replies)) {
        connection->closing = true;
        answer(connection, "400 Bad Request", "Bad request", strlen("Bad request"));
    } else if (anycable) {
        answer(connection, "201 Created", "", 0);
    } else {
        answer(connection, "200 OK", replies.start, replies.length);
    }
    connection->held = holding;
    held += holding ? 1 : 0;
}

static void answer_counts(struct connection *connection)
{
    struct counts counts = sink_body_counts();
    char body[256];

    (void)snprintf(body, sizeof(body),
                   "{\"messages\":%" PRIu64 ",\"resyncs\":%" PRIu64 ",\"doubled\":%" PRIu64 ",\"missing\":%" PRIu64
                   ",\"posts\":%" PRIu64 ",\"connections\":%" PRIu64 ",\"held\":%zu}",
                   counts.messages, counts.resyncs, counts.doubled, counts.missing, post_count, connection_count, held);
    answer(connection, "200 OK", body, strlen(body));
}

static void release(void)
{
    holding = false;
    for (int number = 0; number < CONNECTIONS; number++) {
        if (connections[number].open && connections[number].held) {
            connections[number].held = false;
            held--;
            write_out(number);
        }
    }
}

static void answer_get(struct connection *connection, const struct request *request)
{
    char path[64];

    (void)snprintf(path, sizeof(path), "%.*s", (int)request->path_length, request->path);
    if (strcmp(path, "/counts") == 0) {
        answer_counts(connection);
    } else if (strncmp(path, "/await/", strlen("/await/")) == 0) {
        connection->awaits = strtoull(path + strlen("/await/"), NULL, 10);
        awaiting++;
        answer(connection, "200 OK", "{}", 2);
    } else if (strcmp(path, "/lags") == 0) {
        struct bytes lags = {0};

        sink_body_lags(&lags);
        answer(connection, "200 OK", lags.start, lags.length);
        free(lags.start);
    } else if (strcmp(path, "/hold") == 0 || strcmp(path, "/release") == 0) {
        holding = strcmp(path, "/hold") == 0;
        if (!holding)
            release();
        answer(connection, "200 OK", "{}", 2);
    } else {
        answer(connection, "404 Not Found", "", 0);
    }
}

/* Those that waited for no more messages than there are now. */
static void answer_waiting(void)
{
    uint64_t messages = sink_body_counts().messages;

    for (int number = 0; awaiting > 0 && number < CONNECTIONS; number++) {
        if (connections[number].open && connections[number].awaits > 0 && connections[number].awaits <= messages) {
            connections[number].awaits = 0;
            awaiting--;
            write_out(number);
        }
    }
}

/* --- Requests --- */

/* The value of a header, up to the end of its line; NULL: not there. name - with its colon. */
static const char *header(const char *head, const char *end, const char *name)
{
    for (const char *line = memmem(head, (size_t)(end - head), "\r\n", 2); line != NULL;
         line = memmem(line, (size_t)(end - line), "\r\n", 2)) {
        line += 2;
        if ((size_t)(end - line) > strlen(name) && strncasecmp(line, name, strlen(name)) == 0) {
            line += strlen(name);
            return line + strspn(line, " ");
        }
    }
    return NULL;
}

static bool header_says(const char *value, const char *word)
{
    return value != NULL && strncasecmp(value, word, strlen(word)) == 0;
}

/* Returns the end of the head, or NULL when it is not all there. */
static const char *read_head(const char *start, const char *end, struct request *request)
{
    const char *blank = memmem(start, (size_t)(end - start), "\r\n\r\n", 4);
    const char *length;

    if (blank == NULL)
        return NULL;
    length = header(start, blank + 2, "Content-Length:");
    *request = (struct request){.post = strncmp(start, "POST ", 5) == 0, .length = 0};
    request->length = length != NULL ? strtoull(length, NULL, 10) : 0;
    request->form = header_says(header(start, blank + 2, "Content-Type:"), "application/x-www-form-urlencoded");
    request->close = header_says(header(start, blank + 2, "Connection:"), "close");
    request->expects = header_says(header(start, blank + 2, "Expect:"), "100-continue");
    request->path = start + strcspn(start, " ") + 1;
    request->path_length = strcspn(request->path, " \r");
    request->body = blank + 4;
    return request->body;
}

/* Everything that has come whole, as one client may send several requests at once. */
static void serve(int number)
{
    struct connection *connection = &connections[number];
    const char *start = connection->in.start;
    const char *end = start + connection->in.length;
    struct request request;
    const char *body;

    while (!connection->closing && (body = read_head(start, end, &request)) != NULL) {
        if ((size_t)(end - body) < request.length) {
            if (request.expects && body == end)
                bytes_append_text(&connection->out, "HTTP/1.1 100 Continue\r\n\r\n");
            break;
        }
        connection->closing = request.close;
        if (request.post)
            answer_post(connection, &request);
        else
            answer_get(connection, &request);
        start = body + request.length;
    }
    connection->in.length = (size_t)(end - start);
    memmove(connection->in.start, start, connection->in.length);
    if (!connection->held && connection->awaits == 0)
        write_out(number);
}

static void receive(int number)
{
    struct bytes *in = &connections[number].in;
    ssize_t got;

    if (in->room - in->length < LARGEST_READ + 1) { /* and a NUL, for the functions of strings */
        static char room[LARGEST_READ + 1];

        bytes_append(in, room, sizeof(room));
        in->length -= sizeof(room);
    }
    do {
        got = recv(number, in->start + in->length, LARGEST_READ, 0);
    } while (got == -1 && errno == EINTR);
    if (got == -1 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return;
    if (got <= 0) {
        hang_up(number);
        return;
    }
    in->length += (size_t)got;
    in->start[in->length] = '\0';
    serve(number);
}

static void accept_all(int listener)
{
    int number;
    int one = 1;

    while ((number = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) != -1) {
        struct bytes in, out;

        if (number >= CONNECTIONS)
            fail("too many connections");
        in = connections[number].in; /* its memory is used again */
        out = connections[number].out;
        in.length = out.length = 0;
        connections[number] = (struct connection){.open = true, .in = in, .out = out};
        connection_count++;
        (void)setsockopt(number, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
        watch(EPOLL_CTL_ADD, number, EPOLLIN);
    }
}

static int listen_anywhere(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (listener == -1 || bind(listener, (struct sockaddr *)&address, length) == -1 || listen(listener, 512) == -1 ||
        getsockname(listener, (struct sockaddr *)&address, &length) == -1)
        fail("listening");
    (void)printf("%d\n", ntohs(address.sin_port));
    (void)fflush(stdout);
    return listener;
}

int main(void)
{
    struct epoll_event events[64];
    int listener;

    (void)signal(SIGINT, SIG_IGN); /* a Ctrl-C ends the benchmark, which ends its sink */
    poller = epoll_create1(EPOLL_CLOEXEC);
    if (poller == -1)
        fail("epoll_create1");
    listener = listen_anywhere();
    watch(EPOLL_CTL_ADD, listener, EPOLLIN);
    watch(EPOLL_CTL_ADD, STDIN_FILENO, EPOLLIN);
    for (;;) {
        int count = epoll_wait(poller, events, 64, -1);

        if (count == -1 && errno != EINTR)
            fail("epoll_wait");
        for (int i = 0; i < count; i++) {
            int number = events[i].data.fd;

            if (number == STDIN_FILENO)
                return 0;
            if (number == listener)
                accept_all(listener);
            else if (events[i].events & EPOLLOUT)
                write_out(number);
            else if (connections[number].open)
                receive(number);
        }
        answer_waiting();
    }
}
