/* test_support.h - what every test file needs: cmocka, in the order its header asks for. */
#ifndef TEST_SUPPORT_H
#define TEST_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pu_message.h"
#include "pu_result.h"

/* Named as the constant, so that a failure reads well. */
#define assert_result(expression, expected) assert_string_equal(pu_result_name(expression), #expected)

static inline struct pu_span span(const char *text)
{
    return (struct pu_span){text, strlen(text)};
}

/* What random tests begin with: SEED, or the clock. Printed, so that a failure can be had again. */
static inline uint64_t test_seed(void)
{
    const char *text = getenv("SEED");
    uint64_t seed = text != NULL ? strtoull(text, NULL, 10) : (uint64_t)time(NULL);

    printf("SEED=%llu\n", (unsigned long long)seed);
    return seed;
}

/* The bytes of a span or a buffer against a NUL-terminated text. */
#define assert_bytes(bytes_, length_, text)                                                                            \
    do {                                                                                                               \
        assert_int_equal(length_, strlen(text));                                                                       \
        assert_memory_equal(bytes_, text, length_);                                                                    \
    } while (0)

#endif
