/* pu_id.h - the ids of messages: "<source>-<number>", "<source>-r<number>" for a series of its own.
 *
 * Threads:  pure functions on the caller's memory. Calls no Ruby API: safe without the GVL.
 */
#ifndef PU_ID_H
#define PU_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pu_number.h"

/* Hex digits of a source, which are random. */
#define PU_ID_SOURCE 16
/* Room for a source and its NUL, and for an id and its NUL; a series is one letter at most. */
#define PU_ID_SOURCE_ROOM (PU_ID_SOURCE + 1)
#define PU_ID_ROOM (PU_ID_SOURCE + 2 + PU_NUMBER_TEXT + 1)

/* pu_id_source - Write a new source, NUL-terminated. source - of PU_ID_SOURCE_ROOM bytes. */
void pu_id_source(char *source);

/* pu_id_write - Write an id, NUL-terminated. id - of PU_ID_ROOM bytes; series - a letter, or "". */
void pu_id_write(char *id, const char *source, const char *series, uint64_t number);

/* pu_id_read - The number of an id of this source and series. Returns false for any other text. */
bool pu_id_read(const char *source, const char *series, const char *id, size_t length, uint64_t *number);

#endif
