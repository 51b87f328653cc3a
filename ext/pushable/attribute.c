#include "attribute.h"

static ID id_attributes, id_materialized, id_original_attribute, id_value_ivar, id_raw, id_type, id_value, id_values,
    id_types, id_additional_types, id_casted_values, id_column_indexes, id_row, id_aref;
static VALUE cAttributeSet, cLazyAttributeSet, cFromDatabase, cFromUser, cUninitialized, cNull, cTimeWithZone;
/* Active Record's, known once it is loaded, on Rails that has it: Qnil until then. */
static VALUE cIndexedRow;

VALUE rb_pu_record_attributes(VALUE record)
{
    return rb_attr_get(record, id_attributes);
}

VALUE rb_pu_attributes(VALUE set)
{
    if (rb_obj_class(set) != cAttributeSet && !RTEST(rb_attr_get(set, id_materialized))) {
        return Qnil;
    }
    VALUE attributes = rb_attr_get(set, id_attributes);
    return RB_TYPE_P(attributes, T_HASH) ? attributes : Qnil;
}

/* ---- one attribute ---- */

bool rb_pu_attribute_present(VALUE attribute)
{
    return rb_obj_class(attribute) != cUninitialized;
}

bool rb_pu_attribute_untouched(VALUE attribute)
{
    if (!NIL_P(rb_attr_get(attribute, id_original_attribute))) {
        return false;
    }
    VALUE value = rb_attr_get(attribute, id_value_ivar);
    if (RB_SPECIAL_CONST_P(value) || RB_FLOAT_TYPE_P(value) || RB_INTEGER_TYPE_P(value)) {
        return true;
    }
    if (rb_obj_class(value) == rb_cString) {
        VALUE raw = rb_attr_get(attribute, id_raw);
        return RB_TYPE_P(raw, T_STRING) && RTEST(rb_str_equal(raw, value));
    }
    return rb_obj_class(value) == cTimeWithZone || (RB_TYPE_P(value, T_DATA) && OBJ_FROZEN(value));
}

bool rb_pu_attribute_assigned(VALUE attribute, VALUE *raw, VALUE *value, VALUE *type)
{
    VALUE original = rb_attr_get(attribute, id_original_attribute);
    if (CLASS_OF(attribute) != cFromUser || NIL_P(original) || CLASS_OF(original) != cFromDatabase) {
        return false;
    }
    *value = rb_attr_get(attribute, id_value_ivar);
    *raw = rb_attr_get(original, id_raw);
    *type = rb_attr_get(attribute, id_type);
    return *type == rb_attr_get(original, id_type);
}

/* A value of nil and none at all look alike; but where the raw one is not nil, the types that are exactly known make
 * something of it.
 */
struct rb_pu_reading rb_pu_attribute_read(VALUE attribute)
{
    struct rb_pu_reading reading = {RB_PU_ASK, Qnil, Qnil};
    if (CLASS_OF(attribute) == cFromDatabase) {
        reading.value = rb_attr_get(attribute, id_value_ivar);
        if (!NIL_P(reading.value)) {
            reading.state = RB_PU_CAST;
            return reading;
        }
        reading.value = rb_attr_get(attribute, id_raw);
        if (!NIL_P(reading.value) || RTEST(rb_ivar_defined(attribute, id_raw))) {
            reading.state = RB_PU_RAW;
            reading.type = rb_attr_get(attribute, id_type);
        }
    } else if (!rb_pu_attribute_present(attribute) || rb_obj_class(attribute) == cNull) {
        reading.state = RB_PU_ABSENT;
    }
    return reading;
}

VALUE rb_pu_attribute_value(VALUE attribute)
{
    return rb_funcall(attribute, id_value, 0);
}

/* ---- sets ---- */

static bool all_hashes(VALUE one, VALUE two, VALUE three, VALUE four)
{
    return RB_TYPE_P(one, T_HASH) && RB_TYPE_P(two, T_HASH) && RB_TYPE_P(three, T_HASH) && RB_TYPE_P(four, T_HASH);
}

