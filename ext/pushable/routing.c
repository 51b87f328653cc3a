/* Reading order: rb_pu_route at the bottom takes the records one by one; route_record is one record's way, through
 * membership (find_channels), the decision per channel (event_for) and the message (send).
 */
#include "routing.h"

#include "changes.h"
#include "delivery.h"
#include "membership.h"
#include "pu_bayeux.h"
#include "serializer.h"
#include "view.h"

#define BIT(event) (1u << (event))

/* One record on its way. The buffers are freed by cleanup, whatever the application raises. */
struct routing {
    VALUE notes, group;
    struct rb_pu_change change;
    VALUE plan;
    VALUE before, after; /* Hash channel name => Integer of the events its rules declare */
    VALUE fresh;         /* the row read again, when the instance may not know it; else Qnil */
    VALUE saved;         /* the record without unsaved values, once it was asked for; else Qnil */
    bool encoded;        /* payload is decided */
    bool gone;           /* the row is not there any more: nothing to show */
    bool partial;
    struct pu_span payload;
    struct pu_buf object, key, names, channel;
};

static ID id_unscoped, id_where, id_take, id_uniq_bang;

/* Reads the row again by its key. */
static void reload(struct routing *routing)
{
    VALUE record = routing->change.record;
    VALUE keys = rb_pu_plan_keys(routing->plan);
    VALUE conditions = rb_hash_new();
    for (long i = 0; i < RARRAY_LEN(keys); i++) {
        VALUE name = rb_ary_entry(keys, i);
        rb_hash_aset(conditions, name, rb_pu_read_column(record, name));
    }
    if (RARRAY_LEN(keys) > 0) {
        VALUE scope = rb_funcall(rb_obj_class(record), id_unscoped, 0);
        routing->fresh = rb_funcall(rb_funcall(scope, id_where, 1, conditions), id_take, 0);
        routing->gone = NIL_P(routing->fresh);
    }
}

/* ---- membership ---- */

static int is_stamp(VALUE name, VALUE value, VALUE arg)
{
    VALUE *stamps_and_answer = (VALUE *)arg;
    if (RTEST(rb_ary_includes(stamps_and_answer[0], name))) {
        return ST_CONTINUE;
    }
    stamps_and_answer[1] = Qtrue;
    return ST_STOP;
}

/* Whether a column changed that is not a mere time stamp. */
static bool changed_in_substance(const struct routing *routing)
{
    VALUE stamps_and_answer[2] = {rb_pu_plan_timestamps(routing->plan), Qfalse};
    rb_hash_foreach(routing->change.before, is_stamp, (VALUE)stamps_and_answer);
    return stamps_and_answer[1] == Qtrue;
}

/* The record as it was committed: read again, or without what was assigned and never saved. */
static VALUE committed(struct routing *routing)
{
    if (!NIL_P(routing->fresh)) {
        return routing->fresh;
    }
    if (NIL_P(routing->saved)) {
        routing->saved = rb_pu_view_saved(routing->change.record);
    }
    return routing->saved;
}

/* The record as it was before the transaction, without what was assigned and never saved. */
static VALUE before_view(struct routing *routing)
{
    const struct rb_pu_change *change = &routing->change;
    VALUE saved =
        NIL_P(routing->fresh) && !NIL_P(change->replaced) ? rb_pu_view_saved(change->replaced) : committed(routing);
    return RHASH_SIZE(change->before) == 0 ? saved : rb_pu_view(saved, change->before);
}

static void find_channels(struct routing *routing)
{
    const struct rb_pu_change *change = &routing->change;
    bool dynamic = rb_pu_asks_methods(routing->plan);
    VALUE silent = rb_ary_new();
    if (change->exists && !routing->gone) {
        VALUE subject = dynamic ? committed(routing) : change->record;
        routing->after = rb_pu_channels(subject, routing->plan, silent);
    } else {
        routing->after = rb_hash_new();
    }
    if (!change->existed) {
        routing->before = rb_hash_new();
    } else if (change->exists && !routing->gone && NIL_P(change->replaced) &&
               !(dynamic && changed_in_substance(routing))) {
        routing->before = routing->after;
    } else {
        routing->before = rb_pu_channels(before_view(routing), routing->plan, silent);
    }
}

