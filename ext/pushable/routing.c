#include "routing.h"

#include "dirty.h"
#include "dispatch.h"
#include "moves.h"
#include "origin.h"
#include "serializer.h"
#include "view.h"

/* The records of a commit, one after the other. */
struct tour {
    VALUE notes, groups;
    long next;
    VALUE origin;
};

/* ---- where the record was, and where it is ---- */

/* The record with these values, without what was assigned and never saved. */
static VALUE view_with(struct rb_pu_dispatch *dispatch, VALUE values)
{
    VALUE replaced = dispatch->change.replaced;
    VALUE saved = !NIL_P(replaced) ? rb_pu_view_saved(replaced) : rb_pu_row_committed(&dispatch->row);
    return RHASH_SIZE(values) == 0 ? saved : rb_pu_view(saved, values);
}

struct comparing {
    struct rb_pu_dispatch *dispatch;
    VALUE values; /* Hash column => value: those before the transaction, with what was found beside them; or Qnil */
};

static int compare_move(VALUE name, VALUE known, VALUE arg)
{
    struct comparing *comparing = (struct comparing *)arg;
    VALUE before = comparing->dispatch->change.before;
    VALUE believed = rb_hash_lookup2(before, name, Qundef);
    if (believed == Qundef) {
        believed = rb_pu_read_column(rb_pu_row_committed(&comparing->dispatch->row), name);
    }
    if (believed != RB_PU_UNKNOWN && !RTEST(rb_equal(believed, known))) {
        comparing->values = NIL_P(comparing->values) ? rb_hash_dup(before) : comparing->values;
        rb_hash_aset(comparing->values, name, known);
    }
    return ST_CONTINUE;
}

/* Where another instance has brought the record, when this one does not know: the values before the transaction with
 * those of the move, or Qnil.
 */
static VALUE find_overtaken(struct rb_pu_dispatch *dispatch)
{
    struct comparing comparing = {dispatch, Qnil};
    if (!rb_pu_moves_empty() && dispatch->change.existed && NIL_P(dispatch->change.replaced) &&
        !rb_pu_plan_fixed(dispatch->row.plan)) {
        VALUE known = rb_pu_moves_recall(rb_pu_identity(dispatch->change.record));
        if (!NIL_P(known)) {
            rb_hash_foreach(known, compare_move, (VALUE)&comparing);
        }
    }
    return comparing.values;
}

static void find_channels(struct rb_pu_dispatch *dispatch, VALUE overtaken)
{
    const struct rb_pu_change *change = &dispatch->change;
    VALUE plan = dispatch->row.plan, silent = dispatch->silent;
    bool exists = change->exists && !dispatch->row.gone;
    unsigned events = !change->existed ? 1u << PU_EVENT_CREATE : exists ? RB_PU_ANY_EVENT : 1u << PU_EVENT_DESTROY;
    dispatch->before = dispatch->after = rb_hash_new();
    if (exists) {
        VALUE subject = rb_pu_plan_fixed(plan) ? change->record : rb_pu_row_committed(&dispatch->row);
        dispatch->after = rb_pu_channels(subject, plan, events, silent);
    }
    if (change->existed && exists && NIL_P(change->replaced) && !rb_pu_channels_depend(plan, change->before)) {
        dispatch->before = dispatch->after;
    } else if (change->existed) {
        dispatch->before = rb_pu_channels(view_with(dispatch, change->before), plan, events, silent);
    }
    if (!NIL_P(overtaken)) { /* which of the two was newer is not known when other processes move it, too */
        VALUE other = rb_pu_channels(view_with(dispatch, overtaken), plan, events, silent);
        dispatch->before = rb_hash_dup(dispatch->before);
        rb_pu_channels_add(dispatch->before, other);
    }
}

static int keep_committed(VALUE name, VALUE old, VALUE arg)
{
    VALUE *values_and_record = (VALUE *)arg;
    rb_hash_aset(values_and_record[0], name, rb_pu_read_column(values_and_record[1], name));
    return ST_CONTINUE;
}

/* Whether one of the channels is not among the others. */
static int find_other(VALUE name, VALUE places, VALUE arg)
{
    VALUE *others_and_answer = (VALUE *)arg;
    others_and_answer[1] = rb_pu_channel_in(others_and_answer[0], name) ? Qfalse : Qtrue;
    return others_and_answer[1] == Qtrue ? ST_STOP : ST_CONTINUE;
}

static bool moved(const struct rb_pu_dispatch *dispatch)
{
    VALUE others_and_answer[2] = {dispatch->after, Qfalse};
    if (dispatch->before != dispatch->after) {
        rb_hash_foreach(dispatch->before, find_other, (VALUE)others_and_answer);
    }
    return others_and_answer[1] == Qtrue || RHASH_SIZE(dispatch->before) != RHASH_SIZE(dispatch->after);
}

