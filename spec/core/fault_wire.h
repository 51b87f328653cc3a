/* fault_wire.h - the fault server's HTTP: one request in, one answer out, as slowly or as little of it as asked. */
#ifndef FAULT_WIRE_H
#define FAULT_WIRE_H

#include <stdbool.h>
#include <stddef.h>

#define REQUEST_BYTES ((size_t)2 * 1024 * 1024)

/* How bytes leave: all zero for at once and all. */
struct manner {
    size_t piece;  /* so many at a time, */
    long pause_ms; /* and this long between two */
    size_t limit;  /* no more than so many; 0: all */
};

/* request has room for REQUEST_BYTES and receives one NUL-terminated request; body where its body starts. Returns false
 * when the client has left.
 */
bool wire_read(int socket, char *request, char **body);

/* Returns false when not all was sent. */
bool wire_send(int socket, const char *bytes, size_t length, struct manner manner);

struct answer {
    int status;
    const char *type;
    const char *headers; /* lines with their "\r\n" */
    const char *body;
    size_t length;
};

/* Returns false when not all was sent. */
bool wire_answer(int socket, const struct answer *answer, struct manner manner);

/* Whether the client has closed its side. */
bool wire_left(int socket);

/* Waits until the client leaves. */
void wire_hang(int socket);

#endif
