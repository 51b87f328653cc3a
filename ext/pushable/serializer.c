#include "serializer.h"

#include "attribute.h"
#include "value.h"
#include "walk.h"

static ID id_original_value, id_aref, id_key_p;

/* One document: `write` runs under rb_ensure, so that the writer is freed whatever the application does. */
struct document {
    struct pu_json *json;
    struct pu_buf *buf;
    size_t start; /* the buffer's length before */
    bool done;
    bool refused; /* by write: nothing is left of it */
    VALUE value, plan;
    VALUE shape;   /* of a record or of names, or Qnil */
    VALUE only;    /* of a record: Hash of the columns that are wanted, or Qnil */
    VALUE subject; /* the class that error messages name */
    void (*write)(struct document *document, const struct rb_pu_place *place);
};

/* One writer is kept for the next document; one that an as_json of the application starts meanwhile has its own. Under
 * the GVL.
 */
static struct pu_json *spare;

static enum pu_result take_writer(struct pu_json **json)
{
    if (!spare) {
        return pu_json_new(json);
    }
    *json = spare;
    spare = NULL;
    return PU_OK;
}

static void give_writer_back(struct pu_json *json)
{
    if (spare) {
        pu_json_free(json);
    } else {
        spare = json;
    }
}

static VALUE document_body(VALUE arg)
{
    struct document *document = (struct document *)arg;
    struct rb_pu_place place = {NULL, document->subject};
    pu_json_start(document->json, document->buf);
    document->write(document, &place);
    if (document->refused) {
        return Qnil;
    }
    rb_pu_check(document->json, &place);
    enum pu_result result = pu_json_finish(document->json);
    if (result != PU_OK) {
        rb_pu_raise(result, rb_obj_as_string(place.key));
    }
    document->done = true;
    return Qnil;
}

static VALUE document_cleanup(VALUE arg)
{
    struct document *document = (struct document *)arg;
    give_writer_back(document->json);
    if (!document->done) {
        pu_buf_clear(document->buf);             /* its error too; */
        document->buf->length = document->start; /* what stood there before stays */
    }
    return Qnil;
}

/* Returns false when write refused. */
static bool write_document(struct document *document)
{
    document->start = document->buf->length;
    enum pu_result result = take_writer(&document->json);
    if (result != PU_OK) {
        rb_pu_raise(result, Qnil);
    }
    rb_ensure(document_body, (VALUE)document, document_cleanup, (VALUE)document);
    return document->done;
}

VALUE rb_pu_read_column(VALUE record, VALUE name)
{
    VALUE attribute = rb_funcall(rb_pu_record_attributes(record), id_aref, 1, name);
    return rb_funcall(attribute, id_original_value, 0);
}

VALUE rb_pu_read_key(VALUE record, VALUE plan, VALUE name)
{
    return rb_pu_plan_record(plan) ? rb_pu_read_column(record, name) : rb_funcall(record, rb_intern_str(name), 0);
}

bool rb_pu_has_key(VALUE record, VALUE plan)
{
    VALUE keys = rb_pu_plan_keys(plan);
    for (long i = 0; i < RARRAY_LEN(keys); i++) {
        VALUE name = rb_ary_entry(keys, i);
        if (!rb_pu_plan_record(plan) && !rb_respond_to(record, rb_intern_str(name))) {
            return false;
        }
        if (NIL_P(rb_pu_read_key(record, plan, name))) {
            return false;
        }
    }
    return RARRAY_LEN(keys) > 0;
}

static void open_root(struct document *document, const struct rb_pu_place *place)
{
    VALUE root = rb_pu_plan_root(document->plan);
    if (!NIL_P(root)) {
        pu_json_map_open(document->json);
        rb_pu_write_key(document->json, root, place);
    }
}

static void close_root(struct document *document)
{
    if (!NIL_P(rb_pu_plan_root(document->plan))) {
        pu_json_map_close(document->json);
    }
}

static void write_columns(struct document *document, const struct rb_pu_place *place)
{
    VALUE layout = rb_pu_shape_layout(document->shape);
    open_root(document, place);
    document->refused = !rb_pu_write_columns(document->json, document->value, layout, document->only, place);
    if (!document->refused) {
        close_root(document);
    }
}

static void write_key(struct document *document, const struct rb_pu_place *place)
{
    VALUE keys = rb_pu_plan_keys(document->plan);
    open_root(document, place);
    pu_json_map_open(document->json);
    for (long i = 0; i < RARRAY_LEN(keys); i++) {
        VALUE name = rb_ary_entry(keys, i);
        struct rb_pu_place inner = {place, name};
        rb_pu_write_key(document->json, name, &inner);
        rb_pu_write_value(document->json, rb_pu_read_key(document->value, document->plan, name), &inner);
    }
    pu_json_map_close(document->json);
    close_root(document);
}

static void write_text(struct pu_json *json, VALUE key, const struct rb_pu_place *place)
{
    VALUE text = rb_obj_as_string(key);
    rb_pu_write_value(json, text, place);
}

static int write_name(VALUE name, VALUE value, VALUE arg)
{
    struct document *document = (struct document *)arg;
    VALUE shape = document->shape;
    if (NIL_P(shape) || rb_hash_lookup2(rb_pu_shape_columns(shape), name, Qtrue) == Qtrue) {
        struct rb_pu_place place = {NULL, document->subject};
        write_text(document->json, name, &place);
    }
    return ST_CONTINUE;
}

