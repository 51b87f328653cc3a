#include "errors.h"

VALUE rb_pu_eError, rb_pu_eEncodingError, rb_pu_eNestingError, rb_pu_eMessageTooLarge, rb_pu_eClosedError,
    rb_pu_eDeliveryError;
static VALUE mReporter;
static ID id_report;

static VALUE class_for(enum pu_result result)
{
    switch (result) {
    case PU_EUTF8:
    case PU_ENUMBER:
    case PU_ESTATE:
        return rb_pu_eEncodingError;
    case PU_EDEPTH:
        return rb_pu_eNestingError;
    case PU_ETOOBIG:
        return rb_pu_eMessageTooLarge;
    case PU_ECLOSED:
        return rb_pu_eClosedError;
    case PU_ECHANNEL:
    case PU_EURL:
        return rb_eArgError;
    case PU_ENOMEM:
        return rb_eNoMemError;
    case PU_ETRANSPORT:
    case PU_EUNREACHABLE:
    case PU_ETIMEOUT:
    case PU_EINTERRUPTED:
    case PU_ETLS:
    case PU_ESTATUS:
    case PU_EREPLY:
    case PU_EREJECTED:
        return rb_pu_eDeliveryError;
    default:
        return rb_pu_eError;
    }
}

VALUE rb_pu_error(enum pu_result result, VALUE detail)
{
    VALUE text = rb_utf8_str_new_cstr(pu_result_text(result));
    if (!NIL_P(detail)) {
        text = rb_str_append(rb_str_cat_cstr(rb_str_dup(detail), ": "), text); /* rb_sprintf would refuse a NUL */
    }
    return rb_exc_new_str(class_for(result), text);
}

void rb_pu_raise(enum pu_result result, VALUE detail)
{
    rb_exc_raise(rb_pu_error(result, detail));
}

struct report {
    VALUE error, record, rule;
};

static VALUE report_call(VALUE arg)
{
    struct report *report = (struct report *)arg;
    return rb_funcall(mReporter, id_report, 3, report->error, report->record, report->rule);
}

static VALUE report_failed(VALUE arg, VALUE error)
{
    /* The reporter itself failed (a logger that raises): standard error is all that is left, and that may fail too. */
    rb_warning("pushable: the report of an error failed: %" PRIsVALUE, rb_obj_class(error));
    return Qnil;
}

void rb_pu_report(VALUE error, VALUE record, VALUE rule)
{
    struct report report = {error, record, rule};
    rb_rescue2(report_call, (VALUE)&report, report_failed, Qnil, rb_eStandardError, (VALUE)0);
}

static VALUE fetch_class(const char *name)
{
    return rb_const_get(rb_mPushable, rb_intern(name));
}

void rb_pu_init_errors(void)
{
    rb_global_variable(&rb_pu_eError);
    rb_pu_eError = fetch_class("Error");
    rb_global_variable(&rb_pu_eEncodingError);
    rb_pu_eEncodingError = fetch_class("EncodingError");
    rb_global_variable(&rb_pu_eNestingError);
    rb_pu_eNestingError = fetch_class("NestingError");
    rb_global_variable(&rb_pu_eMessageTooLarge);
    rb_pu_eMessageTooLarge = fetch_class("MessageTooLarge");
    rb_global_variable(&rb_pu_eClosedError);
    rb_pu_eClosedError = fetch_class("ClosedError");
    rb_global_variable(&rb_pu_eDeliveryError);
    rb_pu_eDeliveryError = fetch_class("DeliveryError");
    rb_global_variable(&mReporter);
    mReporter = fetch_class("Reporter");
    id_report = rb_intern("report");
}
