#include "hooks.h"

#include "direct.h"
#include "dirty.h"
#include "journal.h"
#include "pu_clock.h"
#include "serializer.h"
#include "view.h"

static VALUE mMute;
static ID id_pushable_muted, id_covers;
static ID id_mutations_before_last_save, id_noted_mutations, id_defer_touch_attrs, id_trigger_update_callback,
    id_trigger_destroy_callback, id_new_record, id_column_names;

struct capture {
    VALUE record;
    struct rb_pu_note note;
};

/* Whether the record of changes is of the write at hand. A touch that Rails put off to the commit, or that comes with a
 * raised counter, leaves behind that of an earlier write, or none: it counts only when no earlier write was noted with
 * it.
 */
static bool tracks_this_write(VALUE record)
{
    VALUE tracker = rb_attr_get(record, id_mutations_before_last_save);
    return !NIL_P(tracker) && tracker != rb_attr_get(record, id_noted_mutations);
}

static void add_names(VALUE old, VALUE names)
{
    for (long i = 0; i < RARRAY_LEN(names); i++) {
        VALUE name = rb_ary_entry(names, i);
        if (rb_hash_lookup2(old, name, Qundef) == Qundef) {
            rb_hash_aset(old, name, RB_PU_UNKNOWN);
        }
    }
}

static void note_touch(struct capture *capture, VALUE plan)
{
    VALUE stamps = rb_pu_plan_timestamps(plan);
    VALUE deferred = rb_attr_get(capture->record, id_defer_touch_attrs);
    VALUE old = rb_hash_new();
    if (tracks_this_write(capture->record)) {
        old = rb_pu_saved_changes(capture->record, stamps);
    } else if (!RB_TYPE_P(deferred, T_ARRAY)) {
        /* Which counter was raised is not known, nor has the instance the new time stamp. */
        add_names(old, rb_funcall(rb_obj_class(capture->record), id_column_names, 0));
        capture->note.unsure = true;
    }
    add_names(old, stamps);
    if (RB_TYPE_P(deferred, T_ARRAY)) {
        add_names(old, deferred);
    }
    capture->note.changes = old;
}

/* Rails leaves an assigned value of an attr_readonly in the instance and counts it as saved, but does not write it.
 * Takes such columns out; returns whether there were any.
 */
static bool drop_readonly(VALUE plan, VALUE changes)
{
    VALUE names = rb_pu_plan_readonly(plan);
    size_t before = RHASH_SIZE(changes);
    for (long i = 0; i < RARRAY_LEN(names); i++) {
        rb_hash_delete(changes, rb_ary_entry(names, i));
    }
    return RHASH_SIZE(changes) < before;
}

static VALUE encode_columns(VALUE arg)
{
    struct capture *capture = (struct capture *)arg;
    VALUE plan = rb_pu_plan(rb_obj_class(capture->record));
    VALUE shape = rb_pu_plan_shape(plan);
    if (!rb_pu_shape_by_columns(shape)) {
        return Qnil; /* the application is asked after the commit */
    }
    /* A touch leaves what was assigned and not saved; a save has just saved it all. */
    VALUE saved = capture->note.kind == RB_PU_TOUCHED ? rb_pu_view_saved(capture->record) : capture->record;
    capture->note.encoded = rb_pu_encode_columns(&capture->note.object, saved, plan, shape, Qnil);
    RB_GC_GUARD(saved);
    return Qnil;
}

static VALUE encode_failed(VALUE arg, VALUE error)
{
    ((struct capture *)arg)->note.error = error; /* told after the commit, if there is one */
    return Qnil;
}

static enum pu_event event_of(enum rb_pu_kind kind)
{
    return kind == RB_PU_CREATED ? PU_EVENT_CREATE : kind == RB_PU_DESTROYED ? PU_EVENT_DESTROY : PU_EVENT_UPDATE;
}

/* Whether writes to records of this class are not pushed now. Ruby is asked only where anything is muted. */
static bool is_muted(VALUE klass)
{
    return !NIL_P(rb_thread_local_aref(rb_thread_current(), id_pushable_muted)) &&
           RTEST(rb_funcall(mMute, id_covers, 1, klass));
}

/* Remembers the changes that the record holds of its last write, so that a touch does not take them for its own. */
static void mark_noted(VALUE record)
{
    rb_ivar_set(record, id_noted_mutations, rb_attr_get(record, id_mutations_before_last_save));
}

