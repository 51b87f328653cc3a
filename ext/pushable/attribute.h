/* attribute.h - a record's attributes as Active Model keeps them: the only file that reads its instance variables.
 *
 * After a save Active Record has dropped every cast value, and asking for one casts it anew. So the raw ones are handed
 * out, for whoever knows their type (scalar.h).
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

/* rb_pu_attribute_untouched - Whether it certainly holds what was read from the database: nothing was assigned, and its
 * value was not cast yet, or cannot be changed in place, or is the same text.
 */
bool rb_pu_attribute_untouched(VALUE attribute);

/* rb_pu_attribute_assigned - Of an attribute that was assigned since it was read: what the database gave (raw), what
 * was made of the assignment (value), and their type. Returns false for any other.
 */
bool rb_pu_attribute_assigned(VALUE attribute, VALUE *raw, VALUE *value, VALUE *type);

/* What is known of an attribute's value without asking it. */
enum rb_pu_state {
    RB_PU_ABSENT, /* not loaded, or no column of the class (any more) */
    RB_PU_RAW,    /* as the database gave it: not cast yet */
    RB_PU_CAST,
    RB_PU_ASK /* anything else: rb_pu_attribute_value */
};

struct rb_pu_reading {
    enum rb_pu_state state;
    VALUE value;
    VALUE type; /* of a raw one; Qundef where the set's types hold */
};

/* rb_pu_attribute_read - Of an attribute object. */
struct rb_pu_reading rb_pu_attribute_read(VALUE attribute);

/* rb_pu_attribute_value - Ask it. */
VALUE rb_pu_attribute_value(VALUE attribute);

/* A set that makes attributes of a row's values when they are asked for. */
struct rb_pu_lazy {
    VALUE set;
    VALUE attributes, cast; /* Hashes by name, of what was asked for so far */
    VALUE additional;       /* Hash name => type of what is no column of the class */
    VALUE types;            /* Hash name => type */
    VALUE names;            /* Hash of the row: name => value, or => place in row */
    VALUE row;              /* Array, or Qnil */
};

enum rb_pu_shape_of_set {
    RB_PU_PLAIN_SET,
    RB_PU_LAZY_SET,
    RB_PU_ODD_SET,    /* a plain one that does not keep a Hash, as some old YAML does */
    RB_PU_UNKNOWN_SET /* not as Rails 6.1 to 8.1 have it */
};

/* rb_pu_attribute_set - Look at a record's set. attributes - of a plain one: the Hash; lazy - filled of a lazy one. */
enum rb_pu_shape_of_set rb_pu_attribute_set(VALUE set, VALUE *attributes, struct rb_pu_lazy *lazy);

/* rb_pu_lazy_read - A value of the row, which stands there under that name. */
struct rb_pu_reading rb_pu_lazy_read(const struct rb_pu_lazy *lazy, VALUE name, VALUE value);

/* rb_pu_lazy_attribute - The attribute of that name, made now. */
VALUE rb_pu_lazy_attribute(const struct rb_pu_lazy *lazy, VALUE name);

/* rb_pu_record_attributes - A record's attribute set. */
VALUE rb_pu_record_attributes(VALUE record);

void rb_pu_init_attribute(void);

#endif
