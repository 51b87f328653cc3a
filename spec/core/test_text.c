#include "test_support.h"

#include "pu_text.h"

static void tells_utf8_from_what_is_not(void **state)
{
    static const char *const good[] = {"",
                                       "plain ascii, long enough",
                                       "é",
                                       "€",
                                       "😀",
                                       "\xEF\xBF\xBF",
                                       "\xF4\x8F\xBF\xBF",
                                       "\xED\x9F\xBF",
                                       "\xE0\xA0\x80",
                                       "1234567é",
                                       "12345678é12345678"};
    static const char *const bad[] = {"\x80",         "\xC0\x80",         "\xC1\xBF",         "\xE0\x9F\xBF",
                                      "\xED\xA0\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF7\xBF\xBF\xBF",
                                      "\xC3",         "\xE2\x82",         "\xF0\x9F\x98",     "a\xFF",
                                      "\xC3(",        "\xE2(\x82",        "12345678\x80",     "\xF8\x88\x80\x80\x80"};

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
        assert_true(pu_text_valid(good[i], strlen(good[i])));
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_false(pu_text_valid(bad[i], strlen(bad[i])));
    assert_true(pu_text_valid("a\0b", 3));
}

static void assert_quoted(const char *bytes, size_t length, const char *expected)
{
    struct pu_buf buf;

    pu_buf_init(&buf, 1000);
    assert_result(pu_text_quote(&buf, bytes, length), PU_OK);
    assert_bytes(buf.bytes, buf.length, expected);
    pu_buf_cleanup(&buf);
}

static void quotes_and_escapes(void **state)
{
    (void)state;
    assert_quoted("", 0, "\"\"");
    assert_quoted("Ann", 3, "\"Ann\"");
    assert_quoted("a\"b\\c/d", 7, "\"a\\\"b\\\\c/d\"");
    assert_quoted("\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\"");
    assert_quoted("\0\x1f\x7f", 3, "\"\\u0000\\u001f\x7f\"");
    assert_quoted("caf\xc3\xa9 \xe2\x80\xa8", 9, "\"caf\xc3\xa9 \xe2\x80\xa8\"");
}

/* What the words of eight bytes must not miss, and must not see where it is not: every byte at every place. */
static void sees_every_special_byte_wherever_it_stands(void **state)
{
    char text[24];
    struct pu_buf buf;

    (void)state;
    pu_buf_init(&buf, 1000);
    for (unsigned byte = 0; byte < 256; byte++) {
        bool special = byte < 0x20 || byte == '"' || byte == '\\';
        for (size_t place = 0; place < sizeof(text); place++) {
            memset(text, 'x', sizeof(text));
            text[place] = (char)byte;
            pu_buf_clear(&buf);
            assert_result(pu_text_quote(&buf, text, sizeof(text)), PU_OK);
            assert_int_equal(buf.bytes[place + 1] == '\\', special);
            assert_int_equal(buf.length > sizeof(text) + 2, special);
        }
    }
    pu_buf_cleanup(&buf);
}

static void a_string_too_long_is_refused(void **state)
{
    struct pu_buf buf;

    (void)state;
    pu_buf_init(&buf, 6);
    assert_result(pu_text_quote(&buf, "four", 4), PU_OK);
    pu_buf_clear(&buf);
    assert_result(pu_text_quote(&buf, "f\nur", 4), PU_ETOOBIG);
    pu_buf_cleanup(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_utf8_from_what_is_not),
        cmocka_unit_test(quotes_and_escapes),
        cmocka_unit_test(sees_every_special_byte_wherever_it_stands),
        cmocka_unit_test(a_string_too_long_is_refused),
    };

    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
