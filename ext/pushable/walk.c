#include "walk.h"

#include "attribute.h"
#include "scalar.h"
#include "verify.h"

struct walk {
    struct pu_json *json;
    VALUE record, self; /* self - the layout's object */
    struct rb_pu_layout *layout;
    VALUE only;
    const struct rb_pu_place *place;
    struct rb_pu_settings settings;
    unsigned number;               /* of the settings in the layout, once they are known */
    const struct rb_pu_lazy *lazy; /* of a lazy set */
    long next;                     /* where the next column is expected */
    long met;                      /* columns of the row that the layout has */
    bool stranger;                 /* the row has one that it does not have */
};

/* ---- a value ---- */

static void ask_settings(struct walk *walk)
{
    if (!walk->settings.known) {
        rb_pu_settings_ask(&walk->settings);
        walk->number = rb_pu_layout_settings(walk->self, &walk->settings);
    }
}

/* A short cut once refused is tried again with other settings. */
static bool is_refused(const struct walk *walk, struct rb_pu_column *column, unsigned number)
{
    if (column->refused && walk->settings.known && number != column->refused_with) {
        column->refused = false;
        RB_OBJ_WRITE(walk->self, &column->why, Qnil);
    }
    return column->refused;
}

/* After a value was asked for: whether it is where Active Model is known to keep a cast one. */
static bool keeps_cast(struct walk *walk, const struct rb_pu_column *column, VALUE attribute)
{
    VALUE attributes;
    struct rb_pu_lazy lazy;
    if (attribute != Qundef) {
        return rb_pu_attribute_read(attribute).state == RB_PU_CAST;
    }
    return rb_pu_attribute_set(rb_pu_record_attributes(walk->record), &attributes, &lazy) == RB_PU_LAZY_SET &&
           rb_pu_lazy_read(&lazy, column->name, Qnil).state == RB_PU_CAST;
}

static bool write_first(struct walk *walk, const struct rb_pu_cell *cell, VALUE attribute, VALUE value, bool cast)
{
    struct rb_pu_column *column = cell->column;
    bool written = rb_pu_write_verified(walk->json, cell, value, cast);
    bool held = (column->seen[cell->number] & rb_pu_scalar_bit(value, cast)) != 0;
    if (held && !cast && !keeps_cast(walk, column, attribute)) {
        rb_pu_layout_refuse_all(walk->self, rb_obj_class(walk->record),
                                rb_utf8_str_new_cstr("its attributes do not keep their values as Rails 6.1 to 8.1"));
    }
    return written;
}

/* Returns false when the value has no short cut, or none that holds. */
static bool write_shortly(struct walk *walk, struct rb_pu_column *column, VALUE attribute, VALUE value, bool cast,
                          const struct rb_pu_place *place)
{
    unsigned short bit = rb_pu_scalar_bit(value, cast);
    unsigned number = 0;
    if (bit == 0) {
        return false;
    }
    if (rb_pu_scalar_timely(&column->type, value)) {
        ask_settings(walk);
        number = walk->number;
    }
    if ((column->seen[number] & bit) && NIL_P(walk->layout->why)) {
        return rb_pu_write_scalar(walk->json, &column->type, value, cast, &walk->settings, place);
    }
    struct rb_pu_cell cell = {walk->record, walk->self, column, &walk->settings, number, place};
    if (is_refused(walk, column, number) || !NIL_P(walk->layout->why)) {
        rb_pu_write_asked(walk->json, &cell);
        return true;
    }
    return write_first(walk, &cell, attribute, value, cast);
}

static void learn(struct walk *walk, struct rb_pu_column *column, VALUE type)
{
    if (type == Qundef) {
        if (walk->layout->types == walk->lazy->types) {
            return;
        }
        type = rb_hash_lookup(walk->lazy->types, column->name);
    }
    if (column->type_object != type) {
        rb_pu_layout_learn(walk->self, column, type);
    }
}

/* Its value as Active Model has it; an attribute that does not stand in the set yet is made. */
static VALUE ask(struct walk *walk, const struct rb_pu_column *column, VALUE attribute)
{
    return rb_pu_attribute_value(attribute == Qundef ? rb_pu_lazy_attribute(walk->lazy, column->name) : attribute);
}

static void write_value(struct walk *walk, struct rb_pu_column *column, VALUE attribute, struct rb_pu_reading reading,
                        const struct rb_pu_place *place)
{
    bool cast = reading.state == RB_PU_CAST;
    if (column->overridden) {
        rb_pu_write_value(walk->json, rb_funcall(walk->record, column->reader, 0), place);
        return;
    }
    if (reading.state == RB_PU_RAW) {
        learn(walk, column, reading.type);
    }
    if (reading.state == RB_PU_RAW && NIL_P(reading.value) && column->type.kind != RB_PU_OTHER) {
        pu_json_null(walk->json);
        return;
    }
    if (reading.state == RB_PU_ASK || (!cast && column->type.kind == RB_PU_OTHER)) {
        reading.value = ask(walk, column, attribute);
        cast = true;
    }
    if (write_shortly(walk, column, attribute, reading.value, cast, place)) {
        return;
    }
    rb_pu_write_value(walk->json, cast ? reading.value : ask(walk, column, attribute), place);
}

