/* journal.h - keeps the notes of a transaction until it commits, forgets them when it rolls back.
 *
 * One list of notes per outermost transaction (the one whose commit runs commit callbacks); every nested transaction
 * that notes something has a mark in it, and its rollback undoes the notes from that mark on. The list hangs on the
 * transaction object itself: a connection that is reset or discarded takes it along.
 */
#ifndef PU_JOURNAL_H
#define PU_JOURNAL_H

#include "notes.h"

/* rb_pu_journal_add - Note something in the transaction that is running on the class's connection; when none is
 * running, route it at once. Flushes first what was committed earlier and not yet flushed, so that order holds when an
 * after_commit callback saves. The note is moved, as by rb_pu_notes_add.
 */
void rb_pu_journal_add(VALUE klass, struct rb_pu_note *note);

void rb_pu_init_journal(void);

#endif
