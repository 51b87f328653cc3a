#include "plan.h"

static VALUE cPlan;
static ID id_slot, id_for, id_plain, id_columns, id_keys, id_root, id_timestamps, id_rules, id_events, id_target,
    id_value, id_name;

VALUE rb_pu_plan(VALUE klass)
{
    VALUE plan = rb_attr_get(klass, id_slot);
    if (NIL_P(plan)) {
        plan = rb_funcall(cPlan, id_for, 1, klass);
        if (!NIL_P(plan)) {
            rb_ivar_set(klass, id_slot, plan);
        }
    }
    return plan;
}

/* Pushable::Plan.forget(klass): the next use makes a new plan. */
static VALUE plan_forget(VALUE self, VALUE klass)
{
    rb_ivar_set(klass, id_slot, Qnil);
    return Qnil;
}

bool rb_pu_plan_plain(VALUE plan)
{
    return RTEST(rb_ivar_get(plan, id_plain));
}

VALUE rb_pu_plan_columns(VALUE plan)
{
    return rb_ivar_get(plan, id_columns);
}

VALUE rb_pu_plan_keys(VALUE plan)
{
    return rb_ivar_get(plan, id_keys);
}

VALUE rb_pu_plan_root(VALUE plan)
{
    return rb_ivar_get(plan, id_root);
}

VALUE rb_pu_plan_timestamps(VALUE plan)
{
    return rb_ivar_get(plan, id_timestamps);
}

VALUE rb_pu_plan_rules(VALUE plan)
{
    return rb_ivar_get(plan, id_rules);
}

struct rb_pu_rule rb_pu_plan_rule(VALUE rule)
{
    struct rb_pu_rule read = {.events = NUM2UINT(rb_ivar_get(rule, id_events)),
                              .target = (enum rb_pu_target)NUM2INT(rb_ivar_get(rule, id_target)),
                              .value = rb_ivar_get(rule, id_value),
                              .name = rb_ivar_get(rule, id_name)};
    return read;
}

bool rb_pu_plan_hides(VALUE plan, VALUE name)
{
    return rb_hash_lookup2(rb_pu_plan_columns(plan), name, Qnil) == Qfalse;
}

void rb_pu_init_plan(void)
{
    id_slot = rb_intern("__pushable_plan");
    id_for = rb_intern("for");
    id_plain = rb_intern("@plain");
    id_columns = rb_intern("@columns");
    id_keys = rb_intern("@keys");
    id_root = rb_intern("@root");
    id_timestamps = rb_intern("@timestamps");
    id_rules = rb_intern("@rules");
    id_events = rb_intern("@events");
    id_target = rb_intern("@target");
    id_value = rb_intern("@value");
    id_name = rb_intern("@name");
    rb_global_variable(&cPlan);
    cPlan = rb_const_get(rb_mPushable, rb_intern("Plan"));
    rb_define_singleton_method(cPlan, "forget", plan_forget, 1);
}
