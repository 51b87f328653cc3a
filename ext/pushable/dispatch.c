#include "dispatch.h"

#include "delivery.h"
#include "pu_bayeux.h"

void rb_pu_dispatch_reload(struct rb_pu_dispatch *dispatch)
{
    if (NIL_P(dispatch->row.fresh)) {
        rb_pu_row_reload(&dispatch->row);
        rb_pu_payload_forget(&dispatch->payload);
    }
}

/* ---- one message to one channel ---- */

/* The rule that tells a channel of an event, among those that hold after the transaction, or else before it. */
static long find_rule(const struct rb_pu_dispatch *dispatch, VALUE name, enum pu_event event)
{
    long rule = rb_pu_channel_rule(dispatch->after, name, event);
    return rule >= 0 ? rule : rb_pu_channel_rule(dispatch->before, name, event);
}

/* What a channel hears, by membership before and after; PU_EVENT_COUNT for nothing. A rule that declares update alone
 * is told of a record that enters as of an update.
 */
static enum pu_event event_for(const struct rb_pu_dispatch *dispatch, VALUE name, long *rule)
{
    bool before = rb_pu_channel_in(dispatch->before, name), after = rb_pu_channel_in(dispatch->after, name);
    enum pu_event event = before ? (after ? PU_EVENT_UPDATE : PU_EVENT_DESTROY) : PU_EVENT_CREATE;
    *rule = find_rule(dispatch, name, event);
    if (*rule < 0 && event == PU_EVENT_CREATE && dispatch->change.existed) {
        event = PU_EVENT_UPDATE;
        *rule = find_rule(dispatch, name, event);
    }
    return *rule < 0 ? PU_EVENT_COUNT : event;
}

static enum pu_result deliver(struct rb_pu_dispatch *dispatch, struct pu_message *message, VALUE *detail)
{
    enum pu_result result = rb_pu_deliver(message, detail);
    if (result == PU_ETOOBIG && message->event != PU_EVENT_DESTROY && !message->partial &&
        rb_pu_payload_reduce(&dispatch->payload, message)) {
        result = rb_pu_deliver(message, detail);
    }
    return result;
}

/* In place of a message that cannot be, and was reported: whoever listens there fetches. */
static void deliver_resync(const struct pu_message *message)
{
    struct pu_message resync = {.channel = message->channel, .event = PU_EVENT_RESYNC, .at = message->at};
    VALUE detail = Qnil;
    rb_pu_deliver(&resync, &detail);
}

void rb_pu_dispatch_send(struct rb_pu_dispatch *dispatch, VALUE name, enum pu_event event, long rule)
{
    VALUE shape = rb_pu_plan_rule_shape(rb_ary_entry(rb_pu_plan_rules(dispatch->row.plan), rule));
    struct pu_message message = {.event = event, .at = dispatch->change.at};
    if (!NIL_P(dispatch->origin)) {
        message.origin = (struct pu_span){RSTRING_PTR(dispatch->origin), (size_t)RSTRING_LEN(dispatch->origin)};
    }
    if (event != PU_EVENT_DESTROY) {
        if (dispatch->change.existed && rb_pu_payload_fresh(shape)) {
            rb_pu_dispatch_reload(dispatch);
        }
        if (dispatch->row.gone) {
            return;
        }
    }
    pu_buf_clear(&dispatch->channel);
    VALUE detail = Qnil;
    enum pu_result result = pu_bayeux_channel(&dispatch->channel, RSTRING_PTR(name), (size_t)RSTRING_LEN(name));
    if (result == PU_OK) {
        message.channel = (struct pu_span){dispatch->channel.bytes, dispatch->channel.length};
        bool sayable = rb_pu_payload_fill(&dispatch->payload, shape, &message);
        if (sayable) {
            result = deliver(dispatch, &message, &detail);
        }
        if (!sayable || result == PU_ETOOBIG) {
            deliver_resync(&message);
        }
    }
    rb_pu_report_undelivered(result, name, detail, dispatch->change.record);
    RB_GC_GUARD(name);
}

