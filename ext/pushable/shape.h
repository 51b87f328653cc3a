/* shape.h - what of a record goes into the object of a message: the options of one `push` line.
 *
 * Decided in Ruby (lib/pushable/shape.rb) and frozen; this reads it.
 */
#ifndef PU_SHAPE_H
#define PU_SHAPE_H

#include <stdbool.h>

#include "errors.h"

/* rb_pu_shape_* - One decision each. */
bool rb_pu_shape_by_columns(VALUE shape);   /* columns alone make the JSON: no application code is asked */
bool rb_pu_shape_all_news(VALUE shape);     /* an update names every key: which columns they come from is not known */
bool rb_pu_shape_changes_only(VALUE shape); /* an update carries the key and the changed columns alone */
VALUE rb_pu_shape_columns(VALUE shape);     /* Hash name => true, or false for a column that stays out */
VALUE rb_pu_shape_layout(VALUE shape);      /* Pushable::Layout, or Qnil where as_json has to be asked altogether */
VALUE rb_pu_shape_extra(VALUE shape);       /* Array of the keys that come from methods and associations */

/* rb_pu_shape_render - The object by the application's own methods (as_json, a serializer), less what stays out.
 *
 * names - Array of the only columns wanted, or Qnil. Raises whatever the application raises.
 */
VALUE rb_pu_shape_render(VALUE shape, VALUE record, VALUE names);

/* rb_pu_shape_render_any - What the JSON of any other value is made of, with options as for as_json; records in it less
 * what stays out. Raises whatever the application raises.
 */
VALUE rb_pu_shape_render_any(VALUE value, VALUE options);

void rb_pu_init_shape(void);

#endif
