/* Reading order: rb_pu_write_scalar at the bottom chooses; what stands above it writes one kind each. */
#include "scalar.h"

#include <string.h>

#include "pu_instant.h"
#include "pu_number.h"
#include "zone.h"

static ID id_to_s, id_utc, id_utc_ivar, id_time_zone, id_year, id_mon, id_mday;
static VALUE cTimeWithZone, cBigDecimal, cDate;

/* Digits that a decimal is rounded to when its type says none. */
#define DECIMAL_DIGITS 18

unsigned short rb_pu_scalar_bit(VALUE value, bool cast)
{
    unsigned bit = 0;
    if (value == Qtrue || value == Qfalse) {
        bit = 1;
    } else if (RB_FIXNUM_P(value)) {
        bit = 2;
    } else if (RB_FLOAT_TYPE_P(value)) {
        bit = 4;
    } else if (!RB_SPECIAL_CONST_P(value)) {
        VALUE klass = CLASS_OF(value); /* a singleton class is none of these */
        bit = klass == rb_cString      ? 8
              : klass == cTimeWithZone ? 16
              : klass == cBigDecimal   ? 32
              : klass == cDate         ? 64
              : klass == rb_cTime      ? 128
                                       : 0;
    }
    return (unsigned short)(cast ? bit << 8 : bit);
}

bool rb_pu_scalar_timely(const struct rb_pu_type *type, VALUE value)
{
    return type->kind == RB_PU_INSTANT || type->kind == RB_PU_DATE ||
           (!RB_SPECIAL_CONST_P(value) && (CLASS_OF(value) == cTimeWithZone || CLASS_OF(value) == cDate));
}

/* ---- decimals ---- */

static void write_text(struct pu_json *json, const char *text, size_t length)
{
    pu_json_string(json, text, length);
}

/* Whether rounding leaves a text like "-1234.5" as it is. */
static bool is_rounded(const char *text, long length, const struct rb_pu_type *type)
{
    int digits = 0, fraction = 0, zeros = 0;
    bool leading = true, after_point = false;
    for (long i = 0; i < length; i++) {
        if (text[i] == '.') {
            after_point = true;
        } else if (text[i] >= '0' && text[i] <= '9') {
            leading = leading && text[i] == '0';
            zeros = text[i] == '0' ? zeros + 1 : 0;
            digits += leading ? 0 : 1;
            fraction += after_point ? 1 : 0;
        } else if (text[i] != '-') {
            return false; /* NaN, Infinity */
        }
    }
    /* "12.0" has no digit after the point that counts. */
    fraction -= zeros < fraction ? zeros : fraction;
    return digits <= (type->precision >= 0 ? type->precision : DECIMAL_DIGITS) &&
           (type->scale < 0 || fraction <= type->scale);
}

static bool write_big_decimal(struct pu_json *json, const struct rb_pu_type *type, VALUE value, bool cast)
{
    if (!cast && type->scale == 0) {
        return false; /* becomes an Integer */
    }
    VALUE text = rb_funcall(value, id_to_s, 0);
    if (!RB_TYPE_P(text, T_STRING)) {
        return false;
    }
    const char *bytes = RSTRING_PTR(text);
    long length = RSTRING_LEN(text);
    bool finite = length > 0 && (bytes[length - 1] >= '0' && bytes[length - 1] <= '9');
    bool known = finite && (cast || is_rounded(bytes, length, type));
    if (known) {
        write_text(json, bytes, (size_t)length);
    }
    RB_GC_GUARD(text);
    return known;
}

/* SQLite keeps decimals as doubles, those without a fraction as integers. */
static bool write_decimal(struct pu_json *json, const struct rb_pu_type *type, VALUE value)
{
    char text[PU_NUMBER_TEXT];
    int precision = type->precision >= 0 ? type->precision : DECIMAL_DIGITS;
    unsigned scale = type->scale >= 0 ? (unsigned)type->scale : 6;
    int64_t digits;
    if (type->scale == 0 || scale > PU_NUMBER_SCALE) {
        return false;
    }
    if (RB_FIXNUM_P(value)) {
        digits = FIX2LONG(value);
        scale = 0;
    } else {
        double number = RFLOAT_VALUE(value);
        if (number == 0 || !pu_number_to_scaled(number, scale, &digits)) { /* there is a 0 with a sign */
            return false;
        }
    }
    if (pu_number_significant(digits) > (unsigned)precision) {
        return false;
    }
    write_text(json, text, pu_number_scaled(text, digits, scale));
    return true;
}