/* Whether it enters a channel although it existed: whoever listens there takes the whole object, and the instance's
 * unchanged columns may be old.
 */
static bool enters(const struct rb_pu_dispatch *dispatch, VALUE names)
{
    long rule;
    for (long i = 0; dispatch->change.existed && i < RARRAY_LEN(names); i++) {
        VALUE name = rb_ary_entry(names, i);
        if (!rb_pu_channel_in(dispatch->before, name) && event_for(dispatch, name, &rule) != PU_EVENT_COUNT) {
            return true;
        }
    }
    return false;
}

static int collect_name(VALUE name, VALUE places, VALUE names)
{
    rb_ary_push(names, name);
    return ST_CONTINUE;
}

struct collecting {
    VALUE names, known; /* known - Hash whose names are collected already */
};

static int collect_new_name(VALUE name, VALUE places, VALUE arg)
{
    const struct collecting *collecting = (const struct collecting *)arg;
    if (!rb_pu_channel_in(collecting->known, name)) {
        rb_ary_push(collecting->names, name);
    }
    return ST_CONTINUE;
}

void rb_pu_dispatch_send_all(struct rb_pu_dispatch *dispatch)
{
    VALUE names = rb_ary_new();
    rb_hash_foreach(dispatch->before, collect_name, names);
    if (dispatch->after != dispatch->before) {
        struct collecting collecting = {names, dispatch->before};
        rb_hash_foreach(dispatch->after, collect_new_name, (VALUE)&collecting);
    }
    if (enters(dispatch, names)) {
        rb_pu_dispatch_reload(dispatch);
    }
    for (long i = 0; i < RARRAY_LEN(names); i++) {
        VALUE name = rb_ary_entry(names, i);
        long rule;
        enum pu_event event = event_for(dispatch, name, &rule);
        if (event != PU_EVENT_COUNT) {
            rb_pu_dispatch_send(dispatch, name, event, rule);
        }
    }
}

/* ---- the frame ---- */

void rb_pu_dispatch_take(struct rb_pu_dispatch *dispatch, VALUE plan)
{
    dispatch->row.record = dispatch->change.record;
    dispatch->row.plan = plan;
}

static VALUE dispatch_body(VALUE arg)
{
    struct rb_pu_dispatch *dispatch = (struct rb_pu_dispatch *)arg;
    dispatch->body(dispatch);
    return Qnil;
}

static VALUE dispatch_failed(VALUE arg, VALUE error)
{
    rb_pu_report(error, ((struct rb_pu_dispatch *)arg)->change.record, Qnil);
    return Qnil;
}

static VALUE dispatch_rescued(VALUE arg)
{
    return rb_rescue2(dispatch_body, arg, dispatch_failed, arg, rb_eStandardError, (VALUE)0);
}

static VALUE dispatch_cleanup(VALUE arg)
{
    struct rb_pu_dispatch *dispatch = (struct rb_pu_dispatch *)arg;
    rb_pu_payload_cleanup(&dispatch->payload);
    pu_buf_cleanup(&dispatch->channel);
    return Qnil;
}

void rb_pu_dispatch(struct rb_pu_dispatch *dispatch)
{
    dispatch->before = dispatch->after = Qnil;
    dispatch->silent = rb_ary_new();
    dispatch->row = (struct rb_pu_row){Qnil, Qnil, Qnil, Qnil, false};
    dispatch->payload.change = &dispatch->change;
    dispatch->payload.row = &dispatch->row;
    rb_pu_payload_init(&dispatch->payload);
    pu_buf_init(&dispatch->channel, (size_t)LONG_MAX);
    rb_ensure(dispatch_rescued, (VALUE)dispatch, dispatch_cleanup, (VALUE)dispatch);
}
