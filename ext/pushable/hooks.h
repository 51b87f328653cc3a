/* hooks.h - the module Pushable::Hooks, which Active Record calls inside the transaction after every write of a pushing
 * record: it notes the event, the changed columns, the stamp and the columns' JSON in the journal. Runs no application
 * code, so that a failing query of the application's cannot abort the user's transaction.
 */
#ifndef PU_HOOKS_H
#define PU_HOOKS_H

#include "errors.h"

void rb_pu_init_hooks(void);

#endif
