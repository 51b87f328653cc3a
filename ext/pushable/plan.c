#include "plan.h"

static VALUE cPlan;
static ID id_slot, id_for, id_record, id_shape, id_shape_for, id_keys, id_root, id_timestamps, id_readonly, id_fixed,
    id_rules, id_events, id_target, id_value, id_conditions, id_columns, id_name, id_reload;

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

/* Pushable::Plan.made(klass): the plan that hangs on it, or nil. */
static VALUE plan_made(VALUE self, VALUE klass)
{
    return rb_attr_get(klass, id_slot);
}

/* Pushable::Plan.forget(klass): the next use makes a new plan. */
static VALUE plan_forget(VALUE self, VALUE klass)
{
    rb_ivar_set(klass, id_slot, Qnil);
    return Qnil;
}

bool rb_pu_plan_record(VALUE plan)
{
    return RTEST(rb_ivar_get(plan, id_record));
}

VALUE rb_pu_plan_shape(VALUE plan)
{
    return rb_ivar_get(plan, id_shape);
}

VALUE rb_pu_plan_shape_for(VALUE plan, VALUE options)
{
    return rb_funcall(plan, id_shape_for, 1, options);
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

VALUE rb_pu_plan_readonly(VALUE plan)
{
    return rb_ivar_get(plan, id_readonly);
}

bool rb_pu_plan_fixed(VALUE plan)
{
    return RTEST(rb_ivar_get(plan, id_fixed));
}

bool rb_pu_plan_reload(VALUE plan)
{
    return RTEST(rb_ivar_get(plan, id_reload));
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
                              .conditions = rb_ivar_get(rule, id_conditions),
                              .columns = rb_ivar_get(rule, id_columns),
                              .shape = rb_ivar_get(rule, id_shape),
                              .name = rb_ivar_get(rule, id_name)};
    return read;
}

VALUE rb_pu_plan_rule_columns(VALUE rule)
{
    return rb_ivar_get(rule, id_columns);
}

VALUE rb_pu_plan_rule_shape(VALUE rule)
{
    return rb_ivar_get(rule, id_shape);
}

void rb_pu_init_plan(void)
{
    id_slot = rb_intern("__pushable_plan");
    id_for = rb_intern("for");
    id_record = rb_intern("@record");
    id_shape = rb_intern("@shape");
    id_shape_for = rb_intern("shape_for");
    id_keys = rb_intern("@keys");
    id_root = rb_intern("@root");
    id_timestamps = rb_intern("@timestamps");
    id_readonly = rb_intern("@readonly");
    id_fixed = rb_intern("@fixed");
    id_rules = rb_intern("@rules");
    id_events = rb_intern("@events");
    id_target = rb_intern("@target");
    id_value = rb_intern("@value");
    id_conditions = rb_intern("@conditions");
    id_columns = rb_intern("@columns");
    id_name = rb_intern("@name");
    id_reload = rb_intern("@reload");
    rb_global_variable(&cPlan);
    cPlan = rb_const_get(rb_mPushable, rb_intern("Plan"));
    rb_define_singleton_method(cPlan, "forget", plan_forget, 1);
    rb_define_singleton_method(cPlan, "made", plan_made, 1);
}
