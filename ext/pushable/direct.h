/* direct.h - pushes a record outside of any commit: by hand, or of a model that has no transactions. */
#ifndef PU_DIRECT_H
#define PU_DIRECT_H

#include <stdbool.h>

#include "errors.h"
#include "pu_message.h"

/* rb_pu_push - Push record, as it is, to every channel it is in whose rules declare the event. Raises no StandardError:
 * what fails is reported. Returns whether there was such a channel.
 */
bool rb_pu_push(VALUE record, enum pu_event event);

void rb_pu_init_direct(void);

#endif