/* ---- the payload ---- */

static struct pu_span span_of(const struct pu_buf *buf)
{
    return (struct pu_span){buf->bytes, buf->length};
}

static struct pu_span key_of(struct routing *routing)
{
    if (routing->key.length == 0) {
        rb_pu_encode_key(&routing->key, routing->change.record, routing->plan);
    }
    return span_of(&routing->key);
}

static VALUE encode_now(VALUE arg)
{
    struct routing *routing = (struct routing *)arg;
    const struct rb_pu_change *change = &routing->change;
    bool captured = NIL_P(routing->fresh);
    if (captured && !NIL_P(change->error)) {
        rb_exc_raise(change->error);
    }
    if (captured && change->last->encoded) {
        routing->payload = span_of(&change->last->object);
        return Qnil;
    }
    rb_pu_encode(&routing->object, committed(routing));
    routing->payload = span_of(&routing->object);
    return Qnil;
}

static VALUE encode_failed(VALUE arg, VALUE error)
{
    struct routing *routing = (struct routing *)arg;
    rb_pu_report(error, routing->change.record, rb_utf8_str_new_cstr("encoding"));
    routing->payload = key_of(routing);
    routing->partial = true; /* the browser fetches */
    return Qnil;
}

static void decide_payload(struct routing *routing)
{
    if (!routing->encoded) {
        routing->encoded = true;
        rb_rescue2(encode_now, (VALUE)routing, encode_failed, (VALUE)routing, rb_eStandardError, (VALUE)0);
    }
}

/* ---- one message to one channel ---- */

/* What a channel hears, by membership before and after; PU_EVENT_COUNT for nothing. A rule that declares update alone
 * is told of a record that enters as of an update.
 */
static enum pu_event event_for(const struct routing *routing, VALUE name)
{
    unsigned after = NUM2UINT(rb_hash_lookup2(routing->after, name, INT2FIX(0)));
    unsigned before = NUM2UINT(rb_hash_lookup2(routing->before, name, INT2FIX(0)));
    bool existed = routing->change.existed;
    if (after && before) {
        return ((after | before) & BIT(PU_EVENT_UPDATE)) ? PU_EVENT_UPDATE : PU_EVENT_COUNT;
    }
    if (after & BIT(PU_EVENT_CREATE)) {
        return PU_EVENT_CREATE;
    }
    if (existed && (after & BIT(PU_EVENT_UPDATE))) {
        return PU_EVENT_UPDATE;
    }
    return (before & BIT(PU_EVENT_DESTROY)) ? PU_EVENT_DESTROY : PU_EVENT_COUNT;
}

static void fill_names(struct routing *routing)
{
    if (routing->change.existed && routing->names.length == 0) {
        VALUE names = NIL_P(routing->change.replaced) ? routing->change.changed : rb_pu_plan_columns(routing->plan);
        rb_pu_encode_names(&routing->names, names, routing->plan);
    }
}

static enum pu_result deliver(struct routing *routing, enum pu_event event, VALUE *detail)
{
    struct pu_message message = {.channel = span_of(&routing->channel), .event = event, .at = routing->change.at};
    if (event == PU_EVENT_DESTROY) {
        message.object = key_of(routing);
    } else {
        message.object = routing->payload;
        message.partial = routing->partial;
        message.changed = span_of(&routing->names);
    }
    enum pu_result result = rb_pu_deliver(&message, detail);
    if (result == PU_ETOOBIG && event != PU_EVENT_DESTROY && !message.partial) {
        message.object = key_of(routing);
        message.partial = true;
        result = rb_pu_deliver(&message, detail);
    }
    return result;
}

static void send(struct routing *routing, VALUE name, enum pu_event event)
{
    if (event != PU_EVENT_DESTROY) {
        if (routing->gone) {
            return;
        }
        decide_payload(routing);
        fill_names(routing);
    }
    pu_buf_clear(&routing->channel);
    VALUE detail = Qnil;
    enum pu_result result = pu_bayeux_channel(&routing->channel, RSTRING_PTR(name), (size_t)RSTRING_LEN(name));
    if (result == PU_OK) {
        result = deliver(routing, event, &detail);
    }
    rb_pu_report_undelivered(result, name, detail, routing->change.record);
    RB_GC_GUARD(name);
}