/* Lets the next instance know where the record went, and those that hold what was rolled back. */
static void remember(struct rb_pu_dispatch *dispatch, VALUE overtaken)
{
    const struct rb_pu_change *change = &dispatch->change;
    bool new_row = !change->existed && !change->unsure;
    if (!change->exists || dispatch->row.gone || new_row) {
        if (!rb_pu_moves_empty()) {
            rb_pu_moves_forget(rb_pu_identity(change->record)); /* a row of an earlier life, perhaps */
        }
    } else if ((change->existed && moved(dispatch)) || (change->unsure && !rb_pu_plan_fixed(dispatch->row.plan))) {
        VALUE values_and_record[2] = {rb_hash_new(), rb_pu_row_committed(&dispatch->row)};
        rb_hash_foreach(NIL_P(overtaken) ? change->before : overtaken, keep_committed, (VALUE)values_and_record);
        rb_pu_moves_remember(rb_pu_identity(change->record), values_and_record[0]);
    }
}

/* ---- one record, and all of them ---- */

/* A record whose key was changed is gone under the old one. */
static void route_old(struct rb_pu_dispatch *dispatch)
{
    rb_pu_dispatch_take(dispatch, rb_pu_plan(rb_obj_class(dispatch->change.record)));
    find_channels(dispatch, Qnil);
    rb_pu_dispatch_send_all(dispatch);
}

static bool has_new_key(const struct rb_pu_change *change, VALUE plan)
{
    VALUE keys = rb_pu_plan_keys(plan);
    bool found = false;
    for (long i = 0; change->existed && change->exists && !found && i < RARRAY_LEN(keys); i++) {
        found = rb_hash_lookup2(change->before, rb_ary_entry(keys, i), RB_PU_UNKNOWN) != RB_PU_UNKNOWN;
    }
    return found;
}

static void split_by_key(struct rb_pu_dispatch *dispatch)
{
    struct rb_pu_change *change = &dispatch->change;
    struct rb_pu_dispatch old = {.change = *change, .origin = dispatch->origin, .body = route_old};
    old.change.record = rb_pu_view(rb_pu_view_saved(change->record), change->before);
    old.change.exists = false;
    change->existed = false;
    rb_pu_dispatch(&old);
}

static void route_record(struct rb_pu_dispatch *dispatch)
{
    const struct tour *tour = dispatch->context;
    struct rb_pu_change *change = &dispatch->change;
    if (!rb_pu_changes_merge(tour->notes, rb_ary_entry(tour->groups, tour->next), change)) {
        return;
    }
    VALUE plan = rb_pu_plan(rb_obj_class(change->record));
    if (has_new_key(change, plan)) {
        split_by_key(dispatch);
    }
    rb_pu_dispatch_take(dispatch, plan);
    VALUE overtaken = find_overtaken(dispatch);
    bool whole = rb_pu_plan_reload(plan);
    bool partly = change->existed && !rb_pu_has_columns(change->record, plan);
    if (change->exists && (change->unsure || whole || partly || !NIL_P(overtaken))) {
        rb_pu_dispatch_reload(dispatch);
    }
    dispatch->payload.whole = whole || !NIL_P(change->replaced);
    find_channels(dispatch, overtaken);
    rb_pu_dispatch_send_all(dispatch);
    remember(dispatch, overtaken);
}

static VALUE route_rest(VALUE arg)
{
    struct tour *tour = (struct tour *)arg;
    while (++tour->next < RARRAY_LEN(tour->groups)) {
        struct rb_pu_dispatch dispatch = {
            .change = {.record = Qnil}, .origin = tour->origin, .body = route_record, .context = tour};
        rb_pu_dispatch(&dispatch);
    }
    return Qnil;
}

static VALUE route_back(VALUE arg)
{
    const struct tour *tour = (const struct tour *)arg;
    for (long i = 0; i < RARRAY_LEN(tour->groups); i++) {
        VALUE group = rb_ary_entry(tour->groups, i);
        VALUE record = rb_pu_notes_at(tour->notes, NUM2SIZET(rb_ary_entry(group, 0)))->record;
        struct rb_pu_change change;
        rb_pu_changes_merge(tour->notes, group, &change);
        if (change.unsure && RHASH_SIZE(change.before) > 0 && !rb_pu_plan_fixed(rb_pu_plan(rb_obj_class(record)))) {
            rb_pu_moves_assume(rb_pu_identity(record), change.before);
        }
    }
    return Qnil;
}

static VALUE route_back_failed(VALUE arg, VALUE error)
{
    rb_pu_report(error, Qnil, rb_utf8_str_new_cstr("noting a rollback"));
    return Qnil;
}

void rb_pu_route_back(VALUE notes)
{
    struct tour tour = {notes, rb_pu_changes_group(notes), -1, Qnil};
    rb_rescue2(route_back, (VALUE)&tour, route_back_failed, Qnil, rb_eStandardError, (VALUE)0);
}

void rb_pu_route(VALUE notes)
{
    struct tour tour = {notes, rb_pu_changes_group(notes), -1, rb_pu_origin()};
    rb_ensure(route_rest, (VALUE)&tour, route_rest, (VALUE)&tour); /* the second takes over when the first unwinds */
}
