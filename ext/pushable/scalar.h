/* scalar.h - writes a column's value at the least cost: a raw one, which its type would have to cast first, or one of
 * the classes whose as_json takes many calls. What it writes is held against as_json once (verify.h).
 */
#ifndef PU_SCALAR_H
#define PU_SCALAR_H

#include <stdbool.h>

#include "pu_json.h"
#include "settings.h"
#include "type.h"
#include "value.h"

/* rb_pu_scalar_bit - A bit for the class of a value, as short cuts are verified by class; 0 for one that none exists
 * for. cast - whether its type has cast it already.
 */
unsigned short rb_pu_scalar_bit(VALUE value, bool cast);

/* rb_pu_scalar_timely - Whether the JSON of such a value may hang on the settings. */
bool rb_pu_scalar_timely(const struct rb_pu_type *type, VALUE value);

/* rb_pu_write_scalar - Write a value that has a bit. type - of its column. settings - asked, when the value is timely.
 * Returns false, with nothing written, when this value is not exactly known: its type has to be asked, and then
 * rb_pu_write_value. Raises as rb_pu_write_value.
 */
bool rb_pu_write_scalar(struct pu_json *json, const struct rb_pu_type *type, VALUE value, bool cast,
                        const struct rb_pu_settings *settings, const struct rb_pu_place *place);

/* rb_pu_scalar_differs - Whether a cast value is certainly another than the one that the type makes of raw. false where
 * that is not known: Rails has to be asked.
 */
bool rb_pu_scalar_differs(const struct rb_pu_type *type, VALUE raw, VALUE value);

/* rb_pu_scalar_cast - What the type makes of raw, where that is raw itself or a boolean; Qundef where it has to be
 * asked.
 */
VALUE rb_pu_scalar_cast(const struct rb_pu_type *type, VALUE raw);

void rb_pu_init_scalar(void);

#endif
