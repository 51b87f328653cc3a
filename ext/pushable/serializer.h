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
#include "shape.h"

/* rb_pu_encode - Append the JSON of any value. Raises Pushable::EncodingError, NestingError, MessageTooLarge, and what
 * the application raises.
 */
void rb_pu_encode(struct pu_buf *buf, VALUE value);

/* rb_pu_encode_rendered - Append what the application has made of a record. klass - that errors name. Raises as
 * rb_pu_encode.
 */
void rb_pu_encode_rendered(struct pu_buf *buf, VALUE rendered, VALUE klass);

/* rb_pu_encode_columns - Append a record's JSON from its columns, without its as_json.
 *
 * shape - of the record's class; only - Hash with the names of the columns that are wanted, or Qnil for all that the
 * shape shows. Calls no application code where the shape goes by columns alone (rb_pu_shape_by_columns), but for the
 * first values of a column (verify.h). Returns false, with nothing appended, when the columns do not tell for this
 * record or this shape: then the application has to be asked after the commit. Raises as rb_pu_encode.
 */
bool rb_pu_encode_columns(struct pu_buf *buf, VALUE record, VALUE plan, VALUE shape, VALUE only);

/* rb_pu_encode_key - Append {"id":7}: the primary key under its own name, wrapped as as_json wraps. */
void rb_pu_encode_key(struct pu_buf *buf, VALUE record, VALUE plan);

/* rb_pu_encode_names - Append a JSON array of the keys of a Hash, less the columns that a shape leaves out, and of the
 * shape's own keys (methods, associations). shape - or Qnil: all keys of the Hash, and no others.
 */
void rb_pu_encode_names(struct pu_buf *buf, VALUE names, VALUE shape);

/* rb_pu_has_columns - Whether all columns of the class were loaded: select(:id) leaves the others out. */
bool rb_pu_has_columns(VALUE record, VALUE plan);

/* rb_pu_read_key - A part of the primary key: a column's value, or what the method of a model without columns says. */
VALUE rb_pu_read_key(VALUE record, VALUE plan, VALUE name);

/* rb_pu_has_key - Whether it has a primary key, by which a browser can ask for it. */
bool rb_pu_has_key(VALUE record, VALUE plan);

/* rb_pu_read_column - A column's value in the row as the record knows it, whatever was assigned since, and by no method
 * of the application; Qnil when it was not loaded.
 */
VALUE rb_pu_read_column(VALUE record, VALUE name);

void rb_pu_init_serializer(void);

#endif
