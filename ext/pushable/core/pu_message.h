/* pu_message.h - one message on its way to a channel, as the contract on the wire has it (docs/architecture.md).
 *
 * A plain record of borrowed bytes: whoever fills it owns them and keeps them alive during the call it is passed to.
 */
#ifndef PU_MESSAGE_H
#define PU_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pu_span {
    const char *bytes; /* borrowed, not NUL-terminated */
    size_t length;     /* 0: absent */
};

/* pu_span_of - A NUL-terminated text as a span. */
struct pu_span pu_span_of(const char *text);

enum pu_event { PU_EVENT_CREATE, PU_EVENT_UPDATE, PU_EVENT_DESTROY, PU_EVENT_RESYNC, PU_EVENT_COUNT };

struct pu_message {
    struct pu_span channel; /* the wire's name, "/sync/family_1_members" (pu_bayeux_channel) */
    enum pu_event event;
    struct pu_span object;  /* JSON; absent for PU_EVENT_RESYNC */
    struct pu_span changed; /* JSON array of names, or absent */
    struct pu_span origin;  /* [A-Za-z0-9._-]{1,128}, written as it is, or absent */
    int64_t at;             /* pu_clock_stamp */
    bool partial;           /* object holds the key alone: the browser fetches */
};

/* pu_event_name - "create", "update", "destroy", "resync"; static memory. */
const char *pu_event_name(enum pu_event event);

#endif
