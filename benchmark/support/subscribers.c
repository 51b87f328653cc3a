/* subscribers.c - many subscribers of one channel, each with a websocket of its own (benchmark/support/subscribers.rb).
 *
 *   subscribers PORT PATH COUNT CHANNEL [SUBPROTOCOL]
 *
 * Without a subprotocol they speak Bayeux, with one Action Cable's. It prints "ready" when all are subscribed, and ends
 * when its standard input does. For each line "N" there it waits until every subscriber has N more messages and prints
 *
 *   LAST CPU P50 P99 MAX   microseconds: when the last one came (monotonic clock), its own CPU time since the line, and
 *                          how old the messages were
 *
 * A message holds "n":NUMBER,"sent":MICROSECONDS. A number that is not one more than the last ends it with 1 (Bayeux;
 * Action Cable does not keep the order), and so does a connection that is closed, or half a minute without a message.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE 30 /* seconds */
#define LARGEST_READ ((size_t)256 * 1024)
#define EVENTS 256
#define IDENTIFIER "{\\\"channel\\\":\\\"BenchChannel\\\",\\\"stream\\\":\\\"%s\\\"}"

enum opcode { TEXT = 1, PING = 9, PONG = 10 };

struct subscriber {
    int socket;
    int64_t last; /* number */
    char *rest;   /* of a frame that has not come whole */
    size_t rest_length;
    char client[64]; /* Bayeux' id */
    bool subscribed;
};

static const char *channel;
static bool cable;
static struct subscriber *subscribers;
static size_t count, subscribed;
static uint32_t *lags;
static size_t lag_count, lag_room;
static int64_t last_arrival;

static void fail(const char *what)
{
    (void)fprintf(stderr, "subscribers: %s (%s)\n", what, strerror(errno));
    exit(1);
}

static int64_t now(clockid_t clock)
{
    struct timespec time;

    (void)clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static void write_all(int socket, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(socket, bytes, length, MSG_NOSIGNAL);

        if (sent == -1 && (errno == EINTR || errno == EAGAIN))
            continue; /* so little is ever written that it soon fits */
        if (sent == -1)
            fail("cannot write");
        bytes += sent;
        length -= (size_t)sent;
    }
}

/* Masked with zeros, which leaves the bytes as they are. */
static void send_frame(int socket, enum opcode opcode, const char *text, size_t length)
{
    char frame[1024];
    size_t head = 2;

    if (length > sizeof(frame) - 8)
        fail("too long");
    frame[0] = (char)(0x80 | (int)opcode);
    if (length < 126) {
        frame[1] = (char)(0x80 | (int)length);
    } else {
        frame[1] = (char)(0x80 | 126);
        frame[2] = (char)(length >> 8);
        frame[3] = (char)(length & 0xff);
        head = 4;
    }
    memset(frame + head, 0, 4);
    memcpy(frame + head + 4, text, length);
    write_all(socket, frame, head + 4 + length);
}

__attribute__((format(printf, 2, 3))) static void say(const struct subscriber *subscriber, const char *format, ...)
{
    char text[1000];
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof(text))
        fail("too long");
    send_frame(subscriber->socket, TEXT, text, (size_t)length);
}

static const char *find(const char *text, size_t length, const char *what)
{
    const char *at = memmem(text, length, what, strlen(what));

    return at == NULL ? NULL : at + strlen(what);
}

/* --- The two protocols --- */

static void connect_bayeux(const struct subscriber *subscriber)
{
    say(subscriber, "[{\"channel\":\"/meta/connect\",\"connectionType\":\"websocket\",\"clientId\":\"%s\"}]",
        subscriber->client);
}

static void begin(const struct subscriber *subscriber)
{
    if (cable)
        say(subscriber, "{\"command\":\"subscribe\",\"identifier\":\"" IDENTIFIER "\"}", channel);
    else
        say(subscriber, "[{\"channel\":\"/meta/handshake\",\"version\":\"1.0\","
                        "\"supportedConnectionTypes\":[\"websocket\"]}]");
}

