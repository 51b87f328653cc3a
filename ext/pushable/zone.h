/* zone.h - how far ahead of UTC a time zone is, without asking it for every instant. */
#ifndef PU_ZONE_H
#define PU_ZONE_H

#include <stdbool.h>
#include <stdint.h>

#include "errors.h"

/* rb_pu_zone_offset - zone - an ActiveSupport::TimeZone; second - since the epoch; offset - receives seconds ahead of
 * UTC; utc - receives whether as_json writes a Z. Raises what the zone raises.
 */
void rb_pu_zone_offset(VALUE zone, int64_t second, int32_t *offset, bool *utc);

void rb_pu_init_zone(void);

#endif
