/* row.h - a record as its row was committed, whatever the instance at hand believes. */
#ifndef PU_ROW_H
#define PU_ROW_H

#include "plan.h"

/* Lives on the C stack. record and plan are filled, the VALUEs below are Qnil at first. */
struct rb_pu_row {
    VALUE record; /* the instance at hand */
    VALUE plan;
    VALUE fresh; /* the row read again, when the instance may not know it */
    VALUE saved; /* the record without unsaved values, once it was asked for */
    bool gone;   /* the row was read again and is not there any more */
};

/* rb_pu_row_reload - Read the row again by its key, once; a record without a table or key is taken as it is. */
void rb_pu_row_reload(struct rb_pu_row *row);

/* rb_pu_row_committed - The record: read again, or without what was assigned and never saved. */
VALUE rb_pu_row_committed(struct rb_pu_row *row);

void rb_pu_init_row(void);

#endif