static void write_names(struct document *document, const struct rb_pu_place *place)
{
    VALUE extra = NIL_P(document->shape) ? Qnil : rb_pu_shape_extra(document->shape);
    pu_json_array_open(document->json);
    rb_hash_foreach(document->value, write_name, (VALUE)document);
    for (long i = 0; !NIL_P(extra) && i < RARRAY_LEN(extra); i++) {
        write_text(document->json, rb_ary_entry(extra, i), place);
    }
    pu_json_array_close(document->json);
}

static void write_any(struct document *document, const struct rb_pu_place *place)
{
    rb_pu_write_value(document->json, document->value, place);
}

bool rb_pu_encode_columns(struct pu_buf *buf, VALUE record, VALUE plan, VALUE shape, VALUE only)
{
    struct document document = {.buf = buf,
                                .value = record,
                                .plan = plan,
                                .shape = shape,
                                .only = only,
                                .subject = rb_obj_class(record),
                                .write = write_columns};
    return !NIL_P(rb_pu_shape_layout(shape)) && CLASS_OF(record) == rb_obj_class(record) && write_document(&document);
}

void rb_pu_encode_key(struct pu_buf *buf, VALUE record, VALUE plan)
{
    struct document document = {
        .buf = buf, .value = record, .plan = plan, .subject = rb_obj_class(record), .write = write_key};
    write_document(&document);
}

void rb_pu_encode_names(struct pu_buf *buf, VALUE names, VALUE shape)
{
    struct document document = {
        .buf = buf, .value = names, .shape = shape, .subject = rb_obj_class(names), .write = write_names};
    write_document(&document);
}

void rb_pu_encode_rendered(struct pu_buf *buf, VALUE rendered, VALUE klass)
{
    struct document document = {.buf = buf, .value = rendered, .subject = klass, .write = write_any};
    write_document(&document);
}

static VALUE plan_of(VALUE value)
{
    return RB_TYPE_P(value, T_OBJECT) ? rb_pu_plan(rb_obj_class(value)) : Qnil;
}

static void encode_record(struct pu_buf *buf, VALUE record, VALUE plan, VALUE shape)
{
    if (!rb_pu_encode_columns(buf, record, plan, shape, Qnil)) {
        rb_pu_encode_rendered(buf, rb_pu_shape_render(shape, record, Qnil), rb_obj_class(record));
    }
}

void rb_pu_encode(struct pu_buf *buf, VALUE value)
{
    VALUE plan = plan_of(value);
    if (NIL_P(plan)) {
        rb_pu_encode_rendered(buf, value, rb_obj_class(value));
    } else {
        encode_record(buf, value, plan, rb_pu_plan_shape(plan));
    }
}

/* options - as for as_json */
static void encode_with(struct pu_buf *buf, VALUE value, VALUE options)
{
    VALUE plan = plan_of(value);
    if (NIL_P(plan)) {
        rb_pu_encode_rendered(buf, rb_pu_shape_render_any(value, options), rb_obj_class(value));
    } else {
        encode_record(buf, value, plan, rb_pu_plan_shape_for(plan, options));
    }
}

/* ---- which columns are there ---- */

struct looking {
    VALUE set, attributes; /* of the record; attributes may be Qnil */
    bool complete;
};

static int find_missing(VALUE name, VALUE shown, VALUE arg)
{
    struct looking *looking = (struct looking *)arg;
    if (NIL_P(looking->attributes)) {
        looking->complete = RTEST(rb_funcall(looking->set, id_key_p, 1, name));
    } else {
        VALUE attribute = rb_hash_lookup2(looking->attributes, name, Qundef);
        looking->complete = attribute != Qundef && rb_pu_attribute_present(attribute);
    }
    return looking->complete ? ST_CONTINUE : ST_STOP;
}

bool rb_pu_has_columns(VALUE record, VALUE plan)
{
    struct looking looking = {.set = rb_pu_record_attributes(record), .complete = true};
    looking.attributes = rb_pu_attributes(looking.set);
    rb_hash_foreach(rb_pu_shape_columns(rb_pu_plan_shape(plan)), find_missing, (VALUE)&looking);
    return looking.complete;
}

/* Pushable.encode's body: the buffer is freed whatever happens. */
struct encoding {
    struct pu_buf buf;
    VALUE value, options; /* Hash, or Qnil */
};

static VALUE encode_body(VALUE arg)
{
    struct encoding *encoding = (struct encoding *)arg;
    if (NIL_P(encoding->options)) {
        rb_pu_encode(&encoding->buf, encoding->value);
    } else {
        encode_with(&encoding->buf, encoding->value, encoding->options);
    }
    return rb_utf8_str_new(encoding->buf.bytes, (long)encoding->buf.length);
}

static VALUE encode_cleanup(VALUE arg)
{
    pu_buf_cleanup(&((struct encoding *)arg)->buf);
    return Qnil;
}

/* Pushable.encode(value, **options); pairs alone are a Hash to encode. */
static VALUE pushable_encode(int argc, VALUE *argv, VALUE self)
{
    rb_check_arity(argc, 1, 2);
    struct encoding encoding = {.value = argv[0], .options = argc > 1 ? argv[1] : Qnil};
    if (!NIL_P(encoding.options)) {
        Check_Type(encoding.options, T_HASH);
    }
    pu_buf_init(&encoding.buf, (size_t)LONG_MAX);
    return rb_ensure(encode_body, (VALUE)&encoding, encode_cleanup, (VALUE)&encoding);
}

void rb_pu_init_serializer(void)
{
    id_original_value = rb_intern("original_value");
    id_key_p = rb_intern("key?");
    id_aref = rb_intern("[]");
    rb_define_singleton_method(rb_mPushable, "encode", pushable_encode, -1);
}
