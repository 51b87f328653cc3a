#include "settings.h"

static ID id_zone, id_default_timezone, id_default_timezone_ivar, id_use_standard, id_precision, id_utc;
static VALUE mEncoding;
static VALUE owner; /* of default_timezone: ActiveRecord, before Rails 7 its Base; Qnil until Active Record is there */

/* Where Rails keeps it in an instance variable, that is what its method reads. */
static bool database_in_utc(void)
{
    if (NIL_P(owner)) {
        owner = rb_const_get(rb_cObject, rb_intern("ActiveRecord"));
        if (!rb_respond_to(owner, id_default_timezone)) {
            owner = rb_const_get(owner, rb_intern("Base"));
        }
    }
    VALUE timezone = rb_attr_get(owner, id_default_timezone_ivar);
    return (NIL_P(timezone) ? rb_funcall(owner, id_default_timezone, 0) : timezone) == ID2SYM(id_utc);
}

void rb_pu_settings_ask(struct rb_pu_settings *settings)
{
    if (settings->known) {
        return;
    }
    VALUE precision = rb_attr_get(mEncoding, id_precision);
    bool usual = RB_FIXNUM_P(precision) && FIX2LONG(precision) >= 0 && FIX2LONG(precision) <= 9;
    settings->digits = usual ? (unsigned)FIX2LONG(precision) : 0;
    settings->standard = usual && RTEST(rb_attr_get(mEncoding, id_use_standard));
    settings->zone = rb_check_funcall(rb_cTime, id_zone, 0, NULL);
    if (settings->zone == Qundef) { /* nobody has loaded Active Support's time zones */
        settings->zone = Qnil;
    }
    settings->utc = database_in_utc();
    settings->known = true;
}

static bool are_same(const struct rb_pu_settings *one, const struct rb_pu_settings *other)
{
    return one->zone == other->zone && one->standard == other->standard && one->utc == other->utc &&
           one->digits == other->digits;
}

unsigned rb_pu_settings_find(const struct rb_pu_settings_list *list, const struct rb_pu_settings *settings)
{
    for (unsigned i = 0; i < list->count; i++) {
        if (are_same(&list->list[i], settings)) {
            return i;
        }
    }
    return RB_PU_SETTINGS_KEPT;
}

unsigned rb_pu_settings_add(struct rb_pu_settings_list *list, const struct rb_pu_settings *settings)
{
    unsigned number = list->next;
    list->list[number] = *settings;
    list->next = (number + 1) % RB_PU_SETTINGS_KEPT;
    list->count = list->count < RB_PU_SETTINGS_KEPT ? list->count + 1 : list->count;
    return number;
}

void rb_pu_init_settings(void)
{
    id_zone = rb_intern("zone");
    id_default_timezone = rb_intern("default_timezone");
    id_default_timezone_ivar = rb_intern("@default_timezone");
    id_use_standard = rb_intern("@use_standard_json_time_format");
    id_precision = rb_intern("@time_precision");
    id_utc = rb_intern("utc");
    rb_global_variable(&mEncoding);
    mEncoding = rb_path2class("ActiveSupport::JSON::Encoding");
    rb_global_variable(&owner);
    owner = Qnil;
}
