/* moves.h - where records went: the columns that last moved a record between channels, and what they became.
 *
 * An instance that was loaded before another one moved its record does not know, and nothing in it tells. What this
 * process itself moved is remembered here, for the latest few; what another process moved is not known to it.
 */
#ifndef PU_MOVES_H
#define PU_MOVES_H

#include <stdbool.h>

#include "errors.h"

/* rb_pu_moves_empty - Whether nothing is remembered: then nobody needs an identity to ask with. */
bool rb_pu_moves_empty(void);

/* rb_pu_moves_recall - Hash column => value as it was last committed, or Qnil. identity - what rb_pu_identity gives. */
VALUE rb_pu_moves_recall(VALUE identity);

/* rb_pu_moves_remember - Keep values (Hash column => value) of the record, as they were committed. Long texts are not
 * kept.
 */
void rb_pu_moves_remember(VALUE identity, VALUE values);

/* rb_pu_moves_assume - Keep those values of which nothing is known yet. */
void rb_pu_moves_assume(VALUE identity, VALUE values);

/* rb_pu_moves_forget - The row is gone, or new. */
void rb_pu_moves_forget(VALUE identity);

void rb_pu_init_moves(void);

#endif
