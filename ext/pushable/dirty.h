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

/* rb_pu_saved_changes - Hash column => value before the last save, of the columns it changed; as record.saved_changes,
 * without the new values. The caller's to keep.
 */
VALUE rb_pu_saved_changes(VALUE record);

void rb_pu_init_dirty(void);

#endif
