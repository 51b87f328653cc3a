#include "test_support.h"

#include "pu_json.h"

struct fixture {
    struct pu_json *json;
    struct pu_buf buf;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    pu_buf_init(&fixture.buf, 1000000);
    *state = &fixture;
    if (pu_json_new(&fixture.json) != PU_OK)
        return -1;
    pu_json_start(fixture.json, &fixture.buf);
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    pu_json_free(fixture->json);
    pu_buf_cleanup(&fixture->buf);
    return 0;
}

#define assert_document(fixture, text)                                                                                 \
    do {                                                                                                               \
        assert_result(pu_json_finish((fixture)->json), PU_OK);                                                         \
        assert_bytes((fixture)->buf.bytes, (fixture)->buf.length, text);                                               \
    } while (0)

static void writes_every_kind_of_value(void **state)
{
    struct fixture *fixture = *state;
    struct pu_json *json = fixture->json;

    pu_json_map_open(json);
    pu_json_key(json, "id", 2);
    pu_json_integer(json, -7);
    pu_json_key(json, "list", 4);
    pu_json_array_open(json);
    pu_json_null(json);
    pu_json_bool(json, true);
    pu_json_bool(json, false);
    pu_json_number(json, "0.1", 3);
    pu_json_raw(json, "{\"a\":[]}", 8);
    pu_json_array_open(json);
    pu_json_array_close(json);
    pu_json_array_close(json);
    pu_json_key(json, "name", 4);
    pu_json_string(json, "Ann", 3);
    pu_json_map_close(json);
    assert_document(fixture, "{\"id\":-7,\"list\":[null,true,false,0.1,{\"a\":[]},[]],\"name\":\"Ann\"}");
}

static void escapes_strings_and_keys(void **state)
{
    static const char text[] = "a\"\\\b\f\n\r\t\x01\0/é😀";
    struct fixture *fixture = *state;
    struct pu_json *json = fixture->json;

    pu_json_map_open(json);
    pu_json_key(json, "\"\n", 2);
    pu_json_string(json, text, sizeof(text) - 1);
    pu_json_map_close(json);
    assert_document(fixture, "{\"\\\"\\n\":\"a\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u0000/é😀\"}");
}

static void a_document_may_be_a_single_value(void **state)
{
    struct fixture *fixture = *state;

    pu_json_integer(fixture->json, INT64_MIN);
    assert_document(fixture, "-9223372036854775808");
}

static void takes_only_numbers_of_json(void **state)
{
    static const char *const good[] = {"0",          "-0",  "10",   "1.5",
                                       "-12.25e+10", "1E5", "1e-7", "123456789012345678901234567890"};
    static const char *const bad[] = {"",    "-",  "abc", "01", "1.",  ".5",  "1e",
                                      "1e+", "+1", "0x1", "1 ", "NaN", "0,5", "--1"};
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        pu_buf_clear(&fixture->buf);
        pu_json_start(fixture->json, &fixture->buf);
        pu_json_number(fixture->json, good[i], strlen(good[i]));
        assert_document(fixture, good[i]);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        pu_buf_clear(&fixture->buf);
        pu_json_start(fixture->json, &fixture->buf);
        assert_result(pu_json_number(fixture->json, bad[i], strlen(bad[i])), PU_ENUMBER);
        assert_int_equal(fixture->buf.length, 0);
    }
}

static void open_arrays(struct pu_json *json, size_t count)
{
    for (size_t i = 0; i < count; i++)
        pu_json_array_open(json);
}

static void nests_to_its_limit_and_not_beyond(void **state)
{
    struct fixture *fixture = *state;
    struct pu_json *json = fixture->json;

    open_arrays(json, PU_JSON_MAX_DEPTH);
    for (size_t i = 0; i < PU_JSON_MAX_DEPTH; i++)
        pu_json_array_close(json);
    assert_result(pu_json_finish(json), PU_OK);
    pu_json_start(json, &fixture->buf);
    open_arrays(json, PU_JSON_MAX_DEPTH + 200); /* past yajl's own 128, where it would write outside its state */
    assert_result(pu_json_result(json), PU_EDEPTH);
    assert_result(pu_json_finish(json), PU_EDEPTH);
}

/* Each is one step too many; the writer says so and the next document is good again. */
static void refuses_what_is_not_a_document(void **state)
{
    struct fixture *fixture = *state;
    struct pu_json *json = fixture->json;

    assert_result(pu_json_finish(json), PU_ESTATE);
    pu_json_start(json, &fixture->buf);
    assert_result(pu_json_array_close(json), PU_ESTATE);
    pu_json_start(json, &fixture->buf);
    assert_result(pu_json_key(json, "a", 1), PU_ESTATE);
    pu_json_start(json, &fixture->buf);
    pu_json_null(json);
    assert_result(pu_json_null(json), PU_ESTATE);
    pu_json_start(json, &fixture->buf);
    pu_json_map_open(json);
    assert_result(pu_json_null(json), PU_ESTATE);
    pu_json_start(json, &fixture->buf);
    pu_json_map_open(json);
    pu_json_key(json, "a", 1);
    assert_result(pu_json_map_close(json), PU_ESTATE);
    pu_json_start(json, &fixture->buf);
    pu_json_array_open(json);
    assert_result(pu_json_map_close(json), PU_ESTATE);
    pu_json_start(json, &fixture->buf);
    pu_json_array_open(json);
    assert_result(pu_json_finish(json), PU_ESTATE);
    pu_json_start(json, &fixture->buf);
    assert_result(pu_json_raw(json, "", 0), PU_ESTATE);
    pu_buf_clear(&fixture->buf);
    pu_json_start(json, &fixture->buf);
    pu_json_bool(json, true);
    assert_document(fixture, "true");
}

static void keeps_the_first_failure(void **state)
{
    struct fixture *fixture = *state;

    pu_json_array_open(fixture->json);
    pu_json_number(fixture->json, "x", 1);
    assert_result(pu_json_map_close(fixture->json), PU_ENUMBER);
    assert_result(pu_json_string(fixture->json, "late", 4), PU_ENUMBER);
    assert_result(pu_json_finish(fixture->json), PU_ENUMBER);
    assert_bytes(fixture->buf.bytes, fixture->buf.length, "[");
}

static void the_buffers_ceiling_is_a_failure(void **state)
{
    struct fixture *fixture = *state;
    struct pu_buf small;

    pu_buf_init(&small, 8);
    pu_json_start(fixture->json, &small);
    assert_result(pu_json_string(fixture->json, "0123456789", 10), PU_ETOOBIG);
    assert_result(pu_json_finish(fixture->json), PU_ETOOBIG);
    pu_buf_cleanup(&small);
}

static void appends_to_what_is_there(void **state)
{
    struct fixture *fixture = *state;

    pu_buf_append_text(&fixture->buf, "before ");
    pu_json_start(fixture->json, &fixture->buf);
    pu_json_null(fixture->json);
    assert_document(fixture, "before null");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(writes_every_kind_of_value, set_up, tear_down),
        cmocka_unit_test_setup_teardown(escapes_strings_and_keys, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_document_may_be_a_single_value, set_up, tear_down),
        cmocka_unit_test_setup_teardown(takes_only_numbers_of_json, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nests_to_its_limit_and_not_beyond, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_what_is_not_a_document, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keeps_the_first_failure, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_buffers_ceiling_is_a_failure, set_up, tear_down),
        cmocka_unit_test_setup_teardown(appends_to_what_is_there, set_up, tear_down),
    };

    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
