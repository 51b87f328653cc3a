#include "membership.h"

#include "serializer.h"

struct asking {
    VALUE subject, channels;
    struct rb_pu_rule rule;
};

static void add_channel(VALUE channels, VALUE name, unsigned events)
{
    unsigned known = NUM2UINT(rb_hash_lookup2(channels, name, INT2FIX(0)));
    rb_hash_aset(channels, name, UINT2NUM(known | events));
}

/* What a channel method gave: a name, several, or nil. */
static void add_answer(struct asking *asking, VALUE answer)
{
    if (RB_TYPE_P(answer, T_ARRAY)) {
        for (long i = 0; i < RARRAY_LEN(answer); i++) {
            add_answer(asking, rb_ary_entry(answer, i));
        }
    } else if (RB_TYPE_P(answer, T_STRING) || RB_SYMBOL_P(answer)) {
        add_channel(asking->channels, rb_obj_as_string(answer), asking->rule.events);
    } else if (!NIL_P(answer)) {
        rb_raise(rb_eTypeError, "a channel's name is a String, a Symbol, several in an Array, or nil; got %" PRIsVALUE,
                 rb_inspect(answer));
    }
}

static VALUE instance_channel(VALUE subject, VALUE prefix)
{
    VALUE keys = rb_pu_plan_keys(rb_pu_plan(rb_obj_class(subject)));
    VALUE name = rb_str_dup(prefix);
    for (long i = 0; i < RARRAY_LEN(keys); i++) {
        rb_str_cat_cstr(name, "_");
        rb_str_append(name, rb_obj_as_string(rb_pu_read_column(subject, rb_ary_entry(keys, i))));
    }
    return name;
}

static VALUE ask_rule(VALUE arg)
{
    struct asking *asking = (struct asking *)arg;
    switch (asking->rule.target) {
    case RB_PU_TARGET_CONSTANT:
        add_channel(asking->channels, asking->rule.value, asking->rule.events);
        break;
    case RB_PU_TARGET_INSTANCE:
        add_channel(asking->channels, instance_channel(asking->subject, asking->rule.value), asking->rule.events);
        break;
    case RB_PU_TARGET_METHOD:
        add_answer(asking, rb_funcall(asking->subject, rb_sym2id(asking->rule.value), 0));
        break;
    }
    return Qnil;
}

static VALUE ask_failed(VALUE arg, VALUE error)
{
    const struct asking *asking = (const struct asking *)arg;
    rb_pu_report(error, asking->subject, asking->rule.name);
    return Qnil;
}

VALUE rb_pu_channels(VALUE subject, VALUE plan)
{
    VALUE rules = rb_pu_plan_rules(plan);
    struct asking asking = {.subject = subject, .channels = rb_hash_new()};
    for (long i = 0; i < RARRAY_LEN(rules); i++) {
        asking.rule = rb_pu_plan_rule(rb_ary_entry(rules, i));
        rb_rescue2(ask_rule, (VALUE)&asking, ask_failed, (VALUE)&asking, rb_eStandardError, (VALUE)0);
    }
    return asking.channels;
}

bool rb_pu_asks_methods(VALUE plan)
{
    VALUE rules = rb_pu_plan_rules(plan);
    for (long i = 0; i < RARRAY_LEN(rules); i++) {
        if (rb_pu_plan_rule(rb_ary_entry(rules, i)).target == RB_PU_TARGET_METHOD) {
            return true;
        }
    }
    return false;
}
