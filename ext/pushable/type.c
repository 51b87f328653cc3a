#include "type.h"

#include <string.h>

static ID id_precision, id_scale, id_timezone, id_inner;

/* By name, as most belong to one database's adapter and are there only when it is. */
struct known {
    const char *path;
    enum rb_pu_type_kind kind;
};

static const struct known types[] = {
    {"ActiveModel::Type::String", RB_PU_STRING},
    {"ActiveModel::Type::ImmutableString", RB_PU_STRING},
    {"ActiveRecord::Type::Text", RB_PU_STRING},
    {"ActiveModel::Type::Integer", RB_PU_INTEGER},
    {"ActiveModel::Type::BigInteger", RB_PU_INTEGER},
    {"ActiveRecord::Type::UnsignedInteger", RB_PU_INTEGER},
    {"ActiveRecord::ConnectionAdapters::SQLite3Adapter::SQLite3Integer", RB_PU_INTEGER},
    {"ActiveModel::Type::Float", RB_PU_FLOAT},
    {"ActiveModel::Type::Boolean", RB_PU_BOOLEAN},
    {"ActiveModel::Type::Decimal", RB_PU_DECIMAL},
    {"ActiveRecord::ConnectionAdapters::PostgreSQL::OID::Decimal", RB_PU_DECIMAL},
    {"ActiveRecord::Type::Date", RB_PU_DATE},
    {"ActiveRecord::ConnectionAdapters::PostgreSQL::OID::Date", RB_PU_DATE},
};

/* Inside a TimeZoneConverter. */
static const struct known instants[] = {
    {"ActiveRecord::Type::DateTime", RB_PU_INSTANT},
    {"ActiveRecord::ConnectionAdapters::PostgreSQL::OID::Timestamp", RB_PU_INSTANT},
    {"ActiveRecord::ConnectionAdapters::PostgreSQL::OID::TimestampWithTimeZone", RB_PU_INSTANT},
};

static const char converter[] = "ActiveRecord::AttributeMethods::TimeZoneConversion::TimeZoneConverter";

/* Whether the object's class is the one that has this name, and not one that only says so. */
static bool is_of(VALUE object, const char *path)
{
    VALUE klass = rb_obj_class(object);
    VALUE name = rb_mod_name(klass);
    return RB_TYPE_P(name, T_STRING) && strcmp(StringValueCStr(name), path) == 0 && CLASS_OF(object) == klass &&
           rb_path2class(path) == klass;
}

static enum rb_pu_type_kind find(VALUE type, const struct known *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (is_of(type, list[i].path)) {
            return list[i].kind;
        }
    }
    return RB_PU_OTHER;
}

static int number(VALUE type, ID name)
{
    VALUE value = rb_attr_get(type, name);
    return RB_FIXNUM_P(value) && FIX2LONG(value) >= 0 && FIX2LONG(value) < 1000 ? (int)FIX2LONG(value) : -1;
}

struct rb_pu_type rb_pu_type(VALUE type)
{
    struct rb_pu_type known = {RB_PU_OTHER, -1, -1};
    if (RB_SPECIAL_CONST_P(type)) {
        return known;
    }
    if (is_of(type, converter)) {
        type = rb_funcall(type, id_inner, 0);
        known.kind = find(type, instants, sizeof instants / sizeof *instants);
    } else {
        known.kind = find(type, types, sizeof types / sizeof *types);
    }
    if (!RB_SPECIAL_CONST_P(type)) {
        known.precision = number(type, id_precision);
        known.scale = number(type, id_scale);
        if (!NIL_P(rb_attr_get(type, id_timezone))) { /* not that of all the database's times */
            known.kind = RB_PU_OTHER;
        }
    }
    return known;
}

/* ---- remembered ---- */

#define MOST_TYPES 1000
static VALUE remembered; /* Hash type => kind, precision and scale in one Integer; by identity */

struct rb_pu_type rb_pu_type_of(VALUE type)
{
    VALUE packed = rb_hash_lookup(remembered, type);
    if (!NIL_P(packed)) {
        long number = FIX2LONG(packed);
        return (struct rb_pu_type){(enum rb_pu_type_kind)(number & 0xFF), (int)(number >> 8 & 0xFFF) - 1,
                                   (int)(number >> 20) - 1};
    }
    struct rb_pu_type known = rb_pu_type(type);
    if (RHASH_SIZE(remembered) >= MOST_TYPES) {
        rb_hash_clear(remembered); /* of classes that were loaded anew, perhaps */
    }
    rb_hash_aset(remembered, type, LONG2FIX((long)known.kind | (known.precision + 1L) << 8 | (known.scale + 1L) << 20));
    return known;
}

void rb_pu_init_type(void)
{
    rb_global_variable(&remembered);
    remembered = rb_funcall(rb_hash_new(), rb_intern("compare_by_identity"), 0);
    id_precision = rb_intern("@precision");
    id_scale = rb_intern("@scale");
    id_timezone = rb_intern("@timezone");
    id_inner = rb_intern("__getobj__");
}
