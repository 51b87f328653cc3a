/* resync.h - Pushable.resync: browsers are told to fetch, for what no single message can tell. */
#ifndef PU_RESYNC_H
#define PU_RESYNC_H

#include "errors.h"

void rb_pu_init_resync(void);

#endif
