/* fault_control.h - the fault server's side for whoever runs it as a program. */
#ifndef FAULT_CONTROL_H
#define FAULT_CONTROL_H

#include "fault_server.h"

/* Does what the request asks for when it is one of the control paths (fault_server.h), and answers it: 404 for what
 * there is not. Returns false, having done nothing, for every other request.
 */
bool control_answer(struct fault_server *server, int socket, const char *request);

#endif
