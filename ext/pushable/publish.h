/* publish.h - Pushable.publish: a message by hand, past the hooks. */
#ifndef PU_PUBLISH_H
#define PU_PUBLISH_H

#include <stdbool.h>

#include "errors.h"

/* rb_pu_publish_resync - Tell a channel's listeners to fetch. name - the channel's, a String; Qnil: every client's.
 *
 * Returns whether the message is on its way; if not, it was reported. Raises ArgumentError for a name that cannot be.
 */
bool rb_pu_publish_resync(VALUE name);

void rb_pu_init_publish(void);

#endif
