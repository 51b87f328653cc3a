#include "changes.h"

#include "dirty.h"
#include "serializer.h"

static ID id_base_class;

VALUE rb_pu_identity(VALUE record)
{
    VALUE klass = rb_obj_class(record);
    VALUE keys = rb_pu_plan_keys(rb_pu_plan(klass));
    if (RARRAY_LEN(keys) == 0) {
        return rb_obj_id(record);
    }
    VALUE identity = rb_ary_new_from_args(1, rb_funcall(klass, id_base_class, 0));
    for (long i = 0; i < RARRAY_LEN(keys); i++) {
        rb_ary_push(identity, rb_pu_read_column(record, rb_ary_entry(keys, i)));
    }
    return identity;
}

VALUE rb_pu_changes_group(VALUE notes)
{
    size_t count = rb_pu_notes_count(notes);
    VALUE groups = rb_ary_new();
    VALUE by_identity = count > 1 ? rb_hash_new() : Qnil;
    for (size_t i = 0; i < count; i++) {
        VALUE key = count > 1 ? rb_pu_identity(rb_pu_notes_at(notes, i)->record) : Qnil;
        VALUE group = count > 1 ? rb_hash_lookup(by_identity, key) : Qnil;
        if (NIL_P(group)) {
            group = rb_ary_new();
            rb_ary_push(groups, group);
            if (count > 1) {
                rb_hash_aset(by_identity, key, group);
            }
        }
        rb_ary_push(group, SIZET2NUM(i));
    }
    return groups;
}

static int keep_first(VALUE name, VALUE value, VALUE before)
{
    VALUE known = rb_hash_lookup2(before, name, RB_PU_UNKNOWN);
    if (known == RB_PU_UNKNOWN) {
        rb_hash_aset(before, name, value);
    }
    return ST_CONTINUE;
}

static int keep_name(VALUE name, VALUE value, VALUE changed)
{
    rb_hash_aset(changed, name, Qtrue);
    return ST_CONTINUE;
}

static void merge_kind(struct rb_pu_change *change, const struct rb_pu_note *note, bool first)
{
    switch (note->kind) {
    case RB_PU_CREATED:
        if (first || change->exists) {
            change->existed = false; /* an update noted before it came from a callback of the creation itself */
        } else {
            change->replaced = change->record;
            change->unsure = false;
        }
        change->exists = true;
        break;
    case RB_PU_UPDATED:
    case RB_PU_TOUCHED:
        change->existed = first || change->existed;
        change->exists = true;
        rb_hash_foreach(note->changes, keep_name, change->changed);
        break;
    case RB_PU_DESTROYED:
        change->existed = first || change->existed;
        change->exists = false;
        break;
    }
}

static void merge_note(struct rb_pu_change *change, const struct rb_pu_note *note)
{
    bool first = change->last == NULL;
    if (!NIL_P(note->changes)) {
        rb_hash_foreach(note->changes, keep_first, change->before);
    }
    if (note->undone) {
        change->unsure = true;
        return;
    }
    change->unsure = change->unsure || note->unsure || (!first && change->record != note->record);
    merge_kind(change, note, first);
    change->record = note->record;
    change->error = note->error;
    change->at = note->at;
    change->last = note;
}

bool rb_pu_changes_merge(VALUE notes, VALUE group, struct rb_pu_change *change)
{
    *change = (struct rb_pu_change){
        .record = Qnil, .before = rb_hash_new(), .changed = rb_hash_new(), .replaced = Qnil, .error = Qnil};
    for (long i = 0; i < RARRAY_LEN(group); i++) {
        merge_note(change, rb_pu_notes_at(notes, NUM2SIZET(rb_ary_entry(group, i))));
    }
    return change->existed || change->exists;
}

void rb_pu_init_changes(void)
{
    id_base_class = rb_intern("base_class");
}
