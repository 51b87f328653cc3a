#include "publish.h"

#include <string.h>

#include "delivery.h"
#include "pu_bayeux.h"
#include "pu_clock.h"
#include "serializer.h"

struct publishing {
    struct pu_buf channel, object;
    VALUE name, value;
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

static VALUE publish_body(VALUE arg)
{
    struct publishing *publishing = (struct publishing *)arg;
    VALUE name = rb_obj_as_string(publishing->name);
    enum pu_result result = pu_bayeux_channel(&publishing->channel, RSTRING_PTR(name), (size_t)RSTRING_LEN(name));
    if (result != PU_OK) {
        rb_pu_raise(result, rb_inspect(name));
    }
    if (publishing->event != PU_EVENT_RESYNC) {
        rb_pu_encode(&publishing->object, publishing->value);
    }
    struct pu_message message = {.channel = {publishing->channel.bytes, publishing->channel.length},
                                 .event = publishing->event,
                                 .object = {publishing->object.bytes, publishing->object.length},
                                 .at = pu_clock_stamp()};
    VALUE detail = Qnil;
    result = rb_pu_deliver(&message, &detail);
    if (result == PU_ETOOBIG) {
        rb_pu_raise(result, rb_sprintf("message to channel %+" PRIsVALUE, name));
    }
    rb_pu_report_undelivered(result, name, detail, Qnil);
    RB_GC_GUARD(name);
    return result == PU_OK ? Qtrue : Qfalse;
}

static VALUE publish_cleanup(VALUE arg)
{
    struct publishing *publishing = (struct publishing *)arg;
    pu_buf_cleanup(&publishing->channel);
    pu_buf_cleanup(&publishing->object);
    return Qnil;
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
    pu_buf_init(&publishing.channel, (size_t)LONG_MAX);
    pu_buf_init(&publishing.object, (size_t)LONG_MAX);
    return rb_ensure(publish_body, (VALUE)&publishing, publish_cleanup, (VALUE)&publishing);
}

void rb_pu_init_publish(void)
{
    rb_define_singleton_method(rb_mPushable, "publish", pushable_publish, -1);
}
