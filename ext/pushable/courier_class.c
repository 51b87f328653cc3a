#include "courier_class.h"

#include <ruby/thread.h>

struct courier_object {
    struct pu_courier *courier; /* NULL before initialize */
    unsigned generation;        /* of the process that made it */
};

static VALUE cCourier;
static ID id_current, id_start, id_inline, id_thread, id_alive_p, id_inline_lock;
static VALUE outcome_names[PU_OUTCOME_KINDS];

/* No I/O and no waiting in a sweep: an inherited courier is let go of, and one whose thread is gone is freed. */
static void courier_dfree(void *data)
{
    struct courier_object *object = data;
    if (object->courier && object->generation == pu_courier_generation()) {
        pu_courier_free(object->courier);
    }
    ruby_xfree(object);
}

static size_t courier_dsize(const void *data)
{
    const struct courier_object *object = data;
    return sizeof *object;
}

static const rb_data_type_t courier_type = {
    .wrap_struct_name = "Pushable::Courier",
    .function = {.dfree = courier_dfree, .dsize = courier_dsize},
    .flags = RUBY_TYPED_WB_PROTECTED /* holds no VALUE; not freed at once, as dfree closes a connection */
};

static VALUE courier_alloc(VALUE klass)
{
    struct courier_object *object;
    return TypedData_Make_Struct(klass, struct courier_object, &courier_type, object);
}

static struct courier_object *get_object(VALUE self)
{
    struct courier_object *object;
    TypedData_Get_Struct(self, struct courier_object, &courier_type, object);
    return object;
}

static struct pu_courier *get_courier(VALUE self)
{
    struct courier_object *object = get_object(self);
    if (!object->courier || object->generation != pu_courier_generation()) {
        rb_raise(rb_pu_eError, "this courier belongs to another process");
    }
    return object->courier;
}

static VALUE fetch(VALUE options, const char *key)
{
    return rb_hash_fetch(options, ID2SYM(rb_intern(key)));
}

static const char *fetch_text(VALUE options, const char *key, VALUE *keep)
{
    *keep = fetch(options, key);
    return NIL_P(*keep) ? NULL : StringValueCStr(*keep); /* raises for an embedded NUL */
}

/* Courier.new(url:, authorization:, ca_file:, verify:, open_timeout:, timeout:, max_age:, queue_bytes:,
 * queue_messages:, max_message_bytes:): times in milliseconds. Opens no connection.
 */
static VALUE courier_initialize(VALUE self, VALUE options)
{
    struct courier_object *object = get_object(self);
    VALUE url, authorization, ca_file;
    struct pu_courier_options core = {.url = fetch_text(options, "url", &url),
                                      .authorization = fetch_text(options, "authorization", &authorization),
                                      .ca_file = fetch_text(options, "ca_file", &ca_file),
                                      .verify = RTEST(fetch(options, "verify")),
                                      .open_timeout_ms = NUM2LONG(fetch(options, "open_timeout")),
                                      .timeout_ms = NUM2LONG(fetch(options, "timeout")),
                                      .max_age_ms = NUM2LL(fetch(options, "max_age")),
                                      .queue_bytes = NUM2SIZET(fetch(options, "queue_bytes")),
                                      .queue_messages = NUM2SIZET(fetch(options, "queue_messages")),
                                      .max_message_bytes = NUM2SIZET(fetch(options, "max_message_bytes"))};
    if (object->courier) {
        rb_raise(rb_pu_eError, "a courier is initialised once");
    }
    enum pu_result result = pu_courier_new(&core, &object->courier);
    if (result != PU_OK) {
        rb_pu_raise(result, rb_utf8_str_new_cstr("server")); /* not the URL: it may hold a password */
    }
    object->generation = pu_courier_generation();
    RB_GC_GUARD(url);
    RB_GC_GUARD(authorization);
    RB_GC_GUARD(ca_file);
    return self;
}

struct run {
    struct pu_courier *courier;
    enum pu_courier_break why;
};

/* Calls no Ruby API. */
static void *run_without_gvl(void *data)
{
    struct run *run = data;
    run->why = pu_courier_run(run->courier);
    return NULL;
}

