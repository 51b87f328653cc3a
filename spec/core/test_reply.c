#include "test_support.h"

#include <stdlib.h>

#include "pu_reply.h"

#define MOST 8

struct seen {
    struct pu_reply replies[MOST];
    size_t count;
};

static void keep(void *context, const struct pu_reply *reply)
{
    struct seen *seen = context;

    assert_true(seen->count < MOST);
    seen->replies[seen->count++] = *reply;
}

/* From a heap copy of the exact size, so that the sanitizers see a byte read too far. seen's spans are not used then.
 */
static enum pu_result read_exactly(const char *body, size_t length, struct seen *seen)
{
    char *copy = malloc(length + 1);
    enum pu_result result;

    assert_non_null(copy);
    memcpy(copy + 1, body, length);
    seen->count = 0;
    result = pu_reply_read(copy + 1, length, keep, seen);
    free(copy);
    return result;
}

static void reads_what_faye_answers(void **state)
{
    static const char body[] =
        "[{\"channel\":\"/sync/a\",\"successful\":true,\"id\":\"8f-1\",\"clientId\":null},\n"
        " {\"id\":\"8f-2\",\"error\":\"405:/sync/b \\\"c\\\":Invalid channel\",\"successful\":false}]\n";
    struct seen seen = {.count = 0};

    (void)state;
    assert_result(pu_reply_read(body, strlen(body), keep, &seen), PU_OK);
    assert_int_equal(seen.count, 2);
    assert_bytes(seen.replies[0].id.bytes, seen.replies[0].id.length, "8f-1");
    assert_true(seen.replies[0].successful);
    assert_int_equal(seen.replies[0].error.length, 0);
    assert_bytes(seen.replies[1].id.bytes, seen.replies[1].id.length, "8f-2");
    assert_false(seen.replies[1].successful);
    assert_bytes(seen.replies[1].error.bytes, seen.replies[1].error.length, "405:/sync/b \\\"c\\\":Invalid channel");
}

static void steps_over_what_it_does_not_know(void **state)
{
    static const char body[] =
        "[{\"ext\":{\"id\":\"no\",\"a\":[1,-2.5e3,{\"b\":[true,false,null,\"}\\\\\"]}]},\"id\":\"x-1\","
        "\"error\":null,\"advice\":{},\"successful\":true},{},{\"id\":5,\"successful\":\"true\"}]";
    struct seen seen = {.count = 0};

    (void)state;
    assert_result(pu_reply_read(body, strlen(body), keep, &seen), PU_OK);
    assert_int_equal(seen.count, 3);
    assert_bytes(seen.replies[0].id.bytes, seen.replies[0].id.length, "x-1");
    assert_true(seen.replies[0].successful);
    assert_int_equal(seen.replies[1].id.length, 0);
    assert_int_equal(seen.replies[2].id.length, 0);
    assert_false(seen.replies[2].successful);
}

static void an_empty_array_is_an_answer(void **state)
{
    struct seen seen;

    (void)state;
    assert_result(read_exactly(" [ ] ", 5, &seen), PU_OK);
    assert_int_equal(seen.count, 0);
}

static void anything_else_is_not(void **state)
{
    static const char *const bodies[] = {"",
                                         " ",
                                         "<html>It works!</html>",
                                         "{}",
                                         "{\"successful\":true}",
                                         "null",
                                         "[",
                                         "[1]",
                                         "[[]]",
                                         "[{}",
                                         "[{},]",
                                         "[{}] x",
                                         "[{}]]",
                                         "[{\"a\"}]",
                                         "[{\"a\":}]",
                                         "[{\"a\":1,}]",
                                         "[{a:1}]",
                                         "[{\"a\":tru}]",
                                         "[{\"successful\":truex}]",
                                         "[{\"a\":\"\\x\"}]",
                                         "[{\"a\":\"\\u12G4\"}]",
                                         "[{\"a\":\"line\nbreak\"}]",
                                         "[{\"id\":\"open",
                                         "[{\"id\":\"open\\",
                                         "[{\"id\":\"open\\u12",
                                         "[\"id\"]",
                                         "[{} {}]"};
    struct seen seen;

    (void)state;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++)
        assert_result(read_exactly(bodies[i], strlen(bodies[i]), &seen), PU_EREPLY);
}

static void a_cut_answer_is_none(void **state)
{
    static const char body[] = "[{\"id\":\"x-1\",\"successful\":true,\"a\":[{\"b\":\"\\u00e9\"},-1]}]";
    struct seen seen;

    (void)state;
    assert_result(read_exactly(body, strlen(body), &seen), PU_OK);
    for (size_t length = 0; length < strlen(body); length++)
        assert_result(read_exactly(body, length, &seen), PU_EREPLY);
}

static void nul_bytes_are_nothing_special(void **state)
{
    struct seen seen;

    (void)state;
    assert_result(read_exactly("[\0]", 3, &seen), PU_EREPLY);
    assert_result(read_exactly("[{\"a\":1\0}]", 10, &seen), PU_EREPLY);
}

static void deep_nesting_is_refused_not_followed(void **state)
{
    static char body[100000];
    struct seen seen;

    (void)state;
    memcpy(body, "[{\"a\":", 6);
    memset(body + 6, '[', sizeof(body) - 6);
    assert_result(read_exactly(body, sizeof(body), &seen), PU_EREPLY);
}

/* Every byte of a good answer replaced by every other byte: whatever comes out, nothing is read outside the body. */
static void no_byte_leads_outside(void **state)
{
    static const char body[] = "[{\"id\":\"x\\u0041\",\"error\":[1.5,{\"a\":null}],\"successful\":true}]";
    char broken[sizeof(body)];
    struct seen seen;

    (void)state;
    for (size_t i = 0; i < strlen(body); i++) {
        for (int byte = 0; byte < 256; byte++) {
            memcpy(broken, body, sizeof(body));
            broken[i] = (char)byte;
            if (read_exactly(broken, strlen(body), &seen) == PU_OK)
                assert_true(seen.count >= 1);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_faye_answers),
        cmocka_unit_test(steps_over_what_it_does_not_know),
        cmocka_unit_test(an_empty_array_is_an_answer),
        cmocka_unit_test(anything_else_is_not),
        cmocka_unit_test(a_cut_answer_is_none),
        cmocka_unit_test(nul_bytes_are_nothing_special),
        cmocka_unit_test(deep_nesting_is_refused_not_followed),
        cmocka_unit_test(no_byte_leads_outside),
    };

    return cmocka_run_group_tests_name("reply", tests, NULL, NULL);
}