/* ---- dates and instants ---- */

static bool write_date(struct pu_json *json, VALUE value, const struct rb_pu_settings *settings)
{
    char text[PU_DATE_TEXT];
    if (!settings->standard) {
        return false;
    }
    if (RB_TYPE_P(value, T_STRING)) {
        if (!pu_date_is(RSTRING_PTR(value), (size_t)RSTRING_LEN(value))) {
            return false;
        }
        write_text(json, RSTRING_PTR(value), (size_t)RSTRING_LEN(value));
        return true;
    }
    VALUE year = rb_funcall(value, id_year, 0);
    if (!RB_FIXNUM_P(year) || FIX2LONG(year) < 1 || FIX2LONG(year) > 9999) {
        return false;
    }
    pu_date_format(text, (unsigned)FIX2LONG(year), NUM2UINT(rb_funcall(value, id_mon, 0)),
                   NUM2UINT(rb_funcall(value, id_mday, 0)));
    write_text(json, text, sizeof text);
    return true;
}

static VALUE time_in_utc(VALUE value)
{
    VALUE utc = rb_attr_get(value, id_utc_ivar);
    return NIL_P(utc) ? rb_funcall(value, id_utc, 0) : utc;
}

struct moment {
    VALUE time;
    struct timespec at;
};

static VALUE read_moment(VALUE arg)
{
    struct moment *moment = (struct moment *)arg;
    moment->at = rb_time_timespec(moment->time);
    return Qnil;
}

/* Ruby's years have no end, the system's have: returns false for a time beyond it. */
static bool read_timespec(VALUE time, struct timespec *at)
{
    struct moment moment = {.time = time};
    int state;
    rb_protect(read_moment, (VALUE)&moment, &state);
    if (state) {
        rb_set_errinfo(Qnil);
        return false;
    }
    *at = moment.at;
    return true;
}

/* Active Record cuts what a column has no digits for off every time, but not off a text. */
static bool read_instant(const struct rb_pu_type *type, VALUE value, bool cast, const struct rb_pu_settings *settings,
                         struct pu_instant *instant)
{
    if (RB_TYPE_P(value, T_STRING)) {
        return settings->utc && pu_instant_parse(RSTRING_PTR(value), (size_t)RSTRING_LEN(value), instant);
    }
    VALUE time = CLASS_OF(value) == cTimeWithZone ? time_in_utc(value) : value;
    struct timespec at;
    if (RB_SPECIAL_CONST_P(time) || CLASS_OF(time) != rb_cTime || !read_timespec(time, &at)) {
        return false;
    }
    uint32_t unit = 1;
    for (int digits = type->precision; !cast && digits >= 0 && digits < 9; digits++) {
        unit *= 10;
    }
    instant->second = at.tv_sec;
    instant->nanosecond = (uint32_t)at.tv_nsec - (uint32_t)at.tv_nsec % unit;
    return true;
}

static bool write_instant(struct pu_json *json, const struct rb_pu_type *type, VALUE value, bool cast,
                          const struct rb_pu_settings *settings)
{
    char text[PU_INSTANT_TEXT];
    struct pu_instant instant;
    int32_t offset;
    bool utc;
    VALUE zone = cast ? rb_attr_get(value, id_time_zone) : settings->zone;
    if (!settings->standard || NIL_P(zone) || !read_instant(type, value, cast, settings, &instant)) {
        return false;
    }
    rb_pu_zone_offset(zone, instant.second, &offset, &utc);
    size_t length = pu_instant_format(text, instant, offset, utc, settings->digits);
    if (length > 0) {
        write_text(json, text, length);
    }
    return length > 0;
}

/* ---- all of them ---- */

/* What its type would make of it has the same JSON: nothing has to be cast. */
static bool is_itself(enum rb_pu_type_kind kind, VALUE raw)
{
    switch (kind) {
    case RB_PU_STRING:
        return RB_TYPE_P(raw, T_STRING);
    case RB_PU_INTEGER:
        return RB_FIXNUM_P(raw);
    case RB_PU_FLOAT:
        return RB_FLOAT_TYPE_P(raw);
    case RB_PU_BOOLEAN:
        return raw == Qtrue || raw == Qfalse;
    default:
        return false;
    }
}

