/* membership.h - the channels a record is in, by the rules of its class.
 *
 * Asks the application's channel methods; what one of them raises is reported, and the other rules are asked.
 */
#ifndef PU_MEMBERSHIP_H
#define PU_MEMBERSHIP_H

#include "plan.h"

/* rb_pu_channels - subject: a record or a view of one. Returns a Hash channel name => Integer of the events that the
 * rules which name it declare (bit 1 << enum pu_event).
 */
VALUE rb_pu_channels(VALUE subject, VALUE plan);

/* rb_pu_asks_methods - Whether the channels depend on methods of the application, and so on the record's columns. */
bool rb_pu_asks_methods(VALUE plan);

#endif
