/* routing.h - after the commit: the channels that each changed record was in, those it is in now, and its messages.
 *
 * Application code may run here (channel methods, as_json); whatever it raises is reported, and the next record goes
 * on.
 */
#ifndef PU_ROUTING_H
#define PU_ROUTING_H

#include "notes.h"

/* rb_pu_route - Push what a list of notes says. A non-StandardError (Interrupt, Thread#kill, a throw to an outer
 * catch) passes through after the remaining records were handed over; nothing else is raised.
 */
void rb_pu_route(VALUE notes);

/* rb_pu_route_back - Some of the notes were rolled back. Rails leaves what was written in the instances, so what their
 * rows had before the transaction is kept in mind for their next write. Raises no StandardError.
 */
void rb_pu_route_back(VALUE notes);

#endif