static bool write_cast(struct pu_json *json, const struct rb_pu_type *type, VALUE value,
                       const struct rb_pu_settings *settings, const struct rb_pu_place *place)
{
    VALUE klass = CLASS_OF(value);
    if (klass == cTimeWithZone) {
        return write_instant(json, type, value, true, settings);
    }
    if (klass == cDate) {
        return write_date(json, value, settings);
    }
    if (klass == cBigDecimal) {
        return write_big_decimal(json, type, value, true);
    }
    if (klass == rb_cTime) {
        return false;
    }
    rb_pu_write_value(json, value, place);
    return true;
}

bool rb_pu_write_scalar(struct pu_json *json, const struct rb_pu_type *type, VALUE value, bool cast,
                        const struct rb_pu_settings *settings, const struct rb_pu_place *place)
{
    if (cast) {
        return write_cast(json, type, value, settings, place);
    }
    if (is_itself(type->kind, value)) {
        rb_pu_write_value(json, value, place);
        return true;
    }
    VALUE klass = CLASS_OF(value);
    switch (type->kind) {
    case RB_PU_BOOLEAN:
        if (value != INT2FIX(0) && value != INT2FIX(1)) {
            return false;
        }
        pu_json_bool(json, value == INT2FIX(1));
        return true;
    case RB_PU_DECIMAL:
        if (klass == cBigDecimal) {
            return write_big_decimal(json, type, value, false);
        }
        return (RB_FIXNUM_P(value) || RB_FLOAT_TYPE_P(value)) && write_decimal(json, type, value);
    case RB_PU_DATE:
        return (klass == cDate || klass == rb_cString) && write_date(json, value, settings);
    case RB_PU_INSTANT:
        return (klass == cTimeWithZone || klass == rb_cTime || klass == rb_cString) &&
               write_instant(json, type, value, false, settings);
    default:
        return false;
    }
}

/* ---- without writing ---- */

VALUE rb_pu_scalar_cast(const struct rb_pu_type *type, VALUE raw)
{
    if (type->kind == RB_PU_BOOLEAN && (raw == INT2FIX(0) || raw == INT2FIX(1))) {
        return raw == INT2FIX(1) ? Qtrue : Qfalse;
    }
    return type->kind != RB_PU_OTHER && (NIL_P(raw) || is_itself(type->kind, raw)) ? raw : Qundef;
}

static bool instants_differ(const struct rb_pu_type *type, VALUE raw, VALUE value)
{
    struct rb_pu_settings settings = {.known = false};
    struct pu_instant before, after;
    if (RB_TYPE_P(raw, T_STRING)) {
        rb_pu_settings_ask(&settings);
    }
    return read_instant(type, raw, false, &settings, &before) && read_instant(type, value, true, &settings, &after) &&
           (before.second != after.second || before.nanosecond != after.nanosecond);
}

bool rb_pu_scalar_differs(const struct rb_pu_type *type, VALUE raw, VALUE value)
{
    if (NIL_P(raw) || NIL_P(value)) {
        return false;
    }
    if (type->kind == RB_PU_INSTANT) {
        bool known = rb_pu_scalar_bit(raw, false) != 0 && CLASS_OF(value) == cTimeWithZone;
        return known && !RB_SPECIAL_CONST_P(raw) && instants_differ(type, raw, value);
    }
    VALUE before = rb_pu_scalar_cast(type, raw);
    if (before == Qundef || !is_itself(type->kind, value)) {
        return false;
    }
    if (RB_FLOAT_TYPE_P(value)) {
        return RFLOAT_VALUE(value) < RFLOAT_VALUE(before) || RFLOAT_VALUE(value) > RFLOAT_VALUE(before);
    }
    return RB_TYPE_P(value, T_STRING) ? !RTEST(rb_str_equal(before, value)) : before != value;
}

void rb_pu_init_scalar(void)
{
    id_to_s = rb_intern("to_s");
    id_utc = rb_intern("utc");
    id_utc_ivar = rb_intern("@utc");
    id_time_zone = rb_intern("@time_zone");
    id_year = rb_intern("year");
    id_mon = rb_intern("mon");
    id_mday = rb_intern("mday");
    rb_global_variable(&cTimeWithZone);
    cTimeWithZone = rb_path2class("ActiveSupport::TimeWithZone");
    rb_global_variable(&cBigDecimal);
    cBigDecimal = rb_path2class("BigDecimal");
    rb_global_variable(&cDate);
    cDate = rb_path2class("Date");
}
