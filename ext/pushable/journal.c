#include "journal.h"

#include "routing.h"

/* What Active Record holds for us in a transaction's list of records. */
struct participant {
    VALUE notes;
    size_t mark; /* how many notes there were when the transaction joined */
};

#define TRANSACTION_RUNS 2 /* libpq's PQTRANS_INTRANS */

static VALUE cParticipant;
static ID id_notes, id_root_state, id_participant, id_latest, id_stack, id_connection_pool, id_active_connection_p,
    id_transaction_manager, id_add_transaction_record, id_joinable_p, id_state, id_committed_p, id_connection,
    id_raw_connection, id_connection_before, id_transaction_status;

static void participant_mark(void *data)
{
    rb_gc_mark_movable(((struct participant *)data)->notes);
}

static void participant_compact(void *data)
{
    struct participant *participant = data;
    participant->notes = rb_gc_location(participant->notes);
}

static size_t participant_size(const void *data)
{
    return sizeof(struct participant);
}

static const rb_data_type_t participant_type = {.wrap_struct_name = "Pushable::Participant",
                                                .function = {.dmark = participant_mark,
                                                             .dfree = RUBY_DEFAULT_FREE,
                                                             .dsize = participant_size,
                                                             .dcompact = participant_compact},
                                                .flags = RUBY_TYPED_FREE_IMMEDIATELY | RUBY_TYPED_WB_PROTECTED};

static struct participant *get_participant(VALUE self)
{
    struct participant *participant;
    TypedData_Get_Struct(self, struct participant, &participant_type, participant);
    return participant;
}

static VALUE participant_new(VALUE notes)
{
    struct participant *participant;
    VALUE self = TypedData_Make_Struct(cParticipant, struct participant, &participant_type, participant);
    participant->notes = Qnil;
    participant->mark = rb_pu_notes_count(notes);
    RB_OBJ_WRITE(self, &participant->notes, notes);
    return self;
}

/* The notes leave the journal first: what routing makes the application save is noted anew. */
static void flush(VALUE notes)
{
    if (rb_pu_notes_count(notes) > 0) {
        VALUE taken = rb_pu_notes_take(notes);
        rb_pu_route(taken);
        RB_GC_GUARD(taken);
    }
}

/* The outermost of the running transactions whose commit runs commit callbacks: the one that stands on a transaction
 * which cannot be joined (that of transactional tests), or the lowest.
 */
static VALUE find_root(VALUE stack)
{
    long i = RARRAY_LEN(stack) - 1;
    while (i > 0 && RTEST(rb_funcall(rb_ary_entry(stack, i - 1), id_joinable_p, 0))) {
        i--;
    }
    return rb_ary_entry(stack, i);
}

/* The notes that were added to last on this connection, when their transaction has committed in the meantime. */
static void flush_committed(VALUE manager, VALUE current)
{
    VALUE latest = rb_attr_get(manager, id_latest);
    if (!NIL_P(latest) && latest != current && rb_pu_notes_count(latest) > 0 &&
        RTEST(rb_funcall(rb_attr_get(latest, id_root_state), id_committed_p, 0))) {
        flush(latest);
    }
}

static VALUE join(VALUE connection, VALUE manager, VALUE stack)
{
    VALUE root = find_root(stack);
    VALUE notes = rb_attr_get(root, id_notes);
    flush_committed(manager, notes);
    if (NIL_P(notes)) {
        notes = rb_pu_notes_new();
        rb_ivar_set(notes, id_root_state, rb_funcall(root, id_state, 0));
        rb_ivar_set(notes, id_connection, connection);
        rb_ivar_set(root, id_notes, notes);
    }
    rb_ivar_set(manager, id_latest, notes);
    VALUE participant = participant_new(notes);
    rb_funcall(connection, id_add_transaction_record, 1, participant);
    rb_ivar_set(rb_ary_entry(stack, -1), id_participant, participant);
    return notes;
}

