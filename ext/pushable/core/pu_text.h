/* pu_text.h - text as JSON asks for it: UTF-8, quoted and escaped.
 *
 * Threads:  pure functions. Call no Ruby API: safe without the GVL.
 * Memory:   the caller's buffers alone.
 */
#ifndef PU_TEXT_H
#define PU_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "pu_buf.h"

/* pu_text_valid - Whether bytes are UTF-8 as RFC 3629 has it: no overlong form, no surrogate, nothing above U+10FFFF.
 */
bool pu_text_valid(const char *bytes, size_t length);

/* pu_text_quote - Append a JSON string: quotes around it, and `"`, `\` and what is below a space escaped (RFC 8259,
 * section 7). bytes must be valid UTF-8. Returns the buffer's result: PU_OK, PU_ENOMEM, PU_ETOOBIG.
 */
enum pu_result pu_text_quote(struct pu_buf *buf, const char *bytes, size_t length);

#endif
