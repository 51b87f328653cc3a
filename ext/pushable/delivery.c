#include "delivery.h"

#include "courier_class.h"
#include "pu_bayeux.h"
#include "pu_buf.h"

static VALUE mDelivery, mJSON;
static ID id_mode, id_keep, id_parse, id_config, id_max_message_bytes;
static VALUE sym_inline, sym_test;

/* The message as the wire would have it, for a test to look at. */
struct kept {
    struct pu_buf buf;
    const struct pu_message *message;
    enum pu_result result;
};

static VALUE keep_body(VALUE arg)
{
    struct kept *kept = (struct kept *)arg;
    static unsigned long count; /* under the GVL */
    char id[32];
    snprintf(id, sizeof id, "test-%lu", ++count);
    kept->result = pu_bayeux_write(&kept->buf, kept->message, id);
    if (kept->result == PU_OK) {
        VALUE text = rb_utf8_str_new(kept->buf.bytes, (long)kept->buf.length);
        rb_funcall(mDelivery, id_keep, 1, rb_funcall(mJSON, id_parse, 1, text));
    }
    return Qnil;
}

static VALUE keep_cleanup(VALUE arg)
{
    pu_buf_cleanup(&((struct kept *)arg)->buf);
    return Qnil;
}

static enum pu_result keep(const struct pu_message *message)
{
    struct kept kept = {.message = message};
    pu_buf_init(&kept.buf, NUM2SIZET(rb_funcall(rb_funcall(rb_mPushable, id_config, 0), id_max_message_bytes, 0)));
    rb_ensure(keep_body, (VALUE)&kept, keep_cleanup, (VALUE)&kept);
    return kept.result;
}

enum pu_result rb_pu_deliver(const struct pu_message *message, VALUE *detail)
{
    VALUE mode = rb_ivar_get(mDelivery, id_mode);
    *detail = Qnil;
    if (mode == sym_test) {
        return keep(message);
    }
    if (mode == sym_inline) {
        struct pu_outcome outcome = {.text = ""};
        enum pu_result result = rb_pu_courier_post(message, &outcome);
        if (result != PU_OK && outcome.text[0] != '\0') {
            *detail = rb_utf8_str_new_cstr(outcome.text);
        }
        return result;
    }
    return pu_courier_push(rb_pu_courier_current(), message);
}

void rb_pu_report_undelivered(enum pu_result result, VALUE name, VALUE detail, VALUE record)
{
    if (result == PU_OK) {
        return;
    }
    VALUE channel = rb_sprintf("channel %+" PRIsVALUE, name);
    VALUE culprit = NIL_P(detail) ? channel : rb_sprintf("%" PRIsVALUE ": %" PRIsVALUE, channel, detail);
    rb_pu_report(rb_pu_error(result, culprit), record, channel);
}

void rb_pu_init_delivery(void)
{
    id_mode = rb_intern("@mode");
    id_keep = rb_intern("keep");
    id_parse = rb_intern("parse");
    id_config = rb_intern("config");
    id_max_message_bytes = rb_intern("max_message_bytes");
    sym_inline = ID2SYM(rb_intern("inline"));
    sym_test = ID2SYM(rb_intern("test"));
    rb_global_variable(&mJSON);
    mJSON = rb_const_get(rb_cObject, rb_intern("JSON"));
    rb_global_variable(&mDelivery);
    mDelivery = rb_const_get(rb_mPushable, rb_intern("Delivery"));
}
