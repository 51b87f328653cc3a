#include "publish.h"

#include <string.h>

#include "delivery.h"
#include "origin.h"
#include "pu_bayeux.h"
#include "pu_clock.h"
#include "serializer.h"

/* Every client listens there; no channel's name is written so. */
#define EVERYONE "/sync/$all"

struct publishing {
    struct pu_buf channel, object;
    VALUE name; /* of the channel; Qnil: everyone */
    VALUE value;
    enum pu_event event;
};

static enum pu_event event_named(VALUE event)
{
    VALUE text = rb_obj_as_string(event);
    for (int i = 0; i < PU_EVENT_COUNT; i++) {
        if (strcmp(StringValueCStr(text), pu_event_name((enum pu_event)i)) == 0) {
            return (enum pu_event)i;
        }
    }
    rb_raise(rb_eArgError, "unknown event %+" PRIsVALUE ": an event is create, update, destroy or resync", event);
}

static void write_channel(struct publishing *publishing)
{
    VALUE name = publishing->name;
    enum pu_result result = NIL_P(name)
                                ? pu_buf_append(&publishing->channel, EVERYONE, sizeof(EVERYONE) - 1)
                                : pu_bayeux_channel(&publishing->channel, RSTRING_PTR(name), (size_t)RSTRING_LEN(name));
    if (result != PU_OK) {
        rb_pu_raise(result, rb_inspect(name));
    }
}

/* Of a record that is too large, the key alone: the browser fetches. Returns false for what has no key. */
static bool reduce(struct publishing *publishing, struct pu_message *message)
{
    VALUE plan = RB_TYPE_P(publishing->value, T_OBJECT) ? rb_pu_plan(rb_obj_class(publishing->value)) : Qnil;
    if (NIL_P(plan) || publishing->event == PU_EVENT_RESYNC || !rb_pu_has_key(publishing->value, plan)) {
        return false;
    }
    pu_buf_clear(&publishing->object);
    rb_pu_encode_key(&publishing->object, publishing->value, plan);
    message->object = (struct pu_span){publishing->object.bytes, publishing->object.length};
    message->partial = true;
    return true;
}

static VALUE publish_body(VALUE arg)
{
    struct publishing *publishing = (struct publishing *)arg;
    VALUE origin = rb_pu_origin();
    write_channel(publishing);
    if (publishing->event != PU_EVENT_RESYNC) {
        rb_pu_encode(&publishing->object, publishing->value);
    }
    struct pu_message message = {.channel = {publishing->channel.bytes, publishing->channel.length},
                                 .event = publishing->event,
                                 .object = {publishing->object.bytes, publishing->object.length},
                                 .at = pu_clock_stamp()};
    if (!NIL_P(origin)) {
        message.origin = (struct pu_span){RSTRING_PTR(origin), (size_t)RSTRING_LEN(origin)};
    }
    VALUE detail = Qnil;
    enum pu_result result = rb_pu_deliver(&message, &detail);
    if (result == PU_ETOOBIG && reduce(publishing, &message)) {
        result = rb_pu_deliver(&message, &detail);
    }
    VALUE name = NIL_P(publishing->name) ? rb_utf8_str_new_cstr(EVERYONE) : publishing->name;
    if (result == PU_ETOOBIG) {
        rb_pu_raise(result, rb_sprintf("message to channel %+" PRIsVALUE, name));
    }
    rb_pu_report_undelivered(result, name, detail, Qnil);
    RB_GC_GUARD(origin);
    return result == PU_OK ? Qtrue : Qfalse;
}

static VALUE wire_body(VALUE arg)
{
    struct publishing *publishing = (struct publishing *)arg;
    write_channel(publishing);
    return rb_utf8_str_new(publishing->channel.bytes, (long)publishing->channel.length);
}

static VALUE publish_cleanup(VALUE arg)
{
    struct publishing *publishing = (struct publishing *)arg;
    pu_buf_cleanup(&publishing->channel);
    pu_buf_cleanup(&publishing->object);
    return Qnil;
}

static VALUE with_buffers(VALUE (*body)(VALUE), struct publishing *publishing)
{
    pu_buf_init(&publishing->channel, (size_t)LONG_MAX);
    pu_buf_init(&publishing->object, (size_t)LONG_MAX);
    return rb_ensure(body, (VALUE)publishing, publish_cleanup, (VALUE)publishing);
}

bool rb_pu_publish_resync(VALUE name)
{
    struct publishing publishing = {.name = name, .value = Qnil, .event = PU_EVENT_RESYNC};
    return RTEST(with_buffers(publish_body, &publishing));
}

/* Pushable.publish(channel, object, event: "update") */
static VALUE pushable_publish(int argc, VALUE *argv, VALUE self)
{
    static ID keywords[1];
    VALUE options, event = Qundef;
    struct publishing publishing = {.event = PU_EVENT_UPDATE};
    if (!keywords[0]) {
        keywords[0] = rb_intern("event");
    }
    rb_scan_args(argc, argv, "2:", &publishing.name, &publishing.value, &options);
    rb_get_kwargs(options, keywords, 0, 1, &event);
    if (event != Qundef) {
        publishing.event = event_named(event);
    }
    publishing.name = rb_obj_as_string(publishing.name);
    return with_buffers(publish_body, &publishing);
}

/* Pushable::Channel.wire(name) */
static VALUE channel_wire(VALUE self, VALUE name)
{
    struct publishing publishing = {.name = rb_obj_as_string(name)};
    return with_buffers(wire_body, &publishing);
}

void rb_pu_init_publish(void)
{
    rb_define_singleton_method(rb_mPushable, "publish", pushable_publish, -1);
    rb_define_singleton_method(rb_define_module_under(rb_mPushable, "Channel"), "wire", channel_wire, 1);
}
