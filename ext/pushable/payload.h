/* payload.h - what a message says of a record: its object, and the names of the keys that are news.
 *
 * Encoded once for all channels of the same shape. May call the application where columns alone do not tell.
 */
#ifndef PU_PAYLOAD_H
#define PU_PAYLOAD_H

#include "changes.h"
#include "pu_message.h"
#include "row.h"

/* Filled by the owner; the buffers belong to it, from rb_pu_payload_init to rb_pu_payload_cleanup. */
struct rb_pu_payload {
    const struct rb_pu_change *change;
    struct rb_pu_row *row;
    bool whole; /* every column may be news, not only those that are known to have changed */
    /* The rest is the payload's own. */
    VALUE shape;  /* of what stands in the buffers; Qnil at first */
    bool reduced; /* to the changed columns */
    bool partial, unsayable;
    struct pu_span object;
    struct pu_buf written, names, key;
};

void rb_pu_payload_init(struct rb_pu_payload *payload);
void rb_pu_payload_cleanup(struct rb_pu_payload *payload);

/* rb_pu_payload_fill - Fill message's object, changed and partial for an event to a channel of a rule with this shape.
 * The bytes are the payload's and stay until the next call. What the application raises is reported, and the message
 * carries the key alone: the browser fetches. Returns false when it has no key either.
 */
bool rb_pu_payload_fill(struct rb_pu_payload *payload, VALUE shape, struct pu_message *message);

/* rb_pu_payload_reduce - Make a message that is too large one that carries the key alone. Returns false when the record
 * has none, and leaves the message as it is.
 */
bool rb_pu_payload_reduce(struct rb_pu_payload *payload, struct pu_message *message);

/* rb_pu_payload_forget - What was encoded does not hold any more. */
void rb_pu_payload_forget(struct rb_pu_payload *payload);

/* rb_pu_payload_fresh - Whether, of a record that existed, this shape has to be asked of the row read again: what
 * methods, associations and serializers say hangs on columns that may be old in the instance.
 */
bool rb_pu_payload_fresh(VALUE shape);

void rb_pu_init_payload(void);

#endif
