/* serializer.h - a record's JSON, into a buffer: what record.as_json says, less the columns that stay out.
 *
 * May call the application unless it says otherwise, so each runs its work under rb_ensure and leaves the caller's
 * buffer as it was when anything is raised.
 */
#ifndef PU_SERIALIZER_H
#define PU_SERIALIZER_H

#include <stdbool.h>

#include "plan.h"
#include "pu_buf.h"

/* rb_pu_encode - Append the JSON of any value. Raises Pushable::EncodingError, NestingError, MessageTooLarge, and what
 * the application raises.
 */
void rb_pu_encode(struct pu_buf *buf, VALUE value);

/* rb_pu_encode_columns - Append a record's JSON from its columns alone; calls no application code. Returns false, with
 * nothing appended, when the columns alone do not tell (an overridden reader or as_json, a singleton class, columns the
 * query added): then rb_pu_encode has to be asked after the commit. Raises as rb_pu_encode.
 */
bool rb_pu_encode_columns(struct pu_buf *buf, VALUE record, VALUE plan);

/* rb_pu_encode_key - Append {"id":7}: the primary key under its own name, wrapped as as_json wraps. */
void rb_pu_encode_key(struct pu_buf *buf, VALUE record, VALUE plan);

/* rb_pu_encode_names - Append a JSON array of the keys of a Hash, less the columns that stay out. */
void rb_pu_encode_names(struct pu_buf *buf, VALUE changes, VALUE plan);

/* rb_pu_read_column - A column's value in the row as the record knows it, whatever was assigned since, and by no method
 * of the application; Qnil when it was not loaded.
 */
VALUE rb_pu_read_column(VALUE record, VALUE name);

void rb_pu_init_serializer(void);

#endif
