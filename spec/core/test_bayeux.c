#include "test_support.h"

#include "pu_bayeux.h"

#include "channels.h"

static void channels_are_escaped_as_in_the_other_languages(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(channel_vectors) / sizeof(*channel_vectors); i++) {
        const struct channel_vector *vector = &channel_vectors[i];
        struct pu_buf buf;

        pu_buf_init(&buf, 1000);
        pu_buf_append_text(&buf, "x");
        if (vector->channel != NULL) {
            assert_result(pu_bayeux_channel(&buf, vector->name, vector->length), PU_OK);
            assert_bytes(buf.bytes + 1, buf.length - 1, vector->channel);
        } else {
            assert_result(pu_bayeux_channel(&buf, vector->name, vector->length), PU_ECHANNEL);
            assert_bytes(buf.bytes, buf.length, "x");
        }
        pu_buf_cleanup(&buf);
    }
}

static void a_nul_in_a_name_is_escaped(void **state)
{
    struct pu_buf buf;

    (void)state;
    pu_buf_init(&buf, 1000);
    assert_result(pu_bayeux_channel(&buf, "a\0b", 3), PU_OK);
    assert_bytes(buf.bytes, buf.length, "/sync/a$00b");
    pu_buf_cleanup(&buf);
}

static void what_is_not_utf8_is_no_channel(void **state)
{
    struct pu_buf buf;

    (void)state;
    pu_buf_init(&buf, 1000);
    assert_result(pu_bayeux_channel(&buf, "caf\xE9", 4), PU_EUTF8);
    assert_int_equal(buf.length, 0);
    pu_buf_cleanup(&buf);
}

static void a_channel_that_does_not_fit_leaves_nothing(void **state)
{
    struct pu_buf buf;

    (void)state;
    pu_buf_init(&buf, 10);
    assert_result(pu_bayeux_channel(&buf, "members", 7), PU_ETOOBIG);
    assert_int_equal(buf.length, 0);
    pu_buf_cleanup(&buf);
}

static void a_full_envelope(void **state)
{
    const struct pu_message message = {.channel = span("/sync/family_1_members"),
                                       .event = PU_EVENT_UPDATE,
                                       .object = span("{\"id\":7,\"name\":\"Ann\"}"),
                                       .changed = span("[\"name\"]"),
                                       .origin = span("k3x9.c12.4"),
                                       .at = 1763845123123456,
                                       .partial = true};
    struct pu_buf buf;
    struct pu_span channel;

    (void)state;
    pu_buf_init(&buf, 1000);
    assert_result(pu_bayeux_write(&buf, &message, "8f3a-42"), PU_OK);
    assert_bytes(buf.bytes, buf.length,
                 "{\"channel\":\"/sync/family_1_members\",\"id\":\"8f3a-42\",\"data\":{\"id\":\"8f3a-42\","
                 "\"event\":\"update\",\"object\":{\"id\":7,\"name\":\"Ann\"},\"changed\":[\"name\"],"
                 "\"at\":1763845123123456,\"origin\":\"k3x9.c12.4\",\"partial\":true}}");
    channel = pu_bayeux_channel_of(buf.bytes, buf.length);
    assert_bytes(channel.bytes, channel.length, "/sync/family_1_members");
    pu_buf_cleanup(&buf);
}

static void an_envelope_without_the_optional_parts(void **state)
{
    const struct pu_message message = {.channel = span("/sync/x"), .event = PU_EVENT_RESYNC, .at = -1};
    struct pu_buf buf;

    (void)state;
    pu_buf_init(&buf, 1000);
    assert_result(pu_bayeux_write(&buf, &message, "a-0"), PU_OK);
    assert_bytes(buf.bytes, buf.length,
                 "{\"channel\":\"/sync/x\",\"id\":\"a-0\",\"data\":{\"id\":\"a-0\",\"event\":\"resync\",\"at\":-1}}");
    pu_buf_cleanup(&buf);
}

static void every_event_has_the_wires_name(void **state)
{
    (void)state;
    assert_string_equal(pu_event_name(PU_EVENT_CREATE), "create");
    assert_string_equal(pu_event_name(PU_EVENT_UPDATE), "update");
    assert_string_equal(pu_event_name(PU_EVENT_DESTROY), "destroy");
    assert_string_equal(pu_event_name(PU_EVENT_RESYNC), "resync");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(channels_are_escaped_as_in_the_other_languages),
        cmocka_unit_test(a_nul_in_a_name_is_escaped),
        cmocka_unit_test(what_is_not_utf8_is_no_channel),
        cmocka_unit_test(a_channel_that_does_not_fit_leaves_nothing),
        cmocka_unit_test(a_full_envelope),
        cmocka_unit_test(an_envelope_without_the_optional_parts),
        cmocka_unit_test(every_event_has_the_wires_name),
    };

    return cmocka_run_group_tests_name("bayeux", tests, NULL, NULL);
}
