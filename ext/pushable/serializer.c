#include "serializer.h"

#include "attribute.h"
#include "value.h"

static ID id_attributes, id_keys, id_original_value, id_aref, id_as_json;

/* One document: `write` runs under rb_ensure, so that the writer is freed whatever the application does. */
struct document {
    struct pu_json *json;
    struct pu_buf *buf;
    size_t start; /* the buffer's length before */
    bool done;
    bool refused; /* by write: nothing is left of it */
    VALUE value, plan;
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
static bool write_document(struct pu_buf *buf, VALUE value, VALUE plan, VALUE subject,
                           void (*write)(struct document *, const struct rb_pu_place *))
{
    struct document document = {
        .buf = buf, .start = buf->length, .value = value, .plan = plan, .subject = subject, .write = write};
    enum pu_result result = take_writer(&document.json);
    if (result != PU_OK) {
        rb_pu_raise(result, Qnil);
    }
    rb_ensure(document_body, (VALUE)&document, document_cleanup, (VALUE)&document);
    return document.done;
}

VALUE rb_pu_read_column(VALUE record, VALUE name)
{
    VALUE attribute = rb_funcall(rb_ivar_get(record, id_attributes), id_aref, 1, name);
    return rb_funcall(attribute, id_original_value, 0);
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

/* A walk over the columns. */
struct columns {
    struct document *document;
    const struct rb_pu_place *place;
    VALUE shown; /* the plan's columns */
    VALUE zone;  /* for rb_pu_attribute_value */
};

/* Stops at the first column that the class does not have: the query added it, and the application may have a method of
 * that name.
 */
static int write_column(VALUE name, VALUE attribute, VALUE arg)
{
    struct columns *columns = (struct columns *)arg;
    struct pu_json *json = columns->document->json;
    VALUE shown = rb_hash_lookup2(columns->shown, name, Qundef);
    if (shown == Qundef) {
        columns->document->refused = true;
        return ST_STOP;
    }
    if (shown == Qtrue && rb_pu_attribute_present(attribute)) {
        struct rb_pu_place place = {columns->place, name};
        rb_pu_write_key(json, name, &place);
        rb_pu_write_value(json, rb_pu_attribute_value(attribute, &columns->zone), &place);
    }
    return ST_CONTINUE;
}

/* The attributes of a set that makes them when they are asked for. */
static VALUE make_attributes(VALUE set)
{
    VALUE names = rb_funcall(set, id_keys, 0);
    VALUE attributes = rb_hash_new();
    for (long i = 0; i < RARRAY_LEN(names); i++) {
        VALUE name = rb_ary_entry(names, i);
        rb_hash_aset(attributes, name, rb_funcall(set, id_aref, 1, name));
    }
    return attributes;
}

static void write_columns(struct document *document, const struct rb_pu_place *place)
{
    struct columns columns = {document, place, rb_pu_plan_columns(document->plan), Qundef};
    VALUE set = rb_ivar_get(document->value, id_attributes);
    VALUE attributes = rb_pu_attributes(set);
    open_root(document, place);
    pu_json_map_open(document->json);
    rb_hash_foreach(NIL_P(attributes) ? make_attributes(set) : attributes, write_column, (VALUE)&columns);
    if (!document->refused) {
        pu_json_map_close(document->json);
        close_root(document);
    }
    RB_GC_GUARD(set);
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
        rb_pu_write_value(document->json, rb_pu_read_column(document->value, name), &inner);
    }
    pu_json_map_close(document->json);
    close_root(document);
}

static int write_name(VALUE name, VALUE value, VALUE arg)
{
    struct document *document = (struct document *)arg;
    if (!rb_pu_plan_hides(document->plan, name)) {
        pu_json_string(document->json, RSTRING_PTR(name), (size_t)RSTRING_LEN(name));
    }
    return ST_CONTINUE;
}

static void write_names(struct document *document, const struct rb_pu_place *place)
{
    pu_json_array_open(document->json);
    rb_hash_foreach(document->value, write_name, (VALUE)document);
    pu_json_array_close(document->json);
}

static void write_any(struct document *document, const struct rb_pu_place *place)
{
    rb_pu_write_value(document->json, document->value, place);
}

static int delete_hidden(VALUE name, VALUE shown, VALUE object)
{
    if (shown == Qfalse) {
        rb_hash_delete(object, name);
        rb_hash_delete(object, rb_str_intern(name)); /* a class's own as_json may have Symbols; columns are few */
    }
    return ST_CONTINUE;
}

/* What as_json says of a record whose columns alone do not tell, less what stays out. The application's Hash is left as
 * it is: it may be kept or frozen.
 */
static VALUE reduce_record(VALUE record, VALUE plan)
{
    VALUE json = rb_funcall(record, id_as_json, 0);
    VALUE root = rb_pu_plan_root(plan);
    VALUE object = !NIL_P(root) && RB_TYPE_P(json, T_HASH) ? rb_hash_lookup(json, root) : json;
    if (!RB_TYPE_P(object, T_HASH)) {
        return json;
    }
    VALUE reduced = rb_obj_dup(object);
    rb_hash_foreach(rb_pu_plan_columns(plan), delete_hidden, reduced);
    if (object == json) {
        return reduced;
    }
    json = rb_obj_dup(json);
    rb_hash_aset(json, root, reduced);
    return json;
}

bool rb_pu_encode_columns(struct pu_buf *buf, VALUE record, VALUE plan)
{
    if (!rb_pu_plan_plain(plan) || CLASS_OF(record) != rb_obj_class(record)) {
        return false;
    }
    return write_document(buf, record, plan, rb_obj_class(record), write_columns);
}

void rb_pu_encode_key(struct pu_buf *buf, VALUE record, VALUE plan)
{
    write_document(buf, record, plan, rb_obj_class(record), write_key);
}

void rb_pu_encode_names(struct pu_buf *buf, VALUE changes, VALUE plan)
{
    write_document(buf, changes, plan, rb_obj_class(changes), write_names);
}

void rb_pu_encode(struct pu_buf *buf, VALUE value)
{
    VALUE plan = RB_TYPE_P(value, T_OBJECT) ? rb_pu_plan(rb_obj_class(value)) : Qnil;
    if (NIL_P(plan)) {
        write_document(buf, value, Qnil, rb_obj_class(value), write_any);
    } else if (!rb_pu_encode_columns(buf, value, plan)) {
        write_document(buf, reduce_record(value, plan), plan, rb_obj_class(value), write_any);
    }
}

/* Pushable.encode's body: the buffer is freed whatever happens. */
struct encoding {
    struct pu_buf buf;
    VALUE value;
};

static VALUE encode_body(VALUE arg)
{
    struct encoding *encoding = (struct encoding *)arg;
    rb_pu_encode(&encoding->buf, encoding->value);
    return rb_utf8_str_new(encoding->buf.bytes, (long)encoding->buf.length);
}

static VALUE encode_cleanup(VALUE arg)
{
    pu_buf_cleanup(&((struct encoding *)arg)->buf);
    return Qnil;
}

static VALUE pushable_encode(VALUE self, VALUE value)
{
    struct encoding encoding = {.value = value};
    pu_buf_init(&encoding.buf, (size_t)LONG_MAX);
    return rb_ensure(encode_body, (VALUE)&encoding, encode_cleanup, (VALUE)&encoding);
}

void rb_pu_init_serializer(void)
{
    id_attributes = rb_intern("@attributes");
    id_keys = rb_intern("keys");
    id_original_value = rb_intern("original_value");
    id_as_json = rb_intern("as_json");
    id_aref = rb_intern("[]");
    rb_define_singleton_method(rb_mPushable, "encode", pushable_encode, 1);
}
