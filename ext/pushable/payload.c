#include "payload.h"

#include "serializer.h"

static ID id_keys;

static struct pu_span span_of(const struct pu_buf *buf)
{
    return (struct pu_span){buf->bytes, buf->length};
}

void rb_pu_payload_init(struct rb_pu_payload *payload)
{
    payload->shape = Qnil;
    pu_buf_init(&payload->written, (size_t)LONG_MAX);
    pu_buf_init(&payload->names, (size_t)LONG_MAX);
    pu_buf_init(&payload->key, (size_t)LONG_MAX);
}

void rb_pu_payload_forget(struct rb_pu_payload *payload)
{
    payload->shape = Qnil;
}

void rb_pu_payload_cleanup(struct rb_pu_payload *payload)
{
    pu_buf_cleanup(&payload->written);
    pu_buf_cleanup(&payload->names);
    pu_buf_cleanup(&payload->key);
}

bool rb_pu_payload_fresh(VALUE shape)
{
    return !rb_pu_shape_by_columns(shape);
}

/* ---- the object ---- */

struct choosing {
    const struct rb_pu_payload *payload;
    VALUE chosen;
};

static bool is_wanted(const struct rb_pu_payload *payload, VALUE name)
{
    return payload->whole || RTEST(rb_ary_includes(rb_pu_plan_keys(payload->row->plan), name)) ||
           rb_hash_lookup2(payload->change->changed, name, Qundef) != Qundef;
}

static int choose_column(VALUE name, VALUE shown, VALUE arg)
{
    const struct choosing *choosing = (const struct choosing *)arg;
    if (shown == Qtrue && is_wanted(choosing->payload, name)) {
        rb_hash_aset(choosing->chosen, name, Qtrue);
    }
    return ST_CONTINUE;
}

/* A Hash with the names of the key and of the changed columns. */
static VALUE choose(const struct rb_pu_payload *payload)
{
    struct choosing choosing = {payload, rb_hash_new()};
    rb_hash_foreach(rb_pu_shape_columns(payload->shape), choose_column, (VALUE)&choosing);
    return choosing.chosen;
}

/* What as_json or a serializer says, or Qundef when columns alone made the object. */
static VALUE write_object(struct rb_pu_payload *payload)
{
    VALUE shape = payload->shape;
    const struct rb_pu_change *change = payload->change;
    if (change->last && NIL_P(payload->row->fresh) && !payload->reduced &&
        shape == rb_pu_plan_shape(payload->row->plan)) {
        if (!NIL_P(change->error)) {
            rb_exc_raise(change->error);
        }
        if (change->last->encoded) {
            payload->object = span_of(&change->last->object);
            return Qundef;
        }
    }
    VALUE record = rb_pu_row_committed(payload->row);
    VALUE only = payload->reduced ? choose(payload) : Qnil;
    VALUE rendered = Qundef;
    if (!rb_pu_encode_columns(&payload->written, record, payload->row->plan, shape, only)) {
        rendered = rb_pu_shape_render(shape, record, payload->reduced ? rb_funcall(only, id_keys, 0) : Qnil);
        rb_pu_encode_rendered(&payload->written, rendered, rb_obj_class(record));
    }
    payload->object = span_of(&payload->written);
    return rendered;
}

/* ---- the names of what is news ---- */

/* rendered - as from write_object, or Qundef */
static void write_names(struct rb_pu_payload *payload, VALUE rendered)
{
    VALUE shape = payload->shape;
    if (!payload->change->existed || !rb_pu_plan_record(payload->row->plan)) {
        return; /* all of it is news */
    }
    if (rendered != Qundef && rb_pu_shape_all_news(shape)) {
        VALUE root = rb_pu_plan_root(payload->row->plan);
        VALUE inner = !NIL_P(root) && RB_TYPE_P(rendered, T_HASH) ? rb_hash_lookup(rendered, root) : Qnil;
        VALUE object = RB_TYPE_P(inner, T_HASH) ? inner : rendered;
        if (RB_TYPE_P(object, T_HASH)) {
            rb_pu_encode_names(&payload->names, object, Qnil);
        }
    } else {
        bool all = payload->whole || rb_pu_shape_all_news(shape);
        VALUE names = all ? rb_pu_shape_columns(shape) : payload->change->changed;
        rb_pu_encode_names(&payload->names, names, shape);
    }
}

/* ---- both ---- */

static VALUE fill_body(VALUE arg)
{
    struct rb_pu_payload *payload = (struct rb_pu_payload *)arg;
    VALUE rendered = write_object(payload);
    write_names(payload, rendered);
    RB_GC_GUARD(rendered);
    return Qnil;
}

static struct pu_span key_of(struct rb_pu_payload *payload)
{
    if (payload->key.length == 0) {
        rb_pu_encode_key(&payload->key, payload->change->record, payload->row->plan);
    }
    return span_of(&payload->key);
}

static bool has_key(const struct rb_pu_payload *payload)
{
    return rb_pu_has_key(payload->change->record, payload->row->plan);
}

static VALUE fill_failed(VALUE arg, VALUE error)
{
    struct rb_pu_payload *payload = (struct rb_pu_payload *)arg;
    rb_pu_report(error, payload->change->record, rb_utf8_str_new_cstr("encoding"));
    payload->unsayable = !has_key(payload);
    if (payload->unsayable) {
        return Qnil;
    }
    pu_buf_clear(&payload->names);
    write_names(payload, Qundef);
    payload->object = key_of(payload);
    payload->partial = true; /* the browser fetches */
    return Qnil;
}

static void prepare(struct rb_pu_payload *payload, VALUE shape, bool reduced)
{
    if (payload->shape == shape && payload->reduced == reduced) {
        return;
    }
    payload->shape = shape;
    payload->reduced = reduced;
    payload->partial = payload->unsayable = false;
    pu_buf_clear(&payload->written);
    pu_buf_clear(&payload->names);
    rb_rescue2(fill_body, (VALUE)payload, fill_failed, (VALUE)payload, rb_eStandardError, (VALUE)0);
}

bool rb_pu_payload_fill(struct rb_pu_payload *payload, VALUE shape, struct pu_message *message)
{
    if (message->event == PU_EVENT_DESTROY) {
        message->object = key_of(payload);
        return true;
    }
    prepare(payload, shape, message->event == PU_EVENT_UPDATE && rb_pu_shape_changes_only(shape));
    message->object = payload->object;
    message->changed = span_of(&payload->names);
    message->partial = payload->partial;
    return !payload->unsayable;
}

bool rb_pu_payload_reduce(struct rb_pu_payload *payload, struct pu_message *message)
{
    if (!has_key(payload)) {
        return false;
    }
    message->object = key_of(payload);
    message->partial = true;
    return true;
}

void rb_pu_init_payload(void)
{
    id_keys = rb_intern("keys");
}
