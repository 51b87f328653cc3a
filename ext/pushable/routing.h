/* routing.h - after the commit: which channels each changed record was in and is in now, and a message to each.
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

void rb_pu_init_routing(void);

#endif