static void note_client(struct subscriber *subscriber, const char *id, const char *end)
{
    size_t length = 0;

    while (id + length < end && id[length] != '"')
        length++;
    if (length >= sizeof(subscriber->client))
        fail("a long id");
    memcpy(subscriber->client, id, length);
    connect_bayeux(subscriber);
    say(subscriber, "[{\"channel\":\"/meta/subscribe\",\"clientId\":\"%s\",\"subscription\":\"%s\"}]",
        subscriber->client, channel);
}

/* Whatever is no message of the benchmark's. */
static void hear(struct subscriber *subscriber, const char *text, size_t length)
{
    const char *client = find(text, length, "\"clientId\":\"");

    if (find(text, length, "\"successful\":false") != NULL || find(text, length, "reject_subscription") != NULL)
        fail("refused");
    if (find(text, length, cable ? "confirm_subscription" : "/meta/subscribe\"") != NULL && !subscriber->subscribed) {
        subscriber->subscribed = true;
        subscribed++;
    } else if (client != NULL && find(text, length, "/meta/handshake\"") != NULL) {
        note_client(subscriber, client, text + length);
    } else if (find(text, length, "/meta/connect\"") != NULL) {
        connect_bayeux(subscriber);
    }
}

/* --- Messages --- */

static void note_lag(int64_t lag)
{
    if (lag_count == lag_room) {
        lag_room = lag_room == 0 ? 65536 : lag_room * 2;
        lags = realloc(lags, lag_room * sizeof(*lags));
        if (lags == NULL)
            fail("no memory");
    }
    lags[lag_count++] = (uint32_t)lag;
}

static void take_text(struct subscriber *subscriber, const char *text, size_t length)
{
    const char *end = text + length;
    const char *at = find(text, length, "\"n\":");

    if (at == NULL)
        hear(subscriber, text, length);
    for (; at != NULL; at = find(at, (size_t)(end - at), "\"n\":")) {
        char *rest;
        int64_t number = strtoll(at, &rest, 10);

        if (number != subscriber->last + 1 && !cable) /* which does not keep their order */
            fail("a message is lost or came twice");
        subscriber->last = number;
        last_arrival = now(CLOCK_MONOTONIC);
        note_lag(last_arrival - strtoll(rest + strlen(",\"sent\":"), NULL, 10));
    }
}

/* Returns how many bytes of it are used up: whole frames. */
static size_t take_frames(struct subscriber *subscriber, const char *bytes, size_t length)
{
    size_t used = 0;

    for (;;) {
        const unsigned char *frame = (const unsigned char *)bytes + used;
        size_t left = length - used;
        size_t head = 2;
        size_t size;

        if (left < 2)
            return used;
        size = frame[1] & 0x7fU;
        if (size == 126)
            head = 4;
        else if (size == 127)
            head = 10;
        if (left < head)
            return used;
        if (head > 2)
            size = 0;
        for (size_t at = 2; at < head; at++)
            size = size << 8 | frame[at];
        if (left < head + size)
            return used;
        if ((frame[0] & 0x0f) == TEXT)
            take_text(subscriber, bytes + used + head, size);
        else if ((frame[0] & 0x0f) == PING)
            send_frame(subscriber->socket, PONG, bytes + used + head, size);
        else
            fail("closed by the server");
        used += head + size;
    }
}

static void receive(struct subscriber *subscriber)
{
    static char *buffer;
    static size_t room;
    size_t length = subscriber->rest_length;
    size_t used;
    ssize_t got;

    if (room < length + LARGEST_READ) {
        room = length + LARGEST_READ;
        buffer = realloc(buffer, room);
        if (buffer == NULL)
            fail("no memory");
    }
    if (length > 0)
        memcpy(buffer, subscriber->rest, length);
    got = recv(subscriber->socket, buffer + length, LARGEST_READ, 0);
    if (got == -1 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0)
        fail("a connection is lost");
    length += (size_t)got;
    used = take_frames(subscriber, buffer, length);
    subscriber->rest_length = length - used;
    if (subscriber->rest_length > 0) {
        subscriber->rest = realloc(subscriber->rest, subscriber->rest_length);
        if (subscriber->rest == NULL)
            fail("no memory");
        memcpy(subscriber->rest, buffer + used, subscriber->rest_length);
    }
}

/* --- The connections --- */

