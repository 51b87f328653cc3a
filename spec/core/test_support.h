/* test_support.h - what every test file needs: cmocka, in the order its header asks for. */
#ifndef TEST_SUPPORT_H
#define TEST_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "pu_message.h"
#include "pu_result.h"

/* Named as the constant, so that a failure reads well. */
#define assert_result(expression, expected) assert_string_equal(pu_result_name(expression), #expected)

static inline struct pu_span span(const char *text)
{
    return (struct pu_span){text, strlen(text)};
}

/* The bytes of a span or a buffer against a NUL-terminated text. */
#define assert_bytes(bytes_, length_, text)                                                                            \
    do {                                                                                                               \
        assert_int_equal(length_, strlen(text));                                                                       \
        assert_memory_equal(bytes_, text, length_);                                                                    \
    } while (0)

#endif
