/* verify.h - the one rule that keeps short cuts honest: the first time a column shows a value of some class, the text
 * that the short cut makes is held against what the record's reader and as_json say. Where they differ the column goes
 * by as_json from then on. Drift in Rails, or an as_json of the application's, so costs time and never truth.
 */
#ifndef PU_VERIFY_H
#define PU_VERIFY_H

#include "layout.h"
#include "pu_json.h"
#include "value.h"

/* A column of a record, about to be written. */
struct rb_pu_cell {
    VALUE record, layout; /* layout - the Pushable::Layout that column is part of */
    struct rb_pu_column *column;
    const struct rb_pu_settings *settings;
    unsigned number; /* of the settings in the layout */
    const struct rb_pu_place *place;
};

/* rb_pu_write_verified - Write a value that has a bit (scalar.h) which this column was not seen with, and remember what
 * was found. cast - as for rb_pu_write_scalar. Returns false, with nothing written, when there is no short cut for it.
 * Raises what the reader and as_json raise.
 */
bool rb_pu_write_verified(struct pu_json *json, const struct rb_pu_cell *cell, VALUE value, bool cast);

/* rb_pu_write_asked - Write what the record's reader and as_json say. Raises what they raise. */
void rb_pu_write_asked(struct pu_json *json, const struct rb_pu_cell *cell);

void rb_pu_init_verify(void);

#endif
