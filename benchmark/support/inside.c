/* inside.c - a look into the gem's extension, for benchmarks (benchmark/support/inside.rb).
 *
 * It is linked together with the extension's own objects. What begins with __wrap_ stands, by the linker, before the
 * function of that name. Benchmarks see in Ruby:
 *
 *   Pushable::Inside.push(channel, json)       a push of ready JSON; channel as the wire has it
 *   Pushable::Inside.nothing(channel, json)    the Ruby call alone, its arguments looked at as the other does
 *   Pushable::Inside.most_messages = 10        of a batch, from the next one on
 *   Pushable::Inside.wakes                     how often a push has had to wake the courier, or somebody else has
 */
#include <ruby.h>
#include <stdatomic.h>

#include "courier_class.h"
#include "pu_clock.h"
#include "pu_courier.h"
#include "pu_http.h"
#include "pu_queue.h"

static atomic_size_t most_messages = SIZE_MAX;
static atomic_size_t wakes;

bool __real_pu_queue_take(struct pu_queue *queue, size_t max_messages, size_t max_bytes, struct pu_batch *batch);
bool __wrap_pu_queue_take(struct pu_queue *queue, size_t max_messages, size_t max_bytes, struct pu_batch *batch);
void __real_pu_http_wake(struct pu_http *http);
void __wrap_pu_http_wake(struct pu_http *http);
void __real_rb_pu_init_courier_class(void);
void __wrap_rb_pu_init_courier_class(void);

bool __wrap_pu_queue_take(struct pu_queue *queue, size_t max_messages, size_t max_bytes, struct pu_batch *batch)
{
    size_t most = atomic_load_explicit(&most_messages, memory_order_relaxed);

    return __real_pu_queue_take(queue, max_messages < most ? max_messages : most, max_bytes, batch);
}

void __wrap_pu_http_wake(struct pu_http *http)
{
    atomic_fetch_add_explicit(&wakes, 1, memory_order_relaxed);
    __real_pu_http_wake(http);
}

static struct pu_message message_of(VALUE channel, VALUE json)
{
    return (struct pu_message){.channel = {RSTRING_PTR(channel), (size_t)RSTRING_LEN(channel)},
                               .event = PU_EVENT_UPDATE,
                               .object = {RSTRING_PTR(json), (size_t)RSTRING_LEN(json)},
                               .at = 1700000000000000};
}

static VALUE inside_push(VALUE self, VALUE channel, VALUE json)
{
    struct pu_message message = message_of(channel, json);
    enum pu_result result = pu_courier_push(rb_pu_courier_current(), &message);

    RB_GC_GUARD(channel);
    RB_GC_GUARD(json);
    return result == PU_OK ? Qtrue : Qfalse;
}

static VALUE inside_nothing(VALUE self, VALUE channel, VALUE json)
{
    struct pu_message message = message_of(channel, json);

    return message.channel.length > 0 && message.object.length > 0 ? Qtrue : Qfalse;
}

static VALUE inside_set_most_messages(VALUE self, VALUE most)
{
    atomic_store(&most_messages, NUM2SIZET(most));
    return most;
}

static VALUE inside_wakes(VALUE self)
{
    return SIZET2NUM(atomic_load(&wakes));
}

/* The last of the extension's beginnings that this file needs. */
void __wrap_rb_pu_init_courier_class(void)
{
    VALUE mInside = rb_define_module_under(rb_mPushable, "Inside");

    rb_define_singleton_method(mInside, "push", inside_push, 2);
    rb_define_singleton_method(mInside, "nothing", inside_nothing, 2);
    rb_define_singleton_method(mInside, "most_messages=", inside_set_most_messages, 1);
    rb_define_singleton_method(mInside, "wakes", inside_wakes, 0);
    __real_rb_pu_init_courier_class();
}
