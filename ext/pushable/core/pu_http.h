/* pu_http.h - one HTTP client to one address: a POST at a time over a kept connection, driven step by step.
 *
 * Threads:  pu_http_wake from any thread; everything else from one at a time. Calls no Ruby API: safe without the GVL.
 *           The caller blocks SIGPIPE.
 * Memory:   a heap object. The body of a POST is borrowed until its answer or pu_http_cancel. malloc/free.
 * After fork: an inherited client must not be touched, except by pu_http_abandon.
 */
#ifndef PU_HTTP_H
#define PU_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pu_result.h"

struct pu_http;

/* Strings are copied by pu_http_new. */
struct pu_http_options {
    const char *url;           /* http:// or https:// */
    const char *authorization; /* value of the Authorization header, without line breaks, or NULL */
    const char *ca_file;       /* PEM bundle, or NULL for the system's */
    bool verify;               /* check the server's certificate and name */
    long open_timeout_ms;
    long timeout_ms;
};

/* How a POST ended. */
enum pu_http_end {
    PU_HTTP_ANSWERED,    /* with a status; any */
    PU_HTTP_UNREACHABLE, /* no connection: nothing was sent */
    PU_HTTP_BROKEN,      /* the connection died without a whole answer */
    PU_HTTP_TIMEOUT,
    PU_HTTP_TLS,    /* handshake, certificate, or the CA file */
    PU_HTTP_FOREIGN /* whoever answered does not speak HTTP */
};

#define PU_HTTP_TEXT 256

struct pu_http_answer {
    enum pu_http_end end;
    long status;             /* 0 unless answered */
    const char *body;        /* the client's, until the next POST; never NULL; empty when larger than 1 MiB */
    size_t length;           /* of body */
    bool reused;             /* went over a connection that an earlier POST had opened */
    bool uploaded;           /* the whole body had left */
    long connections;        /* opened for this POST */
    int64_t retry_after_ms;  /* what the server asked for, or 0 */
    char text[PU_HTTP_TEXT]; /* for a person; never a credential */
};

/* pu_http_setup - Once per process, before any client. Not thread-safe. Returns PU_OK, PU_ETRANSPORT. */
PU_NODISCARD enum pu_result pu_http_setup(void);

/* pu_http_new - http receives the client; no connection is opened yet. Credentials in the URL become the request's.
 * Returns PU_OK, PU_ENOMEM, PU_EURL, PU_ETRANSPORT.
 */
PU_NODISCARD enum pu_result pu_http_new(const struct pu_http_options *options, struct pu_http **http);

/* pu_http_free - Closes the connection; a POST under way is given up. NULL is fine. */
void pu_http_free(struct pu_http *http);

/* pu_http_abandon - In a forked child: close the inherited sockets without a word on the wire and leak the rest, as
 * anything more would speak, as the parent, to the parent's server.
 */
void pu_http_abandon(struct pu_http *http);

/* pu_http_post - Begin a POST; none may be under way. fresh - over a new connection. */
void pu_http_post(struct pu_http *http, const char *body, size_t length, bool fresh);

/* pu_http_step - Go on as far as possible without waiting. Returns the answer once there is one, NULL before; the
 * answer is the client's until the next POST.
 */
const struct pu_http_answer *pu_http_step(struct pu_http *http);

/* pu_http_wait - Sleep until the POST under way can go on, pu_http_wake, or timeout_ms. */
void pu_http_wait(struct pu_http *http, int64_t timeout_ms);

/* pu_http_wake - End the present pu_http_wait, or else the next one at once. Any thread. */
void pu_http_wake(struct pu_http *http);

/* pu_http_cancel - Give the POST under way up, and its connection. */
void pu_http_cancel(struct pu_http *http);

#endif
