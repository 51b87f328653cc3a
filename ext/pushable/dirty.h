/* dirty.h - which columns of a record differ from the row, and which the last save wrote.
 *
 * Rails' own methods ask every attribute and cast every value, which is a large part of what a push would add to a
 * save. Here an attribute is passed over when nothing can have happened to it; for the rest, and whenever Active
 * Model's internals are not as known, Rails is asked.
 */
#ifndef PU_DIRTY_H
#define PU_DIRTY_H

#include <stdbool.h>

#include "errors.h"

/* rb_pu_unsaved - As record.has_changes_to_save? */
bool rb_pu_unsaved(VALUE record);

/* In place of an old value that nobody asks for, or that Rails has not kept: a time stamp's. No column's value is it.
 */
#define RB_PU_UNKNOWN rb_mPushable

/* rb_pu_saved_changes - Hash column => value before the last save, of the columns it changed; as record.saved_changes,
 * without the new values. The caller's to keep.
 *
 * stamps - Array of columns whose old values are not wanted: RB_PU_UNKNOWN stands for them.
 */
VALUE rb_pu_saved_changes(VALUE record, VALUE stamps);

void rb_pu_init_dirty(void);

#endif
