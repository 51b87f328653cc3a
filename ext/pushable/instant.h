/* instant.h - the JSON of a time stamp: an ActiveSupport::TimeWithZone in UTC, which is what most columns of a Rails
 * app hold, without the half dozen Ruby calls of its as_json.
 */
#ifndef PU_INSTANT_H
#define PU_INSTANT_H

#include <stdbool.h>

#include "errors.h"

/* "2026-01-02T03:04:05.678Z" and its NUL. */
#define RB_PU_INSTANT 25

/* rb_pu_instant - Write what value.as_json would give into text. Returns false when value is anything but a
 * TimeWithZone in UTC, or the application has its own idea of the format: then as_json has to be asked.
 */
bool rb_pu_instant(VALUE value, char text[RB_PU_INSTANT]);

void rb_pu_init_instant(void);

#endif
