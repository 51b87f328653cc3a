/* delivery.h - the last step of a message in the caller's thread: into the queue, onto the wire, or into an Array.
 *
 * Which of the three is config.delivery_method: :async, :inline, :test.
 */
#ifndef PU_DELIVERY_H
#define PU_DELIVERY_H

#include "errors.h"
#include "pu_message.h"

/* rb_pu_deliver - Hand one message over. detail - receives a String that says more, or Qnil.
 *
 * :async returns as soon as the message is queued; :inline waits, without the GVL, until the server has acknowledged
 * it. The message's bytes are the caller's and stay alive during the call: :inline may raise what interrupts the
 * thread. Returns PU_OK, or why the message is not on its way.
 */
enum pu_result rb_pu_deliver(const struct pu_message *message, VALUE *detail);

/* rb_pu_report_undelivered - Report a message that is not on its way, naming its channel; nothing for PU_OK.
 *
 * detail - from rb_pu_deliver, or Qnil; record - the record concerned, or Qnil.
 */
void rb_pu_report_undelivered(enum pu_result result, VALUE name, VALUE detail, VALUE record);

void rb_pu_init_delivery(void);

#endif
