#include "dirty.h"

#include "attribute.h"
#include "scalar.h"

static ID id_attributes, id_mutations_from_database, id_mutations_before_last_save, id_forced_changes,
    id_has_changes_to_save_p, id_changed_p, id_original_value, id_saved_changes;
static VALUE cAttributeMutationTracker;

/* Whether attribute_will_change! was called. */
static bool forced(VALUE tracker)
{
    VALUE changes = rb_attr_get(tracker, id_forced_changes);
    return !NIL_P(changes) && !(RB_TYPE_P(changes, T_HASH) && RHASH_SIZE(changes) == 0);
}

static int find_touched(VALUE name, VALUE attribute, VALUE found)
{
    if (rb_pu_attribute_untouched(attribute)) {
        return ST_CONTINUE;
    }
    *(bool *)found = true;
    return ST_STOP;
}

bool rb_pu_unsaved(VALUE record)
{
    VALUE attributes = rb_pu_attributes(rb_ivar_get(record, id_attributes));
    VALUE tracker = rb_attr_get(record, id_mutations_from_database);
    if (!NIL_P(attributes) && (NIL_P(tracker) || !forced(tracker))) {
        bool touched = false;
        rb_hash_foreach(attributes, find_touched, (VALUE)&touched);
        if (!touched) {
            return false;
        }
    }
    return RTEST(rb_funcall(record, id_has_changes_to_save_p, 0));
}

struct collecting {
    VALUE stamps, old;
};

/* Rails casts the old value to see whether the new one differs, and once more to tell it. Returns what to tell, or
 * Qundef when the attribute has not changed.
 */
static VALUE find_old(VALUE attribute, bool wanted)
{
    VALUE raw, value, type, old = Qundef;
    bool changed = false;
    if (rb_pu_attribute_assigned(attribute, &raw, &value, &type)) {
        struct rb_pu_type known = rb_pu_type_of(type);
        changed = rb_pu_scalar_differs(&known, raw, value);
        old = rb_pu_scalar_cast(&known, raw);
    }
    if (!changed && !RTEST(rb_funcall(attribute, id_changed_p, 0))) {
        return Qundef;
    }
    if (!wanted) {
        return RB_PU_UNKNOWN;
    }
    return old == Qundef ? rb_funcall(attribute, id_original_value, 0) : old;
}

static int collect_changed(VALUE name, VALUE attribute, VALUE arg)
{
    const struct collecting *collecting = (const struct collecting *)arg;
    if (!rb_pu_attribute_untouched(attribute)) {
        VALUE old = find_old(attribute, !RTEST(rb_ary_includes(collecting->stamps, name)));
        if (old != Qundef) {
            rb_hash_aset(collecting->old, name, old);
        }
    }
    return ST_CONTINUE;
}

static int keep_old(VALUE name, VALUE pair, VALUE old)
{
    rb_hash_aset(old, name, RB_TYPE_P(pair, T_ARRAY) ? rb_ary_entry(pair, 0) : Qnil);
    return ST_CONTINUE;
}

VALUE rb_pu_saved_changes(VALUE record, VALUE stamps)
{
    struct collecting collecting = {stamps, rb_hash_new()};
    VALUE tracker = rb_attr_get(record, id_mutations_before_last_save);
    VALUE attributes = Qnil;
    if (!NIL_P(tracker) && rb_obj_class(tracker) == cAttributeMutationTracker && !forced(tracker)) {
        attributes = rb_pu_attributes(rb_attr_get(tracker, id_attributes));
    }
    if (NIL_P(attributes)) {
        rb_hash_foreach(rb_funcall(record, id_saved_changes, 0), keep_old, collecting.old);
    } else {
        rb_hash_foreach(attributes, collect_changed, (VALUE)&collecting);
    }
    return collecting.old;
}

void rb_pu_init_dirty(void)
{
    id_attributes = rb_intern("@attributes");
    id_mutations_from_database = rb_intern("@mutations_from_database");
    id_mutations_before_last_save = rb_intern("@mutations_before_last_save");
    id_forced_changes = rb_intern("@forced_changes");
    id_has_changes_to_save_p = rb_intern("has_changes_to_save?");
    id_changed_p = rb_intern("changed?");
    id_original_value = rb_intern("original_value");
    id_saved_changes = rb_intern("saved_changes");
    rb_global_variable(&cAttributeMutationTracker);
    cAttributeMutationTracker = rb_path2class("ActiveModel::AttributeMutationTracker");
}
