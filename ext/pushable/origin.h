/* origin.h - the request that a message is due to, as its browser named it (lib/pushable/origin.rb). */
#ifndef PU_ORIGIN_H
#define PU_ORIGIN_H

#include "errors.h"

/* rb_pu_origin - The origin of the request at hand, a frozen String of [A-Za-z0-9._-]{1,128}, or Qnil. Cheap as long as
 * no request of this process has named one.
 */
VALUE rb_pu_origin(void);

void rb_pu_init_origin(void);

#endif
