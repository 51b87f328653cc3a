/* Reading order: rb_pu_channels asks each rule by ask_rule, which asks its conditions and then its target. */
#include "membership.h"

#include "serializer.h"

/* Per channel one Integer: for each event PLACE_BITS with the place of the rule that declares it, from 1; 0: none. The
 * topmost bit says that there is one at all.
 */
#define PLACE_BITS 16
#define PLACE_MASK ((1ull << PLACE_BITS) - 1)
#define SHIFT(event) ((unsigned)(event)*PLACE_BITS)
#define IS_IN (1ull << (3 * PLACE_BITS))
#define MOST_RULES ((long)PLACE_MASK - 1)

struct asking {
    VALUE subject;
    VALUE names;  /* Array: what the rule has named so far; it counts when the rule has named all */
    VALUE silent; /* Array of the rules that failed */
    VALUE place;  /* of the rule among the class's */
    struct rb_pu_rule rule;
};

static ID id_instance_exec, id_call, id_arity;

static unsigned long long packed(VALUE channels, VALUE name)
{
    return NUM2ULL(rb_hash_lookup2(channels, name, INT2FIX(0)));
}

static void add_channel(VALUE channels, VALUE name, const struct asking *asking)
{
    unsigned long long places = packed(channels, name) | IS_IN;
    for (int event = PU_EVENT_CREATE; event <= PU_EVENT_DESTROY; event++) {
        bool declared = asking->rule.events & (1u << event);
        if (declared && ((places >> SHIFT(event)) & PLACE_MASK) == 0) {
            places |= ((unsigned long long)FIX2LONG(asking->place) + 1) << SHIFT(event);
        }
    }
    rb_hash_aset(channels, name, ULL2NUM(places));
}

bool rb_pu_channel_in(VALUE channels, VALUE name)
{
    return packed(channels, name) != 0;
}

long rb_pu_channel_rule(VALUE channels, VALUE name, enum pu_event event)
{
    return (long)((packed(channels, name) >> SHIFT(event)) & PLACE_MASK) - 1;
}

static int add_other(VALUE name, VALUE places, VALUE channels)
{
    if (!rb_pu_channel_in(channels, name)) {
        rb_hash_aset(channels, name, places);
    }
    return ST_CONTINUE;
}

void rb_pu_channels_add(VALUE channels, VALUE other)
{
    rb_hash_foreach(other, add_other, channels);
}

/* ---- one rule ---- */

/* A method of the record, private or not; a block, which runs in the record as those of Rails' callbacks do; or
 * anything that can be called with the record.
 */
static VALUE ask(VALUE subject, VALUE what)
{
    if (RB_SYMBOL_P(what)) {
        return rb_funcall(subject, rb_sym2id(what), 0);
    }
    if (rb_obj_is_proc(what)) {
        int count = NUM2INT(rb_funcall(what, id_arity, 0)) == 0 ? 0 : 1;
        return rb_funcall_with_block(subject, id_instance_exec, count, &subject, what);
    }
    return rb_funcall(what, id_call, 1, subject);
}

/* What the application gave: a name, several, or nil. */
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

static void add_instance(VALUE names, VALUE subject, VALUE prefix)
{
    VALUE plan = rb_pu_plan(rb_obj_class(subject));
    VALUE keys = rb_pu_plan_keys(plan);
    VALUE name = rb_str_dup(prefix);
    for (long i = 0; i < RARRAY_LEN(keys); i++) {
        rb_str_cat_cstr(name, "_");
        rb_str_append(name, rb_obj_as_string(rb_pu_read_key(subject, plan, rb_ary_entry(keys, i))));
    }
    rb_ary_push(names, name);
}

static void add_format(VALUE names, VALUE subject, VALUE parts)
{
    VALUE name = rb_utf8_str_new_cstr("");
    for (long i = 0; i < RARRAY_LEN(parts); i++) {
        VALUE part = rb_ary_entry(parts, i);
        VALUE text = RB_SYMBOL_P(part) ? ask(subject, part) : part;
        if (NIL_P(text)) {
            return; /* nil names no channel */
        }
        rb_str_append(name, rb_obj_as_string(text));
    }
    rb_ary_push(names, name);
}

