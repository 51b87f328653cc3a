/* courier_class.h - the Ruby class Pushable::Courier: a courier of the core and the Ruby Thread that runs it.
 *
 * Starting, stopping and reporting are in lib/pushable/courier.rb.
 */
#ifndef PU_COURIER_CLASS_H
#define PU_COURIER_CLASS_H

#include "errors.h"
#include "pu_courier.h"

/* rb_pu_courier_current - The courier of this process, started when there is none, or its thread has died, or it was
 * inherited by a fork. Valid until Ruby code runs next.
 */
struct pu_courier *rb_pu_courier_current(void);

/* rb_pu_courier_post - pu_courier_post by the process's inline courier, without the GVL; one thread at a time. */
enum pu_result rb_pu_courier_post(const struct pu_message *message, struct pu_outcome *outcome);

void rb_pu_init_courier_class(void);

#endif
