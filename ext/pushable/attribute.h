/* attribute.h - a record's attributes as Active Model keeps them, and their values at the least cost.
 *
 * After a save Active Record has dropped every cast value, and asking for one casts it anew. Where an exactly known
 * type would give back what the database gave, that is taken as it is; everything else is asked of Active Model.
 */
#ifndef PU_ATTRIBUTE_H
#define PU_ATTRIBUTE_H

#include <stdbool.h>

#include "errors.h"

/* rb_pu_attributes - The Hash name => Attribute of a record's attribute set, in the set's order; Qnil when the set does
 * not keep all its attributes that way.
 */
VALUE rb_pu_attributes(VALUE set);

/* rb_pu_attribute_present - Whether it was loaded at all: select(:id) leaves the others out. */
bool rb_pu_attribute_present(VALUE attribute);

/* rb_pu_attribute_value - What attribute.value would give, or an object that has the same JSON.
 *
 * zone - Time.zone, asked for when it is needed first: Qundef before; for one record, as the application may change it.
 */
VALUE rb_pu_attribute_value(VALUE attribute, VALUE *zone);

/* rb_pu_attribute_untouched - Whether it certainly holds what was read from the database: nothing was assigned, and its
 * value was not cast yet, or cannot be changed in place, or is the same text.
 */
bool rb_pu_attribute_untouched(VALUE attribute);

void rb_pu_init_attribute(void);

#endif
