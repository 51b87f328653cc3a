#include "direct.h"

#include "dispatch.h"
#include "origin.h"
#include "pu_clock.h"

struct pushing {
    enum pu_event event;
    long sent;
};

static VALUE sym_create, sym_update, sym_destroy;

static int send_to(VALUE name, VALUE places, VALUE arg)
{
    struct rb_pu_dispatch *dispatch = (struct rb_pu_dispatch *)arg;
    struct pushing *pushing = dispatch->context;
    long rule = rb_pu_channel_rule(dispatch->after, name, pushing->event);
    if (rule >= 0) {
        rb_pu_dispatch_send(dispatch, name, pushing->event, rule);
        pushing->sent++;
    }
    return ST_CONTINUE;
}

static void push_record(struct rb_pu_dispatch *dispatch)
{
    VALUE record = dispatch->change.record;
    const struct pushing *pushing = dispatch->context;
    VALUE plan = rb_pu_plan(rb_obj_class(record));
    if (NIL_P(plan)) {
        return;
    }
    rb_pu_dispatch_take(dispatch, plan);
    dispatch->row.fresh = record;
    dispatch->payload.whole = true;
    dispatch->before = rb_hash_new();
    dispatch->after = rb_pu_channels(record, plan, 1u << pushing->event, dispatch->silent);
    rb_hash_foreach(dispatch->after, send_to, (VALUE)dispatch);
}

bool rb_pu_push(VALUE record, enum pu_event event)
{
    struct pushing pushing = {.event = event};
    struct rb_pu_dispatch dispatch = {.change = {.record = record,
                                                 .before = rb_hash_new(),
                                                 .changed = rb_hash_new(),
                                                 .replaced = Qnil,
                                                 .error = Qnil,
                                                 .existed = event != PU_EVENT_CREATE,
                                                 .exists = event != PU_EVENT_DESTROY,
                                                 .at = pu_clock_stamp()},
                                      .origin = rb_pu_origin(),
                                      .body = push_record,
                                      .context = &pushing};
    rb_pu_dispatch(&dispatch);
    return pushing.sent > 0;
}

/* Pushable::Direct.push(record, event): of a record that is as its row; whether any channel declares the event. */
static VALUE direct_push(VALUE self, VALUE record, VALUE event)
{
    if (event == sym_create) {
        return rb_pu_push(record, PU_EVENT_CREATE) ? Qtrue : Qfalse;
    }
    if (event == sym_update) {
        return rb_pu_push(record, PU_EVENT_UPDATE) ? Qtrue : Qfalse;
    }
    if (event == sym_destroy) {
        return rb_pu_push(record, PU_EVENT_DESTROY) ? Qtrue : Qfalse;
    }
    rb_raise(rb_eArgError, "unknown event %+" PRIsVALUE ": an event is :create, :update or :destroy", event);
}

/* Pushable::Direct.channels(record): the names of all channels that the record is in. */
static VALUE direct_channels(VALUE self, VALUE record)
{
    VALUE plan = rb_pu_plan(rb_obj_class(record));
    return NIL_P(plan) ? rb_ary_new()
                       : rb_funcall(rb_pu_channels(record, plan, RB_PU_ANY_EVENT, rb_ary_new()), rb_intern("keys"), 0);
}

/* Pushable::Direct.names(record, kind, value): the names of the channels that a target leads to. */
static VALUE direct_names(VALUE self, VALUE record, VALUE kind, VALUE value)
{
    return rb_pu_target_names(record, (enum rb_pu_target)NUM2INT(kind), value);
}

void rb_pu_init_direct(void)
{
    sym_create = ID2SYM(rb_intern("create"));
    sym_update = ID2SYM(rb_intern("update"));
    sym_destroy = ID2SYM(rb_intern("destroy"));
    VALUE direct = rb_define_module_under(rb_mPushable, "Direct");
    rb_funcall(rb_mPushable, rb_intern("private_constant"), 1, ID2SYM(rb_intern("Direct")));
    rb_define_singleton_method(direct, "push", direct_push, 2);
    rb_define_singleton_method(direct, "channels", direct_channels, 1);
    rb_define_singleton_method(direct, "names", direct_names, 3);
}
