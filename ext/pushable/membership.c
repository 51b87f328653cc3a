#include "membership.h"

#include "serializer.h"

struct asking {
    VALUE subject;
    VALUE names;  /* Array: what the rule has named so far; it counts when the rule has named all */
    VALUE silent; /* Array of the rules that failed */
    VALUE place;  /* of the rule among the class's */
    struct rb_pu_rule rule;
};

static void add_channel(VALUE channels, VALUE name, unsigned events)
{
    unsigned known = NUM2UINT(rb_hash_lookup2(channels, name, INT2FIX(0)));
    rb_hash_aset(channels, name, UINT2NUM(known | events));
}

/* What a channel method gave: a name, several, or nil. */
static void add_answer(VALUE names, VALUE answer)
{
    if (RB_TYPE_P(answer, T_ARRAY)) {
        for (long i = 0; i < RARRAY_LEN(answer); i++) {
            add_answer(names, rb_ary_entry(answer, i));
        }
    } else if (RB_TYPE_P(answer, T_STRING) || RB_SYMBOL_P(answer)) {
        rb_ary_push(names, rb_obj_as_string(answer));
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
        rb_ary_push(asking->names, asking->rule.value);
        break;
    case RB_PU_TARGET_INSTANCE:
        rb_ary_push(asking->names, instance_channel(asking->subject, asking->rule.value));
        break;
    case RB_PU_TARGET_METHOD:
        add_answer(asking->names, rb_funcall(asking->subject, rb_sym2id(asking->rule.value), 0));
        break;
    }
    return Qnil;
}

static VALUE ask_failed(VALUE arg, VALUE error)
{
    const struct asking *asking = (const struct asking *)arg;
    rb_ary_clear(asking->names);
    rb_ary_push(asking->silent, asking->place);
    rb_pu_report(error, asking->subject, asking->rule.name);
    return Qnil;
}

VALUE rb_pu_channels(VALUE subject, VALUE plan, VALUE silent)
{
    VALUE rules = rb_pu_plan_rules(plan);
    VALUE channels = rb_hash_new();
    struct asking asking = {.subject = subject, .names = rb_ary_new(), .silent = silent};
    for (long i = 0; i < RARRAY_LEN(rules); i++) {
        asking.place = LONG2FIX(i);
        if (RTEST(rb_ary_includes(silent, asking.place))) {
            continue;
        }
        asking.rule = rb_pu_plan_rule(rb_ary_entry(rules, i));
        rb_rescue2(ask_rule, (VALUE)&asking, ask_failed, (VALUE)&asking, rb_eStandardError, (VALUE)0);
        for (long name = 0; name < RARRAY_LEN(asking.names); name++) {
            add_channel(channels, rb_ary_entry(asking.names, name), asking.rule.events);
        }
        rb_ary_clear(asking.names);
    }
    return channels;
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
