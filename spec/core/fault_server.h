/* fault_server.h - a small Faye-like HTTP server for the tests, that fails on demand.
 *
 * Answers each message of a posted batch with a Bayeux reply. Words inside a message change its fate, in every mode:
 *   POISON   the whole batch is answered 400       REJECT   successful: false, error 403
 *   KILLER   the connection is closed, unanswered  BUSY     successful: false, error 500 (the first two times)
 *   SWALLOW  no reply for this message
 *
 * It is a part of the C tests' programs, and a program of its own (fault_main.c) that is told what to do by requests:
 *   /control/NAME/ARGUMENT/COUNT[/RETRY_AFTER]   the next COUNT posts meet the fault of that name (fault_names)
 *   /stats                                       its counters, as JSON
 */
#ifndef FAULT_SERVER_H
#define FAULT_SERVER_H

#include <stdbool.h>
#include <stddef.h>

/* Names as toxiproxy has them, where it has one. */
enum fault {
    FAULT_NONE,
    FAULT_SLOW,         /* latency: argument: milliseconds before the batch is taken and answered */
    FAULT_BANDWIDTH,    /* argument: the answer's kilobytes a second */
    FAULT_SLICER,       /* argument: the answer comes in pieces of so many bytes, a millisecond between two */
    FAULT_HANG,         /* timeout: no answer until the client or the server leaves; nothing is taken */
    FAULT_RESET,        /* reset_peer: the connection is reset; nothing is taken */
    FAULT_LIMIT_DATA,   /* the batch is taken, the answer ends after so many bytes, as argument says */
    FAULT_CLOSE_BEFORE, /* closed without an answer; nothing is taken */
    FAULT_CLOSE_AFTER,  /* the batch is taken, the acknowledgement is lost */
    FAULT_CLOSE,        /* answered, and then closed without having said so */
    FAULT_STALE,       /* a connection that is used again is closed, unanswered; nothing is taken, whatever the count */
    FAULT_STATUS,      /* argument: the status; the batch is not taken */
    FAULT_HTML,        /* 200 and a page, as a proxy in front of a dead server gives it */
    FAULT_FOREIGN_IDS, /* replies to something else */
    FAULT_HUGE,        /* 200 and more than a megabyte */
    FAULT_RAW,         /* no HTTP at all: every connection, whatever the count */
    FAULT_LARGE        /* too_large: 413 for a body larger than the argument, in bytes */
};

struct fault_options {
    int port;        /* 0: any */
    const char *log; /* file to append every message taken to, one a line, before it is acknowledged; NULL: none.
                      * A line "+" is a server that starts, a line "!" an acknowledgement that did not arrive. */
    bool mortal;     /* KILLER ends the process */
    /* Called for every message taken, by the connection's thread, before it is acknowledged; NULL: not. */
    void (*taken)(void *context, const char *message, size_t length);
    void *context;
};

struct fault_server;

/* Returns NULL when the port is taken. */
struct fault_server *fault_server_open(const struct fault_options *options);

/* The same with a port alone. */
struct fault_server *fault_server_start(int port);
void fault_server_stop(struct fault_server *server);
int fault_server_port(const struct fault_server *server);

/* The next count posts meet the fault; -1: all. */
void fault_server_fail(struct fault_server *server, enum fault fault, long argument, int count);

/* Headers to add to every answer, each line with its "\r\n"; copied, "" for none. */
void fault_server_headers(struct fault_server *server, const char *lines);

/* The numbers ({"n":…} in the messages) taken so far, in order of arrival, repetitions included. */
size_t fault_server_taken(struct fault_server *server, long *numbers, size_t room);

int fault_server_requests(struct fault_server *server);
int fault_server_connections(struct fault_server *server);

/* A copy of the newest request as it came in, NUL-terminated, cut to room. */
void fault_server_request(struct fault_server *server, char *copy, size_t room);

#endif
