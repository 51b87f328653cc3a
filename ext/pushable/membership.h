/* membership.h - the channels a record is in, by the rules of its class.
 *
 * Asks the application's channel methods and conditions; what one of them raises is reported, and the other rules are
 * asked.
 */
#ifndef PU_MEMBERSHIP_H
#define PU_MEMBERSHIP_H

#include "plan.h"
#include "pu_message.h"

/* rb_pu_channels - subject: a record or a view of one. Returns a Hash channel name => Integer, for rb_pu_channel_rule.
 *
 * events - bits 1 << enum pu_event: rules that declare none of them are not asked; RB_PU_ANY_EVENT asks all. silent -
 * an Array, empty at first: a rule that fails is put in, and one that is in is not asked. Given along from one asking
 * about a record to the next, it keeps a record from leaving channels only because where it is now is not known.
 */
VALUE rb_pu_channels(VALUE subject, VALUE plan, unsigned events, VALUE silent);

#define RB_PU_ANY_EVENT (~0u)

/* rb_pu_target_names - The names of the channels that one target leads to, whatever its rule's conditions say: an Array
 * of Strings. target, value - as plan.h has them of a rule. Raises what the application's method raises.
 */
VALUE rb_pu_target_names(VALUE subject, enum rb_pu_target target, VALUE value);

/* rb_pu_channel_in - Whether the record is in the channel, whatever its rules declare. */
bool rb_pu_channel_in(VALUE channels, VALUE name);

/* rb_pu_channel_rule - The place, among the class's rules, of the first one that names the channel and declares the
 * event; -1 when none does.
 */
long rb_pu_channel_rule(VALUE channels, VALUE name, enum pu_event event);

/* rb_pu_channels_add - Add to channels those of other that it does not have. */
void rb_pu_channels_add(VALUE channels, VALUE other);

/* rb_pu_channels_depend - Whether the channels of a record can be others after these columns have changed.
 *
 * columns - Hash whose keys are their names; a change of time stamps alone moves nothing.
 */
bool rb_pu_channels_depend(VALUE plan, VALUE columns);

void rb_pu_init_membership(void);

#endif