/* attribute - or Qundef for a value of a lazy set's row */
static void write_pair(struct walk *walk, struct rb_pu_column *column, VALUE attribute, struct rb_pu_reading reading)
{
    if (reading.state == RB_PU_ABSENT || !column->shown ||
        (!NIL_P(walk->only) && rb_hash_lookup2(walk->only, column->name, Qundef) == Qundef)) {
        return;
    }
    struct rb_pu_place place = {walk->place, column->name};
    pu_json_key(walk->json, RSTRING_PTR(column->name), (size_t)RSTRING_LEN(column->name));
    write_value(walk, column, attribute, reading, &place);
    rb_pu_check(walk->json, &place);
}

/* ---- a set ---- */

/* The column of the next name; NULL for one that the class does not have: the query added it, and the application may
 * have a method of that name.
 */
static struct rb_pu_column *step(struct walk *walk, VALUE name)
{
    struct rb_pu_column *column = rb_pu_layout_column(walk->layout, name, walk->next);
    if (column) {
        walk->next = column - walk->layout->columns + 1;
        walk->met++;
    } else {
        walk->stranger = true;
    }
    return column;
}

static int write_attribute(VALUE name, VALUE attribute, VALUE arg)
{
    struct walk *walk = (struct walk *)arg;
    struct rb_pu_column *column = step(walk, name);
    if (column) {
        write_pair(walk, column, attribute, rb_pu_attribute_read(attribute));
    }
    return column ? ST_CONTINUE : ST_STOP;
}

static int write_raw(VALUE name, VALUE value, VALUE arg)
{
    struct walk *walk = (struct walk *)arg;
    struct rb_pu_column *column = step(walk, name);
    if (column) {
        if (!NIL_P(walk->lazy->row)) {
            value = rb_ary_entry(walk->lazy->row, NUM2LONG(value));
        }
        write_pair(walk, column, Qundef, rb_pu_lazy_read(walk->lazy, name, value));
    }
    return column ? ST_CONTINUE : ST_STOP;
}

/* Columns that the row does not have: not loaded, or an attribute of the class's own. */
static void write_rest(struct walk *walk)
{
    for (long i = 0; i < walk->layout->count && walk->met < walk->layout->count; i++) {
        struct rb_pu_column *column = &walk->layout->columns[i];
        if (rb_hash_lookup2(walk->lazy->names, column->name, Qundef) == Qundef) {
            VALUE attribute = rb_pu_lazy_attribute(walk->lazy, column->name);
            write_pair(walk, column, attribute, rb_pu_attribute_read(attribute));
        }
    }
}

static void write_lazy(struct walk *walk)
{
    rb_hash_foreach(walk->lazy->names, write_raw, (VALUE)walk);
    if (!walk->stranger) {
        write_rest(walk);
    }
}

/* Remembered once a whole record went by them. */
static void keep_types(struct walk *walk)
{
    bool all = walk->lazy && RHASH_SIZE(walk->lazy->additional) == 0 && walk->met == walk->layout->count;
    if (all && walk->layout->types != walk->lazy->types) {
        for (long i = 0; i < walk->layout->count; i++) {
            struct rb_pu_column *column = &walk->layout->columns[i];
            all = all && column->type_object == rb_hash_lookup(walk->lazy->types, column->name);
        }
        if (all) {
            rb_pu_layout_types(walk->self, walk->lazy->types);
        }
    }
}

bool rb_pu_write_columns(struct pu_json *json, VALUE record, VALUE layout, VALUE only, const struct rb_pu_place *place)
{
    struct walk walk = {
        .json = json, .record = record, .self = layout, .layout = rb_pu_layout(layout), .only = only, .place = place};
    VALUE set = rb_pu_record_attributes(record);
    VALUE attributes = Qnil;
    struct rb_pu_lazy lazy;
    enum rb_pu_shape_of_set shape = rb_pu_attribute_set(set, &attributes, &lazy);
    if (shape == RB_PU_UNKNOWN_SET && NIL_P(walk.layout->why)) {
        rb_pu_layout_refuse_all(layout, rb_obj_class(record),
                                rb_utf8_str_new_cstr("its attribute set is not one known"));
    }
    if (!NIL_P(walk.layout->why) || shape == RB_PU_ODD_SET) {
        return false;
    }
    pu_json_map_open(json);
    if (shape == RB_PU_PLAIN_SET) {
        rb_hash_foreach(attributes, write_attribute, (VALUE)&walk);
    } else {
        walk.lazy = &lazy;
        write_lazy(&walk);
    }
    if (!walk.stranger) {
        pu_json_map_close(json);
        keep_types(&walk);
    }
    RB_GC_GUARD(set);
    RB_GC_GUARD(layout);
    return !walk.stranger;
}
