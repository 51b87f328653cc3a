#include "view.h"

#include <stdlib.h>

#include "dirty.h"

static ID id_attributes, id_association_cache, id_aggregation_cache, id_destroyed, id_new_record,
    id_mutations_from_database, id_mutations_before_last_save, id_dup, id_write_cast_value, id_reflection, id_macro,
    id_foreign_key, id_changes_to_save;
static VALUE sym_belongs_to;

/* The instance variables that Active Record itself sets. */
static const char *const variables[] = {"@new_record",
                                        "@attributes",
                                        "@association_cache",
                                        "@primary_key",
                                        "@readonly",
                                        "@previously_new_record",
                                        "@destroyed",
                                        "@marked_for_destruction",
                                        "@destroyed_by_association",
                                        "@_start_transaction_state",
                                        "@strict_loading",
                                        "@strict_loading_mode",
                                        "@mutations_from_database",
                                        "@mutations_before_last_save",
                                        "@_trigger_update_callback",
                                        "@_trigger_destroy_callback",
                                        "@_new_record_before_last_commit",
                                        "@_committed_already_called",
                                        "@_defer_touch_attrs",
                                        "@_touch_time",
                                        "@_touch_attr_names",
                                        "@_skip_dirty_tracking",
                                        "@_touch_record",
                                        "@_last_transaction_return_status",
                                        "@new_record_before_save",
                                        "@_already_called",
                                        "@_nested_records_changed_for_autosave_already_called",
                                        "@autosaving_belongs_to_for",
                                        "@validating_belongs_to_for",
                                        "@aggregation_cache",
                                        "@_destroy_callback_already_called",
                                        "@_association_destroy_exception",
                                        "@errors",
                                        "@validation_context",
                                        "@context_for_validation"};

#define VARIABLES (sizeof variables / sizeof *variables)
static ID known_variables[VARIABLES]; /* sorted */

static int write_value(VALUE name, VALUE value, VALUE set)
{
    if (value != RB_PU_UNKNOWN) {
        rb_funcall(set, id_write_cast_value, 2, name, value);
    }
    return ST_CONTINUE;
}

struct sharing {
    VALUE values, cache;
};

/* Whether a belongs_to hangs on one of the columns that have another value. */
static bool leads_elsewhere(VALUE association, VALUE values)
{
    VALUE reflection = rb_funcall(association, id_reflection, 0);
    if (rb_funcall(reflection, id_macro, 0) != sym_belongs_to) {
        return false;
    }
    VALUE keys = rb_Array(rb_funcall(reflection, id_foreign_key, 0));
    for (long i = 0; i < RARRAY_LEN(keys); i++) {
        if (rb_hash_lookup2(values, rb_obj_as_string(rb_ary_entry(keys, i)), Qundef) != Qundef) {
            return true;
        }
    }
    return false;
}

static int share_association(VALUE name, VALUE association, VALUE arg)
{
    const struct sharing *sharing = (const struct sharing *)arg;
    if (!leads_elsewhere(association, sharing->values)) {
        rb_hash_aset(sharing->cache, name, association);
    }
    return ST_CONTINUE;
}

static int compare_ids(const void *one, const void *other)
{
    ID first = *(const ID *)one, second = *(const ID *)other;
    return (first > second) - (first < second);
}

static int collect_memo(ID name, VALUE value, st_data_t arg)
{
    VALUE *names = (VALUE *)arg;
    bool known = bsearch(&name, known_variables, VARIABLES, sizeof name, compare_ids) != NULL;
    if (!known && rb_is_instance_id(name)) {
        *names = NIL_P(*names) ? rb_ary_new() : *names;
        rb_ary_push(*names, ID2SYM(name));
    }
    return ST_CONTINUE;
}

static void forget_memos(VALUE view)
{
    VALUE names = Qnil;
    rb_ivar_foreach(view, collect_memo, (st_data_t)&names);
    for (long i = 0; !NIL_P(names) && i < RARRAY_LEN(names); i++) {
        rb_obj_remove_instance_variable(view, rb_ary_entry(names, i));
    }
}

VALUE rb_pu_view(VALUE record, VALUE values)
{
    VALUE view = rb_obj_clone(record);
    VALUE set = rb_funcall(rb_ivar_get(record, id_attributes), id_dup, 0);
    rb_hash_foreach(values, write_value, set);
    struct sharing sharing = {values, rb_hash_new()};
    VALUE cache = rb_attr_get(record, id_association_cache);
    if (RB_TYPE_P(cache, T_HASH)) {
        rb_hash_foreach(cache, share_association, (VALUE)&sharing);
    }
    forget_memos(view);
    rb_ivar_set(view, id_attributes, set);
    rb_ivar_set(view, id_association_cache, sharing.cache);
    if (!NIL_P(rb_attr_get(record, id_aggregation_cache))) { /* what composed_of made of the columns */
        rb_ivar_set(view, id_aggregation_cache, rb_hash_new());
    }
    rb_ivar_set(view, id_destroyed, Qfalse);
    rb_ivar_set(view, id_new_record, Qfalse);
    rb_ivar_set(view, id_mutations_from_database, Qnil);
    rb_ivar_set(view, id_mutations_before_last_save, Qnil);
    return view;
}

static int keep_saved(VALUE name, VALUE pair, VALUE values)
{
    rb_hash_aset(values, name, rb_ary_entry(pair, 0));
    return ST_CONTINUE;
}

VALUE rb_pu_view_saved(VALUE record)
{
    if (!rb_pu_unsaved(record)) {
        return record;
    }
    VALUE values = rb_hash_new();
    rb_hash_foreach(rb_funcall(record, id_changes_to_save, 0), keep_saved, values);
    return rb_pu_view(record, values);
}

void rb_pu_init_view(void)
{
    for (size_t i = 0; i < VARIABLES; i++) {
        known_variables[i] = rb_intern(variables[i]);
    }
    qsort(known_variables, VARIABLES, sizeof *known_variables, compare_ids);
    id_attributes = rb_intern("@attributes");
    id_association_cache = rb_intern("@association_cache");
    id_aggregation_cache = rb_intern("@aggregation_cache");
    id_destroyed = rb_intern("@destroyed");
    id_new_record = rb_intern("@new_record");
    id_mutations_from_database = rb_intern("@mutations_from_database");
    id_mutations_before_last_save = rb_intern("@mutations_before_last_save");
    id_dup = rb_intern("dup");
    id_write_cast_value = rb_intern("write_cast_value");
    id_reflection = rb_intern("reflection");
    id_macro = rb_intern("macro");
    id_foreign_key = rb_intern("foreign_key");
    id_changes_to_save = rb_intern("changes_to_save");
    sym_belongs_to = ID2SYM(rb_intern("belongs_to"));
}
