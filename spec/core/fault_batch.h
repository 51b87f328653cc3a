/* fault_batch.h - the messages of a posted batch: what the fault server takes of them, and the replies. */
#ifndef FAULT_BATCH_H
#define FAULT_BATCH_H

#include "fault_server.h"

/* Takes what a Faye server would take, and gives the replies: a JSON array, to be freed. length receives its bytes. */
char *batch_replies(struct fault_server *server, const char *body, size_t *length);

/* Notes in the log that the last batch's acknowledgement did not arrive. */
void batch_unacknowledged(struct fault_server *server);

/* Notes in the log that a server begins. */
void batch_log_start(struct fault_server *server);

#endif