static void interrupt_run(void *data)
{
    pu_courier_interrupt(((struct run *)data)->courier);
}

/* #run: the loop, outside the GVL. Returns :report, :interrupted or :stopped. */
static VALUE courier_run(VALUE self)
{
    struct run run = {.courier = get_courier(self)};
    rb_thread_call_without_gvl(run_without_gvl, &run, interrupt_run, &run);
    switch (run.why) {
    case PU_COURIER_REPORT:
        return ID2SYM(rb_intern("report"));
    case PU_COURIER_STOPPED:
        return ID2SYM(rb_intern("stopped"));
    default:
        return ID2SYM(rb_intern("interrupted"));
    }
}

/* #outcome: the oldest waiting outcome as a Hash, or nil. */
static VALUE courier_outcome(VALUE self)
{
    struct pu_outcome outcome;
    if (!pu_courier_outcome(get_courier(self), &outcome)) {
        return Qnil;
    }
    VALUE hash = rb_hash_new_capa(8);
    rb_hash_aset(hash, ID2SYM(rb_intern("kind")), outcome_names[outcome.kind]);
    rb_hash_aset(hash, ID2SYM(rb_intern("reason")), rb_utf8_str_new_cstr(pu_result_text(outcome.result)));
    rb_hash_aset(hash, ID2SYM(rb_intern("status")), LONG2NUM(outcome.status));
    rb_hash_aset(hash, ID2SYM(rb_intern("count")), ULL2NUM(outcome.count));
    rb_hash_aset(hash, ID2SYM(rb_intern("bytes")), ULL2NUM(outcome.bytes));
    rb_hash_aset(hash, ID2SYM(rb_intern("milliseconds")), LL2NUM(outcome.milliseconds));
    rb_hash_aset(hash, ID2SYM(rb_intern("channel")), rb_utf8_str_new_cstr(outcome.channel));
    rb_hash_aset(hash, ID2SYM(rb_intern("text")), rb_utf8_str_new_cstr(outcome.text));
    return hash;
}

/* #stop(milliseconds): no more messages are taken; #run returns :stopped when the rest is sent or the time is over. */
static VALUE courier_stop(VALUE self, VALUE milliseconds)
{
    pu_courier_stop(get_courier(self), NUM2LL(milliseconds));
    return Qnil;
}

/* #pause: no POST is begun from now on; one under way goes on to its end. */
static VALUE courier_pause(VALUE self)
{
    pu_courier_pause(get_courier(self));
    return Qnil;
}

/* #resume: the end of a pause. */
static VALUE courier_resume(VALUE self)
{
    pu_courier_resume(get_courier(self));
    return Qnil;
}

/* #listen(on): whether a batch that is delivered makes an outcome. */
static VALUE courier_listen(VALUE self, VALUE on)
{
    pu_courier_listen(get_courier(self), RTEST(on));
    return Qnil;
}

/* #inherited?: whether it was made before a fork this process came from. */
static VALUE courier_inherited_p(VALUE self)
{
    return get_object(self)->generation == pu_courier_generation() ? Qfalse : Qtrue;
}

/* #abandon: in a forked child, close what was inherited without a word on the wire. */
static VALUE courier_abandon(VALUE self)
{
    struct courier_object *object = get_object(self);
    if (object->courier && object->generation != pu_courier_generation()) {
        pu_courier_abandon(object->courier);
        object->courier = NULL;
    }
    return Qnil;
}

static VALUE seconds(int64_t microseconds)
{
    return microseconds > 0 ? DBL2NUM((double)microseconds / 1e6) : Qnil;
}

static void set_stat(VALUE hash, const char *name, VALUE value)
{
    rb_hash_aset(hash, ID2SYM(rb_intern(name)), value);
}

