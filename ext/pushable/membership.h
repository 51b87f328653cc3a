/* membership.h - the channels a record is in, by the rules of its class.
 *
 * Asks the application's channel methods; what one of them raises is reported, and the other rules are asked.
 */
#ifndef PU_MEMBERSHIP_H
#define PU_MEMBERSHIP_H

#include "plan.h"

/* rb_pu_channels - subject: a record or a view of one. Returns a Hash channel name => Integer of the events that the
 * rules which name it declare (bit 1 << enum pu_event). silent - an Array, empty at first: a rule that fails is put in,
 * and one that is in is not asked. Given along from one asking about a record to the next, it keeps a record from
 * leaving channels only because where it is now is not known.
 */
VALUE rb_pu_channels(VALUE subject, VALUE plan, VALUE silent);

/* rb_pu_asks_methods - Whether the channels depend on methods of the application, and so on the record's columns. */
bool rb_pu_asks_methods(VALUE plan);

#endif
