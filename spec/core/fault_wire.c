#include "fault_wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

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

bool wire_read(int socket, char *request, char **body)
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

static bool send_at_once(int socket, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(socket, bytes, length, MSG_NOSIGNAL);

        if (sent == -1 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        bytes += sent;
        length -= (size_t)sent;
    }
    return true;
}

bool wire_send(int socket, const char *bytes, size_t length, struct manner manner)
{
    const struct timespec pause = {.tv_sec = manner.pause_ms / 1000, .tv_nsec = manner.pause_ms % 1000 * 1000000};
    size_t all = manner.limit > 0 && manner.limit < length ? manner.limit : length;

    for (size_t sent = 0; sent < all;) {
        size_t piece = manner.piece > 0 && manner.piece < all - sent ? manner.piece : all - sent;

        if (!send_at_once(socket, bytes + sent, piece))
            return false;
        sent += piece;
        if (sent < all)
            nanosleep(&pause, NULL);
    }
    return all == length;
}

bool wire_answer(int socket, const struct answer *answer, struct manner manner)
{
    char *bytes = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&bytes, &length);
    bool sent;

    if (out == NULL)
        abort();
    fprintf(out, "HTTP/1.1 %d X\r\nContent-Type: %s\r\nContent-Length: %zu\r\n%s\r\n", answer->status, answer->type,
            answer->length, answer->headers);
    fwrite(answer->body, 1, answer->length, out);
    fclose(out);
    sent = wire_send(socket, bytes, length, manner);
    free(bytes);
    return sent;
}

bool wire_left(int socket)
{
    char byte;

    return recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

void wire_hang(int socket)
{
    char byte;

    while (recv(socket, &byte, 1, 0) > 0)
        continue;
}
