#include "moves.h"

#define MOST_RECORDS 1000
#define LONGEST_TEXT 255 /* bytes */

static VALUE moves; /* Hash identity => Hash column => value, the oldest first */
static ID id_shift;

bool rb_pu_moves_empty(void)
{
    return RHASH_SIZE(moves) == 0;
}

VALUE rb_pu_moves_recall(VALUE identity)
{
    return rb_hash_lookup(moves, identity);
}

/* Numbers, short texts, times: what decides where a record belongs. Nothing large, nothing that changes in place. */
static int keep(VALUE name, VALUE value, VALUE known)
{
    bool text = RB_TYPE_P(value, T_STRING) && RSTRING_LEN(value) <= LONGEST_TEXT;
    if (text) {
        rb_hash_aset(known, name, rb_str_new_frozen(value));
    } else if (RB_SPECIAL_CONST_P(value) || RB_FLOAT_TYPE_P(value) || RB_TYPE_P(value, T_DATA)) {
        rb_hash_aset(known, name, value);
    } else {
        rb_hash_delete(known, name);
    }
    return ST_CONTINUE;
}

static int keep_new(VALUE name, VALUE value, VALUE known)
{
    return rb_hash_lookup2(known, name, Qundef) == Qundef ? keep(name, value, known) : ST_CONTINUE;
}

static void add(VALUE identity, VALUE values, int (*keeping)(VALUE, VALUE, VALUE))
{
    VALUE known = rb_hash_delete(moves, identity); /* it becomes the youngest */
    known = NIL_P(known) ? rb_hash_new() : known;
    rb_hash_foreach(values, keeping, known);
    rb_hash_aset(moves, identity, known);
    if (RHASH_SIZE(moves) > MOST_RECORDS) {
        rb_funcall(moves, id_shift, 0);
    }
}

void rb_pu_moves_remember(VALUE identity, VALUE values)
{
    add(identity, values, keep);
}

void rb_pu_moves_assume(VALUE identity, VALUE values)
{
    add(identity, values, keep_new);
}

void rb_pu_moves_forget(VALUE identity)
{
    rb_hash_delete(moves, identity);
}

void rb_pu_init_moves(void)
{
    rb_global_variable(&moves);
    moves = rb_hash_new();
    id_shift = rb_intern("shift");
}
