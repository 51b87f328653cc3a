/* The fault server as a program: fault_server PORT [LOG]. It says where it listens, and ends when its standard input
 * does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fault_server.h"

static void wait_for_end_of_input(void)
{
    char byte;

    while (read(STDIN_FILENO, &byte, 1) > 0)
        continue;
}

int main(int count, char **arguments)
{
    struct fault_options options = {.mortal = true};
    struct fault_server *server;

    if (count < 2)
        return EXIT_FAILURE;
    options.port = (int)strtol(arguments[1], NULL, 10);
    options.log = count > 2 ? arguments[2] : NULL;
    server = fault_server_open(&options);
    if (server == NULL)
        return EXIT_FAILURE;
    printf("listening on %d\n", fault_server_port(server));
    fflush(stdout);
    wait_for_end_of_input();
    fault_server_stop(server);
    return EXIT_SUCCESS;
}
