/* publish.h - Pushable.publish: a message by hand, past the hooks. */
#ifndef PU_PUBLISH_H
#define PU_PUBLISH_H

#include "errors.h"

void rb_pu_init_publish(void);

#endif