/* Whether it enters a channel although it existed: whoever listens there takes the whole object, and the instance's
 * unchanged columns may be old.
 */
static bool enters(const struct routing *routing, VALUE names)
{
    for (long i = 0; routing->change.existed && i < RARRAY_LEN(names); i++) {
        VALUE name = rb_ary_entry(names, i);
        if (NIL_P(rb_hash_lookup(routing->before, name)) && event_for(routing, name) != PU_EVENT_COUNT) {
            return true;
        }
    }
    return false;
}

static int collect_name(VALUE name, VALUE events, VALUE names)
{
    rb_ary_push(names, name);
    return ST_CONTINUE;
}

static void send_all(struct routing *routing)
{
    VALUE names = rb_ary_new();
    rb_hash_foreach(routing->before, collect_name, names);
    if (routing->after != routing->before) {
        rb_hash_foreach(routing->after, collect_name, names);
        rb_funcall(names, id_uniq_bang, 0);
    }
    if (NIL_P(routing->fresh) && enters(routing, names)) {
        reload(routing);
    }
    for (long i = 0; i < RARRAY_LEN(names); i++) {
        VALUE name = rb_ary_entry(names, i);
        enum pu_event event = event_for(routing, name);
        if (event != PU_EVENT_COUNT) {
            send(routing, name, event);
        }
    }
}

/* ---- one record, and all of them ---- */

static VALUE route_record(VALUE arg)
{
    struct routing *routing = (struct routing *)arg;
    if (rb_pu_changes_merge(routing->notes, routing->group, &routing->change)) {
        routing->plan = rb_pu_plan(rb_obj_class(routing->change.record));
        if (routing->change.exists && routing->change.unsure) {
            reload(routing);
        }
        find_channels(routing);
        send_all(routing);
    }
    return Qnil;
}

static VALUE route_failed(VALUE arg, VALUE error)
{
    rb_pu_report(error, ((struct routing *)arg)->change.record, Qnil);
    return Qnil;
}

static VALUE route_rescued(VALUE arg)
{
    return rb_rescue2(route_record, arg, route_failed, arg, rb_eStandardError, (VALUE)0);
}

static VALUE route_cleanup(VALUE arg)
{
    struct routing *routing = (struct routing *)arg;
    pu_buf_cleanup(&routing->object);
    pu_buf_cleanup(&routing->key);
    pu_buf_cleanup(&routing->names);
    pu_buf_cleanup(&routing->channel);
    return Qnil;
}

static void route_group(VALUE notes, VALUE group)
{
    struct routing routing = {.notes = notes,
                              .group = group,
                              .change = {.record = Qnil},
                              .before = Qnil,
                              .after = Qnil,
                              .fresh = Qnil,
                              .saved = Qnil};
    pu_buf_init(&routing.object, (size_t)LONG_MAX);
    pu_buf_init(&routing.key, (size_t)LONG_MAX);
    pu_buf_init(&routing.names, (size_t)LONG_MAX);
    pu_buf_init(&routing.channel, (size_t)LONG_MAX);
    rb_ensure(route_rescued, (VALUE)&routing, route_cleanup, (VALUE)&routing);
}

struct tour {
    VALUE notes, groups;
    long next;
};

static VALUE route_rest(VALUE arg)
{
    struct tour *tour = (struct tour *)arg;
    while (tour->next < RARRAY_LEN(tour->groups)) {
        route_group(tour->notes, rb_ary_entry(tour->groups, tour->next++));
    }
    return Qnil;
}

void rb_pu_route(VALUE notes)
{
    struct tour tour = {.notes = notes, .groups = rb_pu_changes_group(notes)};
    rb_ensure(route_rest, (VALUE)&tour, route_rest, (VALUE)&tour); /* the second takes over when the first unwinds */
}

void rb_pu_init_routing(void)
{
    id_unscoped = rb_intern("unscoped");
    id_where = rb_intern("where");
    id_take = rb_intern("take");
    id_uniq_bang = rb_intern("uniq!");
}
