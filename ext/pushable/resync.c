#include "resync.h"

#include "membership.h"
#include "publish.h"
#include "view.h"

static ID id_new_record;

/* The plan of a class that pushes, else Qnil. */
static VALUE pushing_plan(VALUE klass)
{
    VALUE plan = rb_pu_plan(klass);
    return !NIL_P(plan) && RARRAY_LEN(rb_pu_plan_rules(plan)) > 0 ? plan : Qnil;
}

static VALUE resync_all(VALUE names)
{
    bool sent = RARRAY_LEN(names) > 0;
    for (long i = 0; i < RARRAY_LEN(names); i++) {
        sent = rb_pu_publish_resync(rb_ary_entry(names, i)) && sent;
    }
    return sent ? Qtrue : Qfalse;
}

static int collect_name(VALUE name, VALUE events, VALUE names)
{
    rb_ary_push(names, name);
    return ST_CONTINUE;
}

static VALUE resync_record(VALUE record, VALUE plan)
{
    VALUE saved = record;
    if (rb_pu_plan_record(plan)) {
        if (RTEST(rb_funcall(record, id_new_record, 0))) {
            rb_raise(rb_eArgError, "Pushable.resync: the %" PRIsVALUE " is new: nobody holds it", rb_obj_class(record));
        }
        saved = rb_pu_view_saved(record);
    }
    VALUE silent = rb_ary_new();
    VALUE names = rb_ary_new();
    rb_hash_foreach(rb_pu_channels(saved, plan, RB_PU_ANY_EVENT, silent), collect_name, names);
    VALUE sent = resync_all(names);
    return RARRAY_LEN(silent) == 0 ? sent : Qfalse;
}

/* Channels that depend on a record are as many as there are records: then every client is told. */
static VALUE resync_class(VALUE plan)
{
    VALUE rules = rb_pu_plan_rules(plan);
    VALUE names = rb_ary_new();
    for (long i = 0; i < RARRAY_LEN(rules); i++) {
        struct rb_pu_rule rule = rb_pu_plan_rule(rb_ary_entry(rules, i));
        if (rule.target != RB_PU_TARGET_CONSTANT) {
            return rb_pu_publish_resync(Qnil) ? Qtrue : Qfalse;
        }
        if (!RTEST(rb_ary_includes(names, rule.value))) {
            rb_ary_push(names, rule.value);
        }
    }
    return resync_all(names);
}

/* Pushable.resync(channel_or_record_or_class) */
static VALUE pushable_resync(VALUE self, VALUE target)
{
    if (RB_TYPE_P(target, T_STRING)) {
        return rb_pu_publish_resync(target) ? Qtrue : Qfalse;
    }
    bool is_class = RB_TYPE_P(target, T_CLASS);
    VALUE plan = pushing_plan(is_class ? target : rb_obj_class(target));
    if (NIL_P(plan)) {
        rb_raise(rb_eArgError,
                 "Pushable.resync takes a channel's name, a record or a class that pushes; got %+" PRIsVALUE, target);
    }
    return is_class ? resync_class(plan) : resync_record(target, plan);
}

void rb_pu_init_resync(void)
{
    id_new_record = rb_intern("new_record?");
    rb_define_singleton_method(rb_mPushable, "resync", pushable_resync, 1);
}
