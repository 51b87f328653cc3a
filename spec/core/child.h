/* child.h - something done in a forked child, and what it has to say. */
#ifndef CHILD_H
#define CHILD_H

/* The verdict of work(context), called in a child; 100 when the child died without one. It comes through a pipe, as a
 * leak checker spoils the exit status: a child leaks what it abandons.
 */
char verdict_of_child(char (*work)(void *context), void *context);

#endif
