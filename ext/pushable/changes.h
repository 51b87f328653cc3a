/* changes.h - what a transaction did to each record, out of the notes of its single writes.
 *
 * Calls no application code.
 */
#ifndef PU_CHANGES_H
#define PU_CHANGES_H

#include "notes.h"

/* One record's way through a transaction. The VALUEs live on the C stack of whoever merges. */
struct rb_pu_change {
    VALUE record;   /* the instance that wrote last; when the record is gone, the one that destroyed it */
    VALUE before;   /* Hash column => value before the transaction, of the columns that were written */
    VALUE changed;  /* Hash column => true, of the columns whose writes were committed */
    VALUE replaced; /* the instance of a row that was destroyed and made anew, or Qnil */
    VALUE error;    /* what encoding the last write raised, or Qnil */
    bool existed;   /* before the transaction */
    bool exists;    /* after it */
    bool unsure;    /* the record may not know its row: several instances wrote it, or a write did not stay */
    int64_t at;     /* stamp of the last write */
    const struct rb_pu_note *last; /* the last write; borrowed from the notes */
};

/* rb_pu_identity - What makes two instances the same record: the table's class and the primary key, for a Hash; without
 * a key, the instance itself.
 */
VALUE rb_pu_identity(VALUE record);

/* rb_pu_changes_group - The notes of each record together: an Array of Arrays of indexes into notes, in the order in
 * which the records were first written.
 */
VALUE rb_pu_changes_group(VALUE notes);

/* rb_pu_changes_merge - One group as one change. Returns false when there is nothing to tell (created and destroyed).
 */
bool rb_pu_changes_merge(VALUE notes, VALUE group, struct rb_pu_change *change);

void rb_pu_init_changes(void);

#endif
