#include "origin.h"

static VALUE cOrigin, cCurrent;
static ID id_seen, id_origin;

VALUE rb_pu_origin(void)
{
    return RTEST(rb_ivar_get(cOrigin, id_seen)) ? rb_funcall(cCurrent, id_origin, 0) : Qnil;
}

void rb_pu_init_origin(void)
{
    id_seen = rb_intern("@seen");
    id_origin = rb_intern("origin");
    rb_global_variable(&cOrigin);
    cOrigin = rb_const_get(rb_mPushable, rb_intern("Origin"));
    rb_global_variable(&cCurrent);
    cCurrent = rb_const_get(rb_mPushable, rb_intern("Current"));
}
