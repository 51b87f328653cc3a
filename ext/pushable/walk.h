/* walk.h - writes the columns of a record as a JSON object, in the order and with the values that as_json gives them.
 */
#ifndef PU_WALK_H
#define PU_WALK_H

#include <stdbool.h>

#include "layout.h"
#include "pu_json.h"
#include "value.h"

/* rb_pu_write_columns - Append the object. layout - a Pushable::Layout, of the columns that are shown; only - Hash with
 * the names of those that are wanted of them, or Qnil for all. Returns false, with the document in pieces, when the
 * columns do not tell for this record: the query added some, or Active Model keeps them in a way unknown to us. Calls
 * the readers that the application has overridden, and as_json where short cuts are verified; raises what they raise,
 * and as rb_pu_write_value.
 */
bool rb_pu_write_columns(struct pu_json *json, VALUE record, VALUE layout, VALUE only, const struct rb_pu_place *place);
#endif
