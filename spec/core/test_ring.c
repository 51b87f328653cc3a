#include "test_support.h"

#include "pu_random.h"
#include "pu_ring.h"

static void append(struct pu_ring *ring, const char *text)
{
    assert_result(pu_ring_append(ring, text, strlen(text), (int64_t)strlen(text)), PU_OK);
}

static void assert_oldest(const struct pu_ring *ring, const char *text)
{
    struct pu_ring_text oldest = pu_ring_at(ring, 0);

    assert_bytes(oldest.bytes, oldest.length, text);
    assert_int_equal(oldest.at, strlen(text));
}

static void texts_come_out_as_they_came(void **state)
{
    struct pu_ring ring;

    (void)state;
    pu_ring_init(&ring, 100, 10);
    append(&ring, "a");
    append(&ring, "bb");
    append(&ring, "ccc");
    assert_int_equal(ring.count, 3);
    assert_bytes(pu_ring_at(&ring, 2).bytes, pu_ring_at(&ring, 2).length, "ccc");
    assert_oldest(&ring, "a");
    pu_ring_drop(&ring, 2);
    assert_oldest(&ring, "ccc");
    pu_ring_drop(&ring, 1);
    append(&ring, "dddd");
    assert_oldest(&ring, "dddd");
    pu_ring_cleanup(&ring);
}

/* A flood through a full ring: it grows to what its ceiling asks for and no further. */
static void memory_stays_within_the_ceiling_and_one_text(void **state)
{
    enum { CEILING = 100000, LONGEST = 1000 };
    struct pu_random random = {.state = test_seed()};
    static char text[LONGEST + 1];
    size_t oldest = 0;
    size_t newest = 0;
    size_t bytes = 0;
    struct pu_ring ring;

    (void)state;
    pu_ring_init(&ring, CEILING, LONGEST);
    while (newest < 50000) {
        size_t length = 1 + pu_random_next(&random) % LONGEST;

        memset(text, 'a' + (int)(newest % 26), length);
        while (bytes + length > CEILING) {
            struct pu_ring_text dropped = pu_ring_at(&ring, 0);

            assert_int_equal(dropped.at, oldest);
            assert_int_equal(dropped.bytes[0], 'a' + (int)(oldest % 26));
            assert_int_equal(dropped.bytes[dropped.length - 1], 'a' + (int)(oldest % 26));
            bytes -= dropped.length;
            pu_ring_drop(&ring, 1);
            oldest++;
        }
        assert_result(pu_ring_append(&ring, text, length, (int64_t)newest++), PU_OK);
        bytes += length;
        assert_int_equal(ring.count, newest - oldest);
        assert_true(ring.capacity <= CEILING + LONGEST);
    }
    pu_ring_cleanup(&ring);
}

/* As much in it as chance has it: what grew while it had gone round, too. */
static void it_does_what_a_list_would(void **state)
{
    struct pu_random random = {.state = test_seed()};
    static char text[501];
    size_t oldest = 0;
    size_t newest = 0;
    struct pu_ring ring;

    (void)state;
    pu_ring_init(&ring, 100000, 500);
    while (newest < 20000) {
        size_t wanted = pu_random_next(&random) % 150;

        while (ring.count < wanted) {
            size_t length = 1 + pu_random_next(&random) % 500;

            memset(text, 'a' + (int)(newest % 26), length);
            assert_result(pu_ring_append(&ring, text, length, (int64_t)newest++), PU_OK);
        }
        while (ring.count > wanted) {
            struct pu_ring_text dropped = pu_ring_at(&ring, 0);

            assert_int_equal(dropped.at, oldest);
            for (size_t i = 0; i < dropped.length; i++)
                assert_int_equal(dropped.bytes[i], 'a' + (int)(oldest % 26));
            pu_ring_drop(&ring, 1);
            oldest++;
        }
    }
    pu_ring_cleanup(&ring);
}

static void an_empty_ring_gives_a_burst_back(void **state)
{
    static char text[1000];
    struct pu_ring ring;
    char *excess;

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    pu_ring_init(&ring, 1000000, 1000);
    assert_null(pu_ring_excess(&ring, 0));
    for (int i = 0; i < 500; i++)
        append(&ring, text);
    assert_null(pu_ring_excess(&ring, 1000)); /* not empty */
    pu_ring_drop(&ring, 500);
    assert_null(pu_ring_excess(&ring, 10000000));
    excess = pu_ring_excess(&ring, 1000);
    assert_non_null(excess);
    free(excess);
    append(&ring, "again");
    assert_oldest(&ring, "again");
    pu_ring_cleanup(&ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_come_out_as_they_came),
        cmocka_unit_test(memory_stays_within_the_ceiling_and_one_text),
        cmocka_unit_test(it_does_what_a_list_would),
        cmocka_unit_test(an_empty_ring_gives_a_burst_back),
    };

    return cmocka_run_group_tests_name("ring", tests, NULL, NULL);
}