static VALUE capture_body(VALUE arg)
{
    struct capture *capture = (struct capture *)arg;
    struct rb_pu_note *note = &capture->note;
    VALUE klass = rb_obj_class(capture->record);
    VALUE plan = rb_pu_plan(klass);
    if (NIL_P(plan) || RARRAY_LEN(rb_pu_plan_rules(plan)) == 0) {
        return Qnil;
    }
    if (is_muted(klass)) {
        if (rb_pu_plan_record(plan) && note->kind != RB_PU_DESTROYED) {
            mark_noted(capture->record);
        }
        return Qnil;
    }
    if (!rb_pu_plan_record(plan)) {
        rb_pu_push(capture->record, event_of(note->kind)); /* no transaction to wait for */
        return Qnil;
    }
    if (note->kind == RB_PU_UPDATED) {
        note->changes = rb_pu_saved_changes(capture->record, rb_pu_plan_timestamps(plan));
        note->unsure = drop_readonly(plan, note->changes);
    } else if (note->kind == RB_PU_TOUCHED) {
        note_touch(capture, plan);
    }
    if (note->kind != RB_PU_DESTROYED) {
        mark_noted(capture->record);
    }
    if (!NIL_P(note->changes) && RHASH_SIZE(note->changes) == 0) {
        return Qnil; /* a save that changed nothing is no news */
    }
    if (note->kind != RB_PU_DESTROYED) {
        rb_rescue2(encode_columns, arg, encode_failed, arg, rb_eStandardError, (VALUE)0);
    }
    rb_pu_journal_add(klass, note);
    return Qnil;
}

static VALUE capture_failed(VALUE arg, VALUE error)
{
    rb_pu_report(error, ((struct capture *)arg)->record, rb_utf8_str_new_cstr("noting the change"));
    return Qnil;
}

static VALUE capture_rescued(VALUE arg)
{
    return rb_rescue2(capture_body, arg, capture_failed, arg, rb_eStandardError, (VALUE)0);
}

static VALUE capture_cleanup(VALUE arg)
{
    pu_buf_cleanup(&((struct capture *)arg)->note.object);
    return Qnil;
}

static VALUE capture(VALUE record, enum rb_pu_kind kind)
{
    struct capture capture = {
        .record = record,
        .note = {.kind = kind, .record = record, .changes = Qnil, .error = Qnil, .at = pu_clock_stamp()}};
    pu_buf_init(&capture.note.object, (size_t)LONG_MAX);
    rb_ensure(capture_rescued, (VALUE)&capture, capture_cleanup, (VALUE)&capture);
    return Qtrue; /* whatever happened: no callback of ours stops a save */
}

/* Pushable::Hooks.after_create(record) and its sisters, called by Active Record's callbacks inside the transaction. */

static VALUE hooks_after_create(VALUE self, VALUE record)
{
    return capture(record, RB_PU_CREATED);
}

static VALUE hooks_after_update(VALUE self, VALUE record)
{
    if (rb_attr_get(record, id_trigger_update_callback) == Qfalse) {
        return Qtrue; /* the row was not there any more */
    }
    return capture(record, RB_PU_UPDATED);
}

static VALUE hooks_after_touch(VALUE self, VALUE record)
{
    if (rb_attr_get(record, id_trigger_update_callback) == Qfalse && tracks_this_write(record)) {
        return Qtrue; /* a touch that found no row; a raised counter leaves the flag as it is */
    }
    return capture(record, RB_PU_TOUCHED);
}

static VALUE hooks_after_destroy(VALUE self, VALUE record)
{
    if (rb_attr_get(record, id_trigger_destroy_callback) == Qfalse || RTEST(rb_attr_get(record, id_new_record))) {
        return Qtrue; /* no row was deleted: it was new, or gone */
    }
    return capture(record, RB_PU_DESTROYED);
}

void rb_pu_init_hooks(void)
{
    rb_global_variable(&mMute);
    mMute = rb_const_get(rb_mPushable, rb_intern("Mute"));
    id_pushable_muted = rb_intern("pushable_muted");
    id_covers = rb_intern("covers?");
    id_mutations_before_last_save = rb_intern("@mutations_before_last_save");
    id_noted_mutations = rb_intern("__pushable_noted_mutations");
    id_defer_touch_attrs = rb_intern("@_defer_touch_attrs");
    id_trigger_update_callback = rb_intern("@_trigger_update_callback");
    id_trigger_destroy_callback = rb_intern("@_trigger_destroy_callback");
    id_new_record = rb_intern("@new_record");
    id_column_names = rb_intern("column_names");
    VALUE hooks = rb_define_module_under(rb_mPushable, "Hooks");
    rb_define_singleton_method(hooks, "after_create", hooks_after_create, 1);
    rb_define_singleton_method(hooks, "after_update", hooks_after_update, 1);
    rb_define_singleton_method(hooks, "after_touch", hooks_after_touch, 1);
    rb_define_singleton_method(hooks, "after_destroy", hooks_after_destroy, 1);
}
