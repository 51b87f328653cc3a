/* fault_serve.h - what the fault server does with one connection. */
#ifndef FAULT_SERVE_H
#define FAULT_SERVE_H

#include "fault_server.h"

/* Reads and answers requests until the client leaves or a fault ends it. The socket stays open. */
void serve_all(struct fault_server *server, int socket);

#endif