static bool conditions_hold(const struct asking *asking)
{
    VALUE conditions = asking->rule.conditions;
    for (long i = 0; !NIL_P(conditions) && i < RARRAY_LEN(conditions); i += 2) {
        bool wanted = RTEST(rb_ary_entry(conditions, i));
        if (RTEST(ask(asking->subject, rb_ary_entry(conditions, i + 1))) != wanted) {
            return false;
        }
    }
    return true;
}

static VALUE ask_rule(VALUE arg)
{
    struct asking *asking = (struct asking *)arg;
    if (!conditions_hold(asking)) {
        return Qnil;
    }
    switch (asking->rule.target) {
    case RB_PU_TARGET_CONSTANT:
        rb_ary_push(asking->names, asking->rule.value);
        break;
    case RB_PU_TARGET_INSTANCE:
        add_instance(asking->names, asking->subject, asking->rule.value);
        break;
    case RB_PU_TARGET_FORMAT:
        add_format(asking->names, asking->subject, asking->rule.value);
        break;
    case RB_PU_TARGET_ASK:
        add_answer(asking->names, ask(asking->subject, asking->rule.value));
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

VALUE rb_pu_target_names(VALUE subject, enum rb_pu_target target, VALUE value)
{
    struct asking asking = {
        .subject = subject, .names = rb_ary_new(), .rule = {.target = target, .value = value, .conditions = Qnil}};
    ask_rule((VALUE)&asking);
    return asking.names;
}

VALUE rb_pu_channels(VALUE subject, VALUE plan, unsigned events, VALUE silent)
{
    VALUE rules = rb_pu_plan_rules(plan);
    VALUE channels = rb_hash_new();
    struct asking asking = {.subject = subject, .names = rb_ary_new(), .silent = silent};
    for (long i = 0; i < RARRAY_LEN(rules) && i < MOST_RULES; i++) {
        asking.place = LONG2FIX(i);
        asking.rule = rb_pu_plan_rule(rb_ary_entry(rules, i));
        if (!(asking.rule.events & events) || RTEST(rb_ary_includes(silent, asking.place))) {
            continue;
        }
        rb_rescue2(ask_rule, (VALUE)&asking, ask_failed, (VALUE)&asking, rb_eStandardError, (VALUE)0);
        for (long name = 0; name < RARRAY_LEN(asking.names); name++) {
            add_channel(channels, rb_ary_entry(asking.names, name), &asking);
        }
        rb_ary_clear(asking.names);
    }
    return channels;
}

/* ---- what the rules hang on ---- */

struct dependence {
    VALUE columns; /* of a rule, or Qnil: it may hang on any but the time stamps */
    VALUE stamps;
    bool found;
};

static int depends(VALUE name, VALUE value, VALUE arg)
{
    struct dependence *dependence = (struct dependence *)arg;
    dependence->found = NIL_P(dependence->columns) ? !RTEST(rb_ary_includes(dependence->stamps, name))
                                                   : RTEST(rb_ary_includes(dependence->columns, name));
    return dependence->found ? ST_STOP : ST_CONTINUE;
}

bool rb_pu_channels_depend(VALUE plan, VALUE columns)
{
    VALUE rules = rb_pu_plan_rules(plan);
    struct dependence dependence = {.stamps = rb_pu_plan_timestamps(plan)};
    for (long i = 0; i < RARRAY_LEN(rules) && !dependence.found; i++) {
        dependence.columns = rb_pu_plan_rule_columns(rb_ary_entry(rules, i));
        rb_hash_foreach(columns, depends, (VALUE)&dependence);
    }
    return dependence.found;
}

void rb_pu_init_membership(void)
{
    id_instance_exec = rb_intern("instance_exec");
    id_call = rb_intern("call");
    id_arity = rb_intern("arity");
}
