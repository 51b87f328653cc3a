/* view.h - an instance of a record's class that answers as if some columns had other values.
 *
 * Channel methods are asked of a view for what a record was before the transaction, or for what was saved when the
 * record has unsaved values. The record itself is not touched, and no callback of the application runs.
 */
#ifndef PU_VIEW_H
#define PU_VIEW_H

#include "errors.h"

/* rb_pu_view - values: Hash column => value, or RB_PU_UNKNOWN to leave it. Loaded associations are shared, but for a
 * belongs_to whose foreign key is among the columns; instance variables that are not Active Record's (memoized answers)
 * are left behind.
 */
VALUE rb_pu_view(VALUE record, VALUE values);

/* rb_pu_view_saved - The record itself, or, when it has unsaved values, a view with those it has in the database. */
VALUE rb_pu_view_saved(VALUE record);

void rb_pu_init_view(void);

#endif