static void upgrade(const struct subscriber *subscriber, int port, const char *path, const char *subprotocol)
{
    char request[512];
    char answer[1024];
    size_t length = 0;
    int size = snprintf(request, sizeof(request),
                        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Origin: http://127.0.0.1:%d\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                        "Sec-WebSocket-Version: 13\r\n%s%s%s\r\n",
                        path, port, port, cable ? "Sec-WebSocket-Protocol: " : "", cable ? subprotocol : "",
                        cable ? "\r\n" : "");

    write_all(subscriber->socket, request, (size_t)size);
    while (length < 4 || memcmp(answer + length - 4, "\r\n\r\n", 4) != 0) /* what follows is a frame */
        if (length == sizeof(answer) || recv(subscriber->socket, answer + length++, 1, 0) != 1)
            fail("no answer to the upgrade");
    if (memcmp(answer, "HTTP/1.1 101", 12) != 0)
        fail("no websocket");
}

static void open_one(struct subscriber *subscriber, int port, const char *path, const char *subprotocol)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct timeval patience = {.tv_sec = PATIENCE};
    int on = 1;
    size_t before = subscribed;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    subscriber->socket = socket(AF_INET, SOCK_STREAM, 0);
    if (subscriber->socket == -1 || connect(subscriber->socket, (struct sockaddr *)&address, sizeof(address)) == -1)
        fail("cannot connect");
    (void)setsockopt(subscriber->socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    (void)setsockopt(subscriber->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    upgrade(subscriber, port, path, subprotocol);
    begin(subscriber);
    while (subscribed == before)
        receive(subscriber);
    if (fcntl(subscriber->socket, F_SETFL, O_NONBLOCK) == -1)
        fail("fcntl");
}

/* --- What the benchmark asks for --- */

static int compare(const void *one, const void *other)
{
    uint32_t a = *(const uint32_t *)one;
    uint32_t b = *(const uint32_t *)other;

    return (a > b) - (a < b);
}

static void answer(size_t due, int64_t cpu)
{
    qsort(lags, due, sizeof(*lags), compare);
    (void)printf("%" PRId64 " %" PRId64 " %" PRIu32 " %" PRIu32 " %" PRIu32 "\n", last_arrival, cpu, lags[due / 2],
                 lags[(due - 1) * 99 / 100], lags[due - 1]);
    (void)fflush(stdout);
    lag_count = 0;
}

static void serve(int poller)
{
    struct epoll_event events[EVENTS];
    size_t due = 0;
    int64_t cpu = 0;

    for (;;) {
        int ready = epoll_wait(poller, events, EVENTS, due > 0 ? PATIENCE * 1000 : -1);

        if (ready == 0)
            fail("messages are lost");
        for (int at = 0; at < ready; at++) {
            char line[32];
            ssize_t got;

            if (events[at].data.ptr != NULL) {
                receive(events[at].data.ptr);
                continue;
            }
            got = read(STDIN_FILENO, line, sizeof(line) - 1);
            if (got <= 0)
                return;
            line[got] = '\0';
            due = strtoull(line, NULL, 10) * count;
            cpu = now(CLOCK_PROCESS_CPUTIME_ID);
        }
        if (due > 0 && lag_count >= due) {
            answer(due, now(CLOCK_PROCESS_CPUTIME_ID) - cpu);
            due = 0;
        }
    }
}

int main(int argc, char **argv)
{
    int poller = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN};

    if (argc < 5 || poller == -1)
        fail("PORT PATH COUNT CHANNEL [SUBPROTOCOL]");
    count = strtoull(argv[3], NULL, 10);
    channel = argv[4];
    cable = argc > 5;
    subscribers = calloc(count, sizeof(*subscribers));
    if (subscribers == NULL)
        fail("no memory");
    for (size_t at = 0; at < count; at++) {
        open_one(&subscribers[at], (int)strtol(argv[1], NULL, 10), argv[2], cable ? argv[5] : "");
        event.data.ptr = &subscribers[at];
        if (epoll_ctl(poller, EPOLL_CTL_ADD, subscribers[at].socket, &event) == -1)
            fail("epoll_ctl");
    }
    event.data.ptr = NULL;
    if (epoll_ctl(poller, EPOLL_CTL_ADD, STDIN_FILENO, &event) == -1)
        fail("epoll_ctl");
    (void)puts("ready");
    (void)fflush(stdout);
    serve(poller);
    return 0;
}
