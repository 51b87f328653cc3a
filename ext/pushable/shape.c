#include "shape.h"

static ID id_by_columns, id_news, id_changes_only, id_columns, id_layout, id_extra, id_render, id_render_any;
static VALUE all_news, cShape;

bool rb_pu_shape_by_columns(VALUE shape)
{
    return RTEST(rb_ivar_get(shape, id_by_columns));
}

bool rb_pu_shape_all_news(VALUE shape)
{
    return rb_ivar_get(shape, id_news) == all_news;
}

bool rb_pu_shape_changes_only(VALUE shape)
{
    return RTEST(rb_ivar_get(shape, id_changes_only));
}

VALUE rb_pu_shape_columns(VALUE shape)
{
    return rb_ivar_get(shape, id_columns);
}

VALUE rb_pu_shape_layout(VALUE shape)
{
    return rb_ivar_get(shape, id_layout);
}

VALUE rb_pu_shape_extra(VALUE shape)
{
    return rb_ivar_get(shape, id_extra);
}

VALUE rb_pu_shape_render(VALUE shape, VALUE record, VALUE names)
{
    return rb_funcall(shape, id_render, 2, record, names);
}

VALUE rb_pu_shape_render_any(VALUE value, VALUE options)
{
    return rb_funcall(cShape, id_render_any, 2, value, options);
}

void rb_pu_init_shape(void)
{
    id_by_columns = rb_intern("@by_columns");
    id_news = rb_intern("@news");
    id_changes_only = rb_intern("@changes_only");
    id_columns = rb_intern("@columns");
    id_layout = rb_intern("@layout");
    id_extra = rb_intern("@extra");
    id_render = rb_intern("render");
    id_render_any = rb_intern("render_any");
    rb_global_variable(&cShape);
    cShape = rb_const_get(rb_mPushable, rb_intern("Shape"));
    all_news = rb_const_get(cShape, rb_intern("ALL")); /* an Integer */
}
