#include "child.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

char verdict_of_child(char (*work)(void *context), void *context)
{
    char verdict = 100;
    int ends[2];
    pid_t child;

    if (pipe(ends) != 0)
        abort();
    child = fork();
    if (child == -1)
        abort();
    if (child == 0) {
        verdict = work(context);
        _exit(write(ends[1], &verdict, 1) == 1 ? 0 : 1);
    }
    close(ends[1]);
    if (read(ends[0], &verdict, 1) != 1)
        verdict = 100;
    close(ends[0]);
    while (waitpid(child, NULL, 0) == -1 && errno == EINTR)
        continue;
    return verdict;
}