/* The running transaction's notes, or Qnil when none is running. */
static VALUE find_notes(VALUE klass)
{
    VALUE pool = rb_funcall(klass, id_connection_pool, 0);
    VALUE connection = rb_funcall(pool, id_active_connection_p, 0); /* checks out none */
    if (!RTEST(connection)) {
        return Qnil;
    }
    VALUE manager = rb_funcall(connection, id_transaction_manager, 0);
    VALUE stack = rb_ivar_get(manager, id_stack);
    if (!RB_TYPE_P(stack, T_ARRAY) || RARRAY_LEN(stack) == 0) {
        return Qnil;
    }
    VALUE participant = rb_attr_get(rb_ary_entry(stack, -1), id_participant);
    return NIL_P(participant) ? join(connection, manager, stack) : get_participant(participant)->notes;
}

void rb_pu_journal_add(VALUE klass, struct rb_pu_note *note)
{
    VALUE notes = find_notes(klass);
    if (NIL_P(notes)) {
        notes = rb_pu_notes_new();
        rb_pu_notes_add(notes, note);
        flush(notes);
    } else {
        rb_pu_notes_add(notes, note);
    }
    RB_GC_GUARD(notes);
}

/* What Active Record calls on whatever takes part in a transaction. */

/* PostgreSQL answers COMMIT with a rollback when a statement of the transaction has failed, and Rails does not look.
 * The driver knows before that, without a query: PQTRANS_INTRANS says that there is something to commit.
 */
static bool will_commit(VALUE connection)
{
    VALUE raw = rb_attr_get(connection, id_raw_connection);
    if (NIL_P(raw)) {
        raw = rb_attr_get(connection, id_connection_before); /* Rails 7.0 and before */
    }
    return !rb_respond_to(raw, id_transaction_status) ||
           rb_funcall(raw, id_transaction_status, 0) == INT2FIX(TRANSACTION_RUNS);
}

static VALUE participant_before_committed(int argc, VALUE *argv, VALUE self)
{
    VALUE notes = get_participant(self)->notes;
    if (rb_pu_notes_count(notes) > 0 && !will_commit(rb_attr_get(notes, id_connection))) {
        rb_pu_notes_roll_back(notes, 0);
        rb_pu_route_back(notes);
    }
    return Qnil;
}

static VALUE participant_committed(int argc, VALUE *argv, VALUE self)
{
    flush(get_participant(self)->notes); /* whatever should_run_callbacks says: it is committed */
    return Qnil;
}

static VALUE participant_rolledback(int argc, VALUE *argv, VALUE self)
{
    struct participant *participant = get_participant(self);
    rb_pu_notes_roll_back(participant->notes, participant->mark);
    rb_pu_route_back(participant->notes);
    return Qnil;
}

static VALUE participant_trigger(VALUE self)
{
    return Qfalse; /* it has no callbacks to choose an instance for */
}

void rb_pu_init_journal(void)
{
    id_notes = rb_intern("__pushable_notes");
    id_root_state = rb_intern("__pushable_root_state");
    id_participant = rb_intern("__pushable_participant");
    id_latest = rb_intern("__pushable_latest");
    id_connection = rb_intern("__pushable_connection");
    id_raw_connection = rb_intern("@raw_connection");
    id_connection_before = rb_intern("@connection");
    id_transaction_status = rb_intern("transaction_status");
    id_stack = rb_intern("@stack");
    id_connection_pool = rb_intern("connection_pool");
    id_active_connection_p = rb_intern("active_connection?");
    id_transaction_manager = rb_intern("transaction_manager");
    id_add_transaction_record = rb_intern("add_transaction_record");
    id_joinable_p = rb_intern("joinable?");
    id_state = rb_intern("state");
    id_committed_p = rb_intern("committed?");
    rb_global_variable(&cParticipant);
    cParticipant = rb_define_class_under(rb_mPushable, "Participant", rb_cObject);
    rb_undef_alloc_func(cParticipant);
    rb_funcall(rb_mPushable, rb_intern("private_constant"), 1, ID2SYM(rb_intern("Participant")));
    rb_define_method(cParticipant, "before_committed!", participant_before_committed, -1);
    rb_define_method(cParticipant, "committed!", participant_committed, -1);
    rb_define_method(cParticipant, "rolledback!", participant_rolledback, -1);
    rb_define_method(cParticipant, "trigger_transactional_callbacks?", participant_trigger, 0);
}