/* #stats: what became of everything, and the present state; oldest_age in milliseconds, times in seconds. */
static VALUE courier_stats(VALUE self)
{
    struct pu_courier_stats stats;
    pu_courier_stats(get_courier(self), &stats);
    VALUE hash = rb_hash_new_capa(21);
#define SET(name) set_stat(hash, #name, ULL2NUM(stats.name))
    SET(pushed);
    SET(delivered);
    set_stat(hash, "dropped", ULL2NUM(stats.overflowed + stats.expired + stats.abandoned));
    SET(overflowed);
    SET(expired);
    SET(abandoned);
    SET(rejected);
    SET(resyncs);
    SET(untold);
    SET(batches);
    SET(retries);
    SET(bytes);
    SET(connections);
    SET(pending_messages);
    SET(pending_bytes);
#undef SET
    set_stat(hash, "oldest_age", stats.oldest_age_ms < 0 ? Qnil : LL2NUM(stats.oldest_age_ms));
    set_stat(hash, "paused", stats.paused ? Qtrue : Qfalse);
    set_stat(hash, "down", stats.down ? Qtrue : Qfalse);
    set_stat(hash, "down_since", seconds(stats.down_since));
    set_stat(hash, "last_success_at", seconds(stats.last_success_at));
    set_stat(hash, "last_error", stats.last_error[0] == '\0' ? Qnil : rb_utf8_str_new_cstr(stats.last_error));
    return hash;
}

struct pu_courier *rb_pu_courier_current(void)
{
    VALUE current = rb_ivar_get(cCourier, id_current);
    if (NIL_P(current) || get_object(current)->generation != pu_courier_generation() ||
        !RTEST(rb_funcall(rb_ivar_get(current, id_thread), id_alive_p, 0))) {
        current = rb_funcall(cCourier, id_start, 0);
    }
    return get_courier(current);
}

struct post {
    struct pu_courier *courier;
    const struct pu_message *message;
    struct pu_outcome *outcome;
    enum pu_result result;
};

/* Calls no Ruby API. */
static void *post_without_gvl(void *data)
{
    struct post *post = data;
    post->result = pu_courier_post(post->courier, post->message, post->outcome);
    return NULL;
}

static void interrupt_post(void *data)
{
    pu_courier_interrupt(((struct post *)data)->courier);
}

static VALUE post_locked(VALUE arg)
{
    struct post *post = (struct post *)arg;
    post->courier = get_courier(rb_funcall(cCourier, id_inline, 0));
    do { /* what interrupts for good raises from this call; after a signal's handler the post is made again */
        rb_thread_call_without_gvl(post_without_gvl, post, interrupt_post, post);
    } while (post->result == PU_EINTERRUPTED);
    return Qnil;
}

enum pu_result rb_pu_courier_post(const struct pu_message *message, struct pu_outcome *outcome)
{
    struct post post = {.message = message, .outcome = outcome, .result = PU_ECLOSED};
    rb_mutex_synchronize(rb_ivar_get(cCourier, id_inline_lock), post_locked, (VALUE)&post);
    return post.result;
}

void rb_pu_init_courier_class(void)
{
    static const char *const names[] = {"reject", "drop", "retry",
                                        "down",   "up",   "deliver"}; /* as enum pu_outcome_kind */
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        outcome_names[i] = ID2SYM(rb_intern(names[i]));
    }
    id_current = rb_intern("@current");
    id_start = rb_intern("start");
    id_inline = rb_intern("inline");
    id_inline_lock = rb_intern("@inline_lock");
    id_thread = rb_intern("@thread");
    id_alive_p = rb_intern("alive?");
    rb_global_variable(&cCourier);
    cCourier = rb_define_class_under(rb_mPushable, "Courier", rb_cObject);
    rb_define_alloc_func(cCourier, courier_alloc);
    rb_define_method(cCourier, "initialize", courier_initialize, 1);
    rb_define_method(cCourier, "run", courier_run, 0);
    rb_define_method(cCourier, "outcome", courier_outcome, 0);
    rb_define_method(cCourier, "stop", courier_stop, 1);
    rb_define_method(cCourier, "pause", courier_pause, 0);
    rb_define_method(cCourier, "resume", courier_resume, 0);
    rb_define_method(cCourier, "listen", courier_listen, 1);
    rb_define_method(cCourier, "abandon", courier_abandon, 0);
    rb_define_method(cCourier, "inherited?", courier_inherited_p, 0);
    rb_define_method(cCourier, "stats", courier_stats, 0);
}
