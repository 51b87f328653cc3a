/* value.h - writes any Ruby value as JSON, the way ActiveSupport's as_json followed by JSON.generate would.
 *
 * May call the application (as_json, to_s of keys), so it may raise, throw or switch threads: the writer and its buffer
 * must be freed under rb_ensure.
 */
#ifndef PU_VALUE_H
#define PU_VALUE_H

#include "errors.h"
#include "pu_json.h"

/* Where in the document the writer is, for error messages: a list of keys and indexes on the C stack. */
struct rb_pu_place {
    const struct rb_pu_place *outer; /* NULL at the root */
    VALUE key;                       /* String, Symbol or Integer; at the root the class or record concerned, or Qnil */
};

/* rb_pu_write_value - Append value to json. Raises Pushable::EncodingError, NestingError, MessageTooLarge naming place,
 * and whatever the application raises.
 */
void rb_pu_write_value(struct pu_json *json, VALUE value, const struct rb_pu_place *place);

/* rb_pu_write_key - Append a Hash key: String, Symbol, or anything by its to_s. */
void rb_pu_write_key(struct pu_json *json, VALUE key, const struct rb_pu_place *place);

/* rb_pu_check - Raise when json has failed. */
void rb_pu_check(struct pu_json *json, const struct rb_pu_place *place);

void rb_pu_init_value(void);

#endif