/* Where an IndexedRow keeps its values, or a Hash. Returns whether it is one of the two. */
static bool find_row(VALUE values, VALUE *names, VALUE *row)
{
    *names = values;
    *row = Qnil;
    if (RB_TYPE_P(values, T_HASH)) {
        return true;
    }
    if (NIL_P(cIndexedRow)) {
        VALUE result = rb_path2class("ActiveRecord::Result");
        ID name = rb_intern("IndexedRow");
        cIndexedRow = rb_const_defined(result, name) ? rb_const_get(result, name) : Qnil;
    }
    if (RB_SPECIAL_CONST_P(values) || rb_obj_class(values) != cIndexedRow) {
        return false;
    }
    *names = rb_attr_get(values, id_column_indexes);
    *row = rb_attr_get(values, id_row);
    return RB_TYPE_P(*names, T_HASH) && RB_TYPE_P(*row, T_ARRAY);
}

static bool find_lazy(VALUE set, struct rb_pu_lazy *lazy)
{
    lazy->set = set;
    lazy->attributes = rb_attr_get(set, id_attributes);
    lazy->cast = rb_attr_get(set, id_casted_values);
    lazy->additional = rb_attr_get(set, id_additional_types);
    lazy->types = rb_attr_get(set, id_types);
    return all_hashes(lazy->attributes, lazy->cast, lazy->additional, lazy->types) &&
           find_row(rb_attr_get(set, id_values), &lazy->names, &lazy->row);
}

enum rb_pu_shape_of_set rb_pu_attribute_set(VALUE set, VALUE *attributes, struct rb_pu_lazy *lazy)
{
    VALUE klass = RB_SPECIAL_CONST_P(set) ? Qnil : rb_obj_class(set);
    if (klass == cAttributeSet) {
        *attributes = rb_attr_get(set, id_attributes);
        return RB_TYPE_P(*attributes, T_HASH) ? RB_PU_PLAIN_SET
               : NIL_P(*attributes)           ? RB_PU_UNKNOWN_SET
                                              : RB_PU_ODD_SET;
    }
    return klass == cLazyAttributeSet && find_lazy(set, lazy) ? RB_PU_LAZY_SET : RB_PU_UNKNOWN_SET;
}

struct rb_pu_reading rb_pu_lazy_read(const struct rb_pu_lazy *lazy, VALUE name, VALUE value)
{
    if (RHASH_SIZE(lazy->attributes) > 0) {
        VALUE attribute = rb_hash_lookup(lazy->attributes, name);
        if (!NIL_P(attribute)) {
            return rb_pu_attribute_read(attribute);
        }
    }
    if (RHASH_SIZE(lazy->cast) > 0) {
        VALUE cast = rb_hash_lookup2(lazy->cast, name, Qundef);
        if (cast != Qundef) {
            return (struct rb_pu_reading){RB_PU_CAST, cast, Qnil};
        }
    }
    VALUE type = RHASH_SIZE(lazy->additional) == 0 ? Qundef : rb_hash_lookup2(lazy->additional, name, Qundef);
    return (struct rb_pu_reading){RB_PU_RAW, value, type};
}

VALUE rb_pu_lazy_attribute(const struct rb_pu_lazy *lazy, VALUE name)
{
    return rb_funcall(lazy->set, id_aref, 1, name);
}

static void remember(VALUE *slot, VALUE klass)
{
    rb_global_variable(slot);
    *slot = klass;
}

void rb_pu_init_attribute(void)
{
    id_attributes = rb_intern("@attributes");
    id_materialized = rb_intern("@materialized");
    id_original_attribute = rb_intern("@original_attribute");
    id_value_ivar = rb_intern("@value");
    id_raw = rb_intern("@value_before_type_cast");
    id_type = rb_intern("@type");
    id_value = rb_intern("value");
    id_values = rb_intern("@values");
    id_types = rb_intern("@types");
    id_additional_types = rb_intern("@additional_types");
    id_casted_values = rb_intern("@casted_values");
    id_column_indexes = rb_intern("@column_indexes");
    id_row = rb_intern("@row");
    id_aref = rb_intern("[]");
    remember(&cAttributeSet, rb_path2class("ActiveModel::AttributeSet"));
    remember(&cLazyAttributeSet, rb_path2class("ActiveModel::LazyAttributeSet"));
    remember(&cTimeWithZone, rb_path2class("ActiveSupport::TimeWithZone"));
    VALUE attribute = rb_path2class("ActiveModel::Attribute");
    remember(&cFromDatabase, rb_const_get(attribute, rb_intern("FromDatabase")));
    remember(&cFromUser, rb_const_get(attribute, rb_intern("FromUser")));
    remember(&cNull, rb_const_get(attribute, rb_intern("Null")));
    remember(&cUninitialized, rb_const_get(attribute, rb_intern("Uninitialized")));
    remember(&cIndexedRow, Qnil);
}
