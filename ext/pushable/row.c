#include "row.h"

#include "serializer.h"
#include "view.h"

static ID id_unscoped, id_where, id_take;

void rb_pu_row_reload(struct rb_pu_row *row)
{
    VALUE keys = rb_pu_plan_keys(row->plan);
    if (!NIL_P(row->fresh) || row->gone || !rb_pu_plan_record(row->plan) || RARRAY_LEN(keys) == 0) {
        return;
    }
    VALUE conditions = rb_hash_new();
    for (long i = 0; i < RARRAY_LEN(keys); i++) {
        VALUE name = rb_ary_entry(keys, i);
        rb_hash_aset(conditions, name, rb_pu_read_column(row->record, name));
    }
    VALUE scope = rb_funcall(rb_obj_class(row->record), id_unscoped, 0);
    row->fresh = rb_funcall(rb_funcall(scope, id_where, 1, conditions), id_take, 0);
    row->gone = NIL_P(row->fresh);
}

VALUE rb_pu_row_committed(struct rb_pu_row *row)
{
    if (!NIL_P(row->fresh)) {
        return row->fresh;
    }
    if (NIL_P(row->saved)) {
        row->saved = rb_pu_plan_record(row->plan) ? rb_pu_view_saved(row->record) : row->record;
    }
    return row->saved;
}

void rb_pu_init_row(void)
{
    id_unscoped = rb_intern("unscoped");
    id_where = rb_intern("where");
    id_take = rb_intern("take");
}
