#include "layout.h"

#include <string.h>

static VALUE cLayout;
static ID id_tell;

/* ---- the object ---- */

static void layout_mark(void *data)
{
    struct rb_pu_layout *layout = data;
    rb_gc_mark_movable(layout->types);
    rb_gc_mark_movable(layout->why);
    for (unsigned i = 0; i < layout->settings.count; i++) {
        rb_gc_mark_movable(layout->settings.list[i].zone);
    }
    for (long i = 0; i < layout->count; i++) {
        rb_gc_mark_movable(layout->columns[i].name);
        rb_gc_mark_movable(layout->columns[i].type_object);
        rb_gc_mark_movable(layout->columns[i].why);
    }
}

static void layout_compact(void *data)
{
    struct rb_pu_layout *layout = data;
    layout->types = rb_gc_location(layout->types);
    layout->why = rb_gc_location(layout->why);
    for (unsigned i = 0; i < layout->settings.count; i++) {
        layout->settings.list[i].zone = rb_gc_location(layout->settings.list[i].zone);
    }
    for (long i = 0; i < layout->count; i++) {
        layout->columns[i].name = rb_gc_location(layout->columns[i].name);
        layout->columns[i].type_object = rb_gc_location(layout->columns[i].type_object);
        layout->columns[i].why = rb_gc_location(layout->columns[i].why);
    }
}

static size_t size_for(long count)
{
    return sizeof(struct rb_pu_layout) + (size_t)count * sizeof(struct rb_pu_column);
}

static size_t layout_size(const void *data)
{
    return size_for(((const struct rb_pu_layout *)data)->count);
}

static const rb_data_type_t layout_type = {
    .wrap_struct_name = "Pushable::Layout",
    .function = {.dmark = layout_mark, .dfree = RUBY_DEFAULT_FREE, .dsize = layout_size, .dcompact = layout_compact},
    .flags = RUBY_TYPED_FREE_IMMEDIATELY | RUBY_TYPED_WB_PROTECTED};

struct rb_pu_layout *rb_pu_layout(VALUE layout)
{
    return rb_check_typeddata(layout, &layout_type);
}

/* Pushable::Layout.new(names, shown, overridden): Arrays of column names, frozen; the latter two hold some of the
 * first. */
static VALUE layout_new(VALUE klass, VALUE names, VALUE shown, VALUE overridden)
{
    Check_Type(names, T_ARRAY);
    Check_Type(shown, T_ARRAY);
    Check_Type(overridden, T_ARRAY);
    long count = RARRAY_LEN(names);
    struct rb_pu_layout *layout = ruby_xcalloc(1, size_for(count));
    layout->types = layout->why = Qnil; /* Qnil is not 0 everywhere */
    VALUE self = TypedData_Wrap_Struct(klass, &layout_type, layout);
    for (; layout->count < count; layout->count++) {
        struct rb_pu_column *column = &layout->columns[layout->count];
        column->name = column->type_object = column->why = Qnil;
    }
    for (long i = 0; i < count; i++) {
        struct rb_pu_column *column = &layout->columns[i];
        VALUE name = rb_str_to_interned_str(rb_str_export_to_enc(rb_ary_entry(names, i), rb_utf8_encoding()));
        if (rb_enc_str_coderange(name) == ENC_CODERANGE_BROKEN) {
            rb_pu_raise(PU_EUTF8, rb_str_inspect(name));
        }
        RB_OBJ_WRITE(self, &column->name, name);
        column->reader = rb_intern_str(name);
        column->shown = RTEST(rb_ary_includes(shown, name));
        column->overridden = RTEST(rb_ary_includes(overridden, name));
        if (column->overridden) {
            RB_OBJ_WRITE(self, &column->why, rb_utf8_str_new_cstr("its reader is the application's"));
        }
    }
    return self;
}

/* ---- looking up ---- */

struct rb_pu_column *rb_pu_layout_column(struct rb_pu_layout *layout, VALUE name, long guess)
{
    if (guess < layout->count && layout->columns[guess].name == name) {
        return &layout->columns[guess];
    }
    for (long i = 0; i < layout->count; i++) {
        if (layout->columns[i].name == name || RTEST(rb_str_equal(layout->columns[i].name, name))) {
            return &layout->columns[i];
        }
    }
    return NULL;
}

/* ---- learning ---- */

void rb_pu_layout_learn(VALUE self, struct rb_pu_column *column, VALUE type)
{
    column->type = rb_pu_type(type);
    RB_OBJ_WRITE(self, &column->type_object, type);
    RB_OBJ_WRITE(self, &rb_pu_layout(self)->types, Qnil);
    memset(column->seen, 0, sizeof column->seen);
    if (!column->overridden && !column->refused) {
        VALUE why = Qnil;
        if (column->type.kind == RB_PU_OTHER) {
            why = rb_sprintf("its type is %" PRIsVALUE, rb_obj_class(type));
        }
        RB_OBJ_WRITE(self, &column->why, why);
    }
}

void rb_pu_layout_types(VALUE self, VALUE types)
{
    RB_OBJ_WRITE(self, &rb_pu_layout(self)->types, types);
}

unsigned rb_pu_layout_settings(VALUE self, const struct rb_pu_settings *settings)
{
    struct rb_pu_layout *layout = rb_pu_layout(self);
    unsigned number = rb_pu_settings_find(&layout->settings, settings);
    if (number == RB_PU_SETTINGS_KEPT) {
        number = rb_pu_settings_add(&layout->settings, settings);
        RB_OBJ_WRITTEN(self, Qundef, settings->zone);
        for (long i = 0; i < layout->count; i++) {
            layout->columns[i].seen[number] = 0;
        }
    }
    return number;
}

static void tell(VALUE klass, VALUE name, VALUE why)
{
    rb_funcall(cLayout, id_tell, 3, klass, name, why);
}

void rb_pu_layout_refuse(VALUE self, struct rb_pu_column *column, VALUE klass, unsigned number, VALUE why)
{
    RB_OBJ_WRITE(self, &column->why, why);
    column->refused = true;
    column->refused_with = number;
    tell(klass, column->name, why);
}

void rb_pu_layout_refuse_all(VALUE self, VALUE klass, VALUE why)
{
    RB_OBJ_WRITE(self, &rb_pu_layout(self)->why, why);
    tell(klass, Qnil, why);
}

/* layout.report: Hash name of a shown column => why it goes by as_json, or nil where it does not. */
static VALUE layout_report(VALUE self)
{
    struct rb_pu_layout *layout = rb_pu_layout(self);
    VALUE report = rb_hash_new();
    for (long i = 0; i < layout->count; i++) {
        const struct rb_pu_column *column = &layout->columns[i];
        if (column->shown) {
            rb_hash_aset(report, column->name, NIL_P(layout->why) ? column->why : layout->why);
        }
    }
    return report;
}

void rb_pu_init_layout(void)
{
    id_tell = rb_intern("tell");
    rb_global_variable(&cLayout);
    cLayout = rb_const_get(rb_mPushable, rb_intern("Layout"));
    rb_undef_alloc_func(cLayout);
    rb_define_singleton_method(cLayout, "new", layout_new, 3);
    rb_define_method(cLayout, "report", layout_report, 0);
}
