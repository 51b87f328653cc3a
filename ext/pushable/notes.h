/* notes.h - a list of what was written to pushing records, each with the record's JSON as it was at that moment.
 *
 * A Ruby object, so that the collector sees the records; the bytes are malloc memory that goes with it.
 */
#ifndef PU_NOTES_H
#define PU_NOTES_H

#include <stdbool.h>

#include "errors.h"
#include "pu_buf.h"

enum rb_pu_kind { RB_PU_CREATED, RB_PU_UPDATED, RB_PU_TOUCHED, RB_PU_DESTROYED };

struct rb_pu_note {
    enum rb_pu_kind kind;
    VALUE record;
    VALUE changes; /* Hash column => value before this write, or RB_PU_UNKNOWN (dirty.h); Qnil for RB_PU_CREATED and
                      RB_PU_DESTROYED */
    VALUE error;   /* the exception that encoding raised, or Qnil */
    int64_t at;    /* pu_clock_stamp, right after the write */
    bool encoded;  /* object holds the record's JSON as it was written */
    bool unsure;   /* the record holds values that this write did not bring to the row */
    bool undone;   /* it was rolled back */
    struct pu_buf object; /* owned by the list */
};

/* rb_pu_notes_new - An empty list. */
VALUE rb_pu_notes_new(void);

/* rb_pu_notes_add - Append a note. object's bytes are moved into the list, and object is left empty. */
void rb_pu_notes_add(VALUE notes, struct rb_pu_note *note);

size_t rb_pu_notes_count(VALUE notes);

/* rb_pu_notes_at - A note by its place; borrowed until the list changes. */
const struct rb_pu_note *rb_pu_notes_at(VALUE notes, size_t index);

/* rb_pu_notes_roll_back - Mark all notes from index on as undone: they tell no news any more, but Rails leaves the
 * values that were rolled back in the instances, and the notes know better.
 */
void rb_pu_notes_roll_back(VALUE notes, size_t index);

/* rb_pu_notes_take - Move everything into a new list. */
VALUE rb_pu_notes_take(VALUE notes);

void rb_pu_init_notes(void);

#endif
