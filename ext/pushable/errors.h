/* errors.h - turns results of the core into Ruby's exceptions, and failures after a commit into reports.
 *
 * The classes themselves are defined and documented in lib/pushable/errors.rb, which is loaded first.
 */
#ifndef PU_ERRORS_H
#define PU_ERRORS_H

#include "pu_result.h"
#include "pushable_ext.h"

extern VALUE rb_pu_eError;           /* Pushable::Error */
extern VALUE rb_pu_eEncodingError;   /* Pushable::EncodingError */
extern VALUE rb_pu_eNestingError;    /* Pushable::NestingError */
extern VALUE rb_pu_eMessageTooLarge; /* Pushable::MessageTooLarge */
extern VALUE rb_pu_eClosedError;     /* Pushable::ClosedError */
extern VALUE rb_pu_eDeliveryError;   /* Pushable::DeliveryError */

/* rb_pu_raise - Raise the class that belongs to result. detail - a String that names the culprit, or Qnil.
 * Owns nothing: the caller has freed, or is inside an rb_ensure body.
 */
NORETURN(void rb_pu_raise(enum pu_result result, VALUE detail));

/* rb_pu_error - The same exception, made but not raised. */
VALUE rb_pu_error(enum pu_result result, VALUE detail);

/* rb_pu_report - Hand an exception to Pushable::Reporter. record - the record concerned, or Qnil; rule - a String that
 * names the target or step, or Qnil. Never raises a StandardError.
 */
void rb_pu_report(VALUE error, VALUE record, VALUE rule);

void rb_pu_init_errors(void);

#endif
