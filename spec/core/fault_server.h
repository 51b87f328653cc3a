/* fault_server.h - a small Faye-like HTTP server for the tests, that fails on demand.
 *
 * Answers each message of a posted batch with a Bayeux reply. Words inside a message change its fate, in every mode:
 *   POISON   the whole batch is answered 400       REJECT   successful: false, error 403
 *   KILLER   the connection is closed, unanswered  BUSY     successful: false, error 500 (the first two times)
 *   SWALLOW  no reply for this message
 */
#ifndef FAULT_SERVER_H
#define FAULT_SERVER_H

#include <stdbool.h>
#include <stddef.h>

enum fault {
    FAULT_NONE,
    FAULT_SLOW,         /* argument: milliseconds before the answer */
    FAULT_HANG,         /* no answer until the client or the server leaves */
    FAULT_STATUS,       /* argument: the status; the batch is not taken */
    FAULT_CLOSE_BEFORE, /* closed without an answer; nothing is taken */
    FAULT_CLOSE_AFTER,  /* the batch is taken, the acknowledgement is lost */
    FAULT_HTML,         /* 200 and a page, as a proxy in front of a dead server gives it */
    FAULT_FOREIGN_IDS,  /* replies to something else */
    FAULT_HUGE,         /* 200 and more than a megabyte */
    FAULT_RAW,          /* no HTTP at all: every connection, whatever the count */
    FAULT_LARGE         /* 413 for a body larger than the argument, in bytes */
};

struct fault_server;

/* port 0: any. Returns NULL when the port is taken. */
struct fault_server *fault_server_start(int port);
void fault_server_stop(struct fault_server *server);
int fault_server_port(const struct fault_server *server);

/* The next count requests meet the fault; -1: all. */
void fault_server_fail(struct fault_server *server, enum fault fault, long argument, int count);

/* Headers to add to every answer, each line with its "\r\n"; static memory, "" for none. */
void fault_server_headers(struct fault_server *server, const char *lines);

/* The numbers ({"n":…} in the messages) taken so far, in order of arrival, repetitions included. */
size_t fault_server_taken(struct fault_server *server, long *numbers, size_t room);

int fault_server_requests(struct fault_server *server);
int fault_server_connections(struct fault_server *server);

/* A copy of the newest request as it came in, NUL-terminated, cut to room. */
void fault_server_request(struct fault_server *server, char *copy, size_t room);

#endif
