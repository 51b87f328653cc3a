#include "attribute.h"

static ID id_attributes, id_materialized, id_original_attribute, id_value_ivar, id_raw, id_type, id_value, id_time_zone,
    id_zone, id_scale, id_scale_ivar;
static VALUE cAttributeSet, cFromDatabase, cUninitialized, cTimeWithZone, cBigDecimal;

/* Types that give back a raw value of their own class, and nil for nil: Active Model's own, no subclass of them. */
enum type_kind {
    TYPE_STRING,
    TYPE_IMMUTABLE_STRING,
    TYPE_INTEGER,
    TYPE_BIG_INTEGER,
    TYPE_FLOAT,
    TYPE_BOOLEAN,
    TYPE_DECIMAL,
    TYPES
};
static VALUE types[TYPES];
/* Active Record's, known once it is loaded: Qnil until then. */
static VALUE cText, cTimeZoneConverter;

VALUE rb_pu_attributes(VALUE set)
{
    if (rb_obj_class(set) != cAttributeSet && !RTEST(rb_attr_get(set, id_materialized))) {
        return Qnil;
    }
    VALUE attributes = rb_attr_get(set, id_attributes);
    return RB_TYPE_P(attributes, T_HASH) ? attributes : Qnil;
}

bool rb_pu_attribute_present(VALUE attribute)
{
    return rb_obj_class(attribute) != cUninitialized;
}

static void find_record_types(void)
{
    VALUE record = rb_const_get(rb_cObject, rb_intern("ActiveRecord"));
    VALUE methods = rb_const_get(record, rb_intern("AttributeMethods"));
    VALUE conversion = rb_const_get(methods, rb_intern("TimeZoneConversion"));
    cTimeZoneConverter = rb_const_get(conversion, rb_intern("TimeZoneConverter"));
    cText = rb_const_get(rb_const_get(record, rb_intern("Type")), rb_intern("Text"));
}

/* A time in the zone it would be shown in anyway. */
static bool is_time_of_zone(VALUE raw, VALUE *zone)
{
    if (rb_obj_class(raw) != cTimeWithZone) {
        return false;
    }
    if (*zone == Qundef) {
        *zone = rb_funcall(rb_cTime, id_zone, 0);
    }
    return rb_attr_get(raw, id_time_zone) == *zone;
}

/* A decimal that rounding to the type's digits would leave as it is; with no digits at all it becomes an Integer. */
static bool is_rounded(VALUE type, VALUE raw)
{
    VALUE digits = rb_attr_get(type, id_scale_ivar);
    if (rb_obj_class(raw) != cBigDecimal || !rb_respond_to(raw, id_scale)) {
        return false;
    }
    return NIL_P(digits) ||
           (RB_FIXNUM_P(digits) && FIX2LONG(digits) > 0 && NUM2LONG(rb_funcall(raw, id_scale, 0)) <= FIX2LONG(digits));
}

/* Whether casting raw gives something of the same JSON. */
static bool is_plain(VALUE type, VALUE raw, VALUE *zone)
{
    VALUE klass = rb_obj_class(type);
    if (NIL_P(cText)) {
        find_record_types();
    }
    if (klass == cTimeZoneConverter) {
        return NIL_P(raw) || is_time_of_zone(raw, zone);
    }
    if (klass == cText || klass == types[TYPE_STRING] || klass == types[TYPE_IMMUTABLE_STRING]) {
        return NIL_P(raw) || rb_obj_class(raw) == rb_cString;
    }
    if (klass == types[TYPE_INTEGER] || klass == types[TYPE_BIG_INTEGER]) {
        return NIL_P(raw) || RB_FIXNUM_P(raw);
    }
    if (klass == types[TYPE_DECIMAL]) {
        return NIL_P(raw) || is_rounded(type, raw);
    }
    if (klass == types[TYPE_FLOAT]) {
        return NIL_P(raw) || RB_FLOAT_TYPE_P(raw);
    }
    return klass == types[TYPE_BOOLEAN] && (NIL_P(raw) || raw == Qtrue || raw == Qfalse);
}

VALUE rb_pu_attribute_value(VALUE attribute, VALUE *zone)
{
    if (rb_obj_class(attribute) == cFromDatabase) {
        if (RTEST(rb_ivar_defined(attribute, id_value_ivar))) {
            return rb_ivar_get(attribute, id_value_ivar);
        }
        VALUE raw = rb_attr_get(attribute, id_raw);
        if (is_plain(rb_attr_get(attribute, id_type), raw, zone)) {
            return raw;
        }
    }
    return rb_funcall(attribute, id_value, 0);
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

static void remember(VALUE *slot, VALUE klass)
{
    rb_global_variable(slot);
    *slot = klass;
}

void rb_pu_init_attribute(void)
{
    static const char *const paths[TYPES] = {"ActiveModel::Type::String",  "ActiveModel::Type::ImmutableString",
                                             "ActiveModel::Type::Integer", "ActiveModel::Type::BigInteger",
                                             "ActiveModel::Type::Float",   "ActiveModel::Type::Boolean",
                                             "ActiveModel::Type::Decimal"};
    id_attributes = rb_intern("@attributes");
    id_materialized = rb_intern("@materialized");
    id_original_attribute = rb_intern("@original_attribute");
    id_value_ivar = rb_intern("@value");
    id_raw = rb_intern("@value_before_type_cast");
    id_type = rb_intern("@type");
    id_value = rb_intern("value");
    id_time_zone = rb_intern("@time_zone");
    id_zone = rb_intern("zone");
    id_scale = rb_intern("scale");
    id_scale_ivar = rb_intern("@scale");
    remember(&cAttributeSet, rb_path2class("ActiveModel::AttributeSet"));
    remember(&cBigDecimal, rb_path2class("BigDecimal"));
    remember(&cTimeWithZone, rb_path2class("ActiveSupport::TimeWithZone"));
    VALUE attribute = rb_path2class("ActiveModel::Attribute");
    remember(&cFromDatabase, rb_const_get(attribute, rb_intern("FromDatabase")));
    remember(&cUninitialized, rb_const_get(attribute, rb_intern("Uninitialized")));
    for (int i = 0; i < TYPES; i++) {
        remember(&types[i], rb_path2class(paths[i]));
    }
    remember(&cText, Qnil);
    remember(&cTimeZoneConverter, Qnil);
}
