#include "instant.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static ID id_utc, id_time_zone, id_use_standard, id_precision, id_as_json, id_aref;
static VALUE cTimeWithZone, mEncoding, utc_zone;
static enum { UNKNOWN, EQUAL, DIFFERENT } verdict; /* of the one comparison with as_json; under the GVL */

/* Milliseconds and ISO 8601 are Rails' defaults. */
static bool default_format(void)
{
    return RTEST(rb_attr_get(mEncoding, id_use_standard)) && rb_attr_get(mEncoding, id_precision) == INT2FIX(3);
}

static bool in_utc(VALUE value)
{
    if (NIL_P(utc_zone)) {
        utc_zone = rb_funcall(rb_path2class("ActiveSupport::TimeZone"), id_aref, 1, rb_utf8_str_new_cstr("UTC"));
    }
    return rb_attr_get(value, id_time_zone) == utc_zone;
}

/* Years of four digits only; a fraction is cut, not rounded, also before 1970. */
static bool format_instant(VALUE utc, char text[RB_PU_INSTANT])
{
    struct timespec at = rb_time_timespec(utc);
    struct tm parts;
    if (!gmtime_r(&at.tv_sec, &parts) || parts.tm_year < -900 || parts.tm_year > 8099) {
        return false;
    }
    return snprintf(text, RB_PU_INSTANT, "%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ", parts.tm_year + 1900, parts.tm_mon + 1,
                    parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                    at.tv_nsec / 1000000) == RB_PU_INSTANT - 1;
}

/* An application may have its own as_json for times, which no look at the method's owner can tell: the first is
 * compared. */
static void compare(VALUE value, const char *text)
{
    VALUE said = rb_funcall(value, id_as_json, 0);
    bool equal = RB_TYPE_P(said, T_STRING) && RSTRING_LEN(said) == RB_PU_INSTANT - 1 &&
                 memcmp(RSTRING_PTR(said), text, RB_PU_INSTANT - 1) == 0;
    RB_GC_GUARD(said);
    verdict = equal ? EQUAL : DIFFERENT;
}

bool rb_pu_instant(VALUE value, char text[RB_PU_INSTANT])
{
    if (CLASS_OF(value) != cTimeWithZone || verdict == DIFFERENT || !default_format() || !in_utc(value)) {
        return false;
    }
    VALUE utc = rb_attr_get(value, id_utc);
    if (rb_obj_class(utc) != rb_cTime || !format_instant(utc, text)) {
        return false;
    }
    if (verdict == UNKNOWN) {
        compare(value, text);
    }
    return verdict == EQUAL;
}

void rb_pu_init_instant(void)
{
    id_utc = rb_intern("@utc");
    id_time_zone = rb_intern("@time_zone");
    id_use_standard = rb_intern("@use_standard_json_time_format");
    id_precision = rb_intern("@time_precision");
    id_as_json = rb_intern("as_json");
    id_aref = rb_intern("[]");
    rb_global_variable(&cTimeWithZone);
    cTimeWithZone = rb_path2class("ActiveSupport::TimeWithZone");
    rb_global_variable(&mEncoding);
    mEncoding = rb_path2class("ActiveSupport::JSON::Encoding");
    rb_global_variable(&utc_zone);
    utc_zone = Qnil;
}
