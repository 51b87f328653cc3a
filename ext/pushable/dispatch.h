/* dispatch.h - one record's messages: to each channel what it has to hear, by where the record was and where it is now.
 *
 * Application code may run here (as_json, serializers); whatever it raises is reported.
 */
#ifndef PU_DISPATCH_H
#define PU_DISPATCH_H

#include "membership.h"
#include "payload.h"

/* One record on its way. Lives on the C stack of rb_pu_dispatch's caller. */
struct rb_pu_dispatch {
    struct rb_pu_change change;
    VALUE origin; /* rb_pu_origin of whoever fills this */
    struct rb_pu_row row;
    VALUE before, after; /* Hashes of membership.h */
    VALUE silent;        /* Array of the rules that failed */
    struct rb_pu_payload payload;
    struct pu_buf channel;
    void (*body)(struct rb_pu_dispatch *dispatch); /* takes the record, fills before and after, and sends */
    void *context;                                 /* body's own */
};

/* rb_pu_dispatch - Run dispatch->body. change or context, and origin are filled, the rest is made here and freed,
 * whatever the application raises. A StandardError is reported; anything else passes through.
 */
void rb_pu_dispatch(struct rb_pu_dispatch *dispatch);

/* rb_pu_dispatch_take - change.record, now that it is known, is the one. plan - its class's. */
void rb_pu_dispatch_take(struct rb_pu_dispatch *dispatch, VALUE plan);

/* rb_pu_dispatch_reload - Go on with the row read again. */
void rb_pu_dispatch_reload(struct rb_pu_dispatch *dispatch);

/* rb_pu_dispatch_send - One message to one channel. rule - a place among the rules of the class. */
void rb_pu_dispatch_send(struct rb_pu_dispatch *dispatch, VALUE name, enum pu_event event, long rule);

/* rb_pu_dispatch_send_all - To each channel of before and after what follows from the two. */
void rb_pu_dispatch_send_all(struct rb_pu_dispatch *dispatch);

#endif
