/* The queue when it is full. */
#include "test_support.h"

#include <pthread.h>
#include <sched.h>

#include "pu_random.h"
#include "queue_support.h"

static void a_full_queue_drops_its_oldest(void **state)
{
    struct pu_queue *queue = new_queue(10, 4, 6);
    struct pu_queue_counts counts;
    struct pu_batch batch;

    (void)state;
    push_all(queue, "abcd");
    assert_int_equal(drops, 0);
    push_all(queue, "ef"); /* five and six messages */
    assert_string_equal(dropped, "0:a 1:b ");
    assert_result(push(queue, "1234567"), PU_ETOOBIG);
    assert_int_equal(drops, 2); /* not for one that cannot be */
    assert_result(push(queue, "123456"), PU_OK);
    assert_result(push(queue, "7890"), PU_OK); /* ten bytes */
    assert_string_equal(dropped, "0:a 1:b 2:c 3:d 4:e 5:f ");
    pu_queue_counts(queue, &counts);
    assert_int_equal(counts.messages, 2);
    assert_int_equal(counts.bytes, 10);
    assert_int_equal(counts.pushed, 8);
    assert_int_equal(counts.dropped, 6);
    assert_batch(queue, 100, "[123456]"); /* half the queue, or one */
    assert_int_equal(batch.first_seq, 6);
    pu_queue_free(queue);
}

static void what_is_in_the_hand_is_never_dropped(void **state)
{
    struct pu_queue *queue = new_queue(100, 4, 6);
    struct pu_queue_counts counts;
    struct pu_batch batch;

    (void)state;
    push_all(queue, "abcd");
    assert_batch(queue, 2, "[a,b]");
    push_all(queue, "efg"); /* the oldest that waits goes */
    assert_string_equal(dropped, "2:c 3:d 4:e ");
    assert_bytes(batch.body, batch.length, "[a,b]");
    pu_queue_settle(queue, 0);
    assert_batch(queue, 100, "[b]"); /* of a batch that failed, too */
    push_all(queue, "h");
    assert_string_equal(dropped, "2:c 3:d 4:e ");
    pu_queue_settle(queue, 0);
    assert_batch(queue, 100, "[f,g]"); /* half the queue */
    assert_int_equal(batch.first_seq, 5);
    pu_queue_counts(queue, &counts);
    assert_int_equal(counts.messages, 3);
    assert_int_equal(counts.dropped, 3);
    pu_queue_free(queue);
}

static void the_newest_is_kept_when_the_hand_fills_the_queue(void **state)
{
    struct pu_queue *queue = new_queue(100, 1, 6);
    struct pu_queue_counts counts;
    struct pu_batch batch;

    (void)state;
    push_all(queue, "a");
    assert_batch(queue, 100, "[a]");
    push_all(queue, "cde");
    assert_string_equal(dropped, "1:c 2:d ");
    pu_queue_counts(queue, &counts);
    assert_int_equal(counts.messages, 2);
    settle_all(queue, &batch);
    assert_batch(queue, 100, "[e]");
    pu_queue_free(queue);
}

static void what_the_queue_could_never_hold_is_too_large(void **state)
{
    struct pu_queue *queue = new_queue(5, 4, 100);

    (void)state;
    assert_result(push(queue, "123456"), PU_ETOOBIG);
    assert_result(push(queue, "12345"), PU_OK);
    pu_queue_free(queue);
}

/* Ceilings, orders and numbers against a plain list: seeded, the seed is printed. */
static void it_does_what_a_list_would(void **state)
{
    struct pu_random random = {.state = test_seed()};
    struct pu_queue *queue = new_queue(300, 20, 60);
    struct pu_batch batch = {.count = 0};
    char words[4096][64];
    bool gone[4096] = {false};
    size_t pushed = 0;

    (void)state;
    for (int i = 0; i < 4000; i++) {
        if (pu_random_next(&random) % 3 > 0) {
            size_t length = 1 + pu_random_next(&random) % 59;
            struct pu_queue_counts counts;
            char *drop = dropped;

            memset(words[pushed], 'a' + (int)(pushed % 26), length);
            words[pushed][length] = '\0';
            dropped[0] = '\0';
            assert_result(push(queue, words[pushed++]), PU_OK);
            while (*drop != '\0') { /* in order, each once, with its own text */
                char *text = strchr(drop, ':') + 1;
                size_t seq = strtoul(drop, NULL, 10);

                *strchr(text, ' ') = '\0';
                assert_string_equal(text, words[seq]);
                assert_false(gone[seq]);
                gone[seq] = true;
                drop = text + strlen(text) + 1;
            }
            pu_queue_counts(queue, &counts);
            assert_true(counts.messages <= 20 && counts.bytes <= 300);
            continue;
        }
        if (!pu_queue_take(queue, 1 + pu_random_next(&random) % 6, 100, &batch))
            continue;
        for (size_t seq = 0; seq < batch.first_seq; seq++)
            assert_true(gone[seq]);
        for (size_t place = 0; place < batch.count; place++) {
            struct pu_span text = pu_queue_message(queue, place);
            size_t seq = batch.first_seq + place;

            assert_bytes(text.bytes, text.length, words[seq]);
            assert_false(gone[seq]);
            if (pu_random_next(&random) % 4 > 0) {
                pu_queue_settle(queue, place);
                gone[seq] = true;
            }
        }
    }
    assert_true(drops > 100);
    pu_queue_free(queue);
}

#define PRODUCERS 4
#define EACH 5000

struct producer {
    pthread_t thread;
    struct pu_queue *queue;
    int number;
};

static void *produce(void *context)
{
    const struct producer *producer = context;

    for (int i = 0; i < EACH;) {
        char text[32];
        int length = snprintf(text, sizeof(text), "%d:%d", producer->number, i);
        const struct pu_message message = {.object = {text, (size_t)length}};
        bool wake;
        enum pu_result result = pu_queue_push(producer->queue, &message, &wake);

        if (result != PU_OK)
            return "unexpected result";
        if (++i % 50 == 0)
            sched_yield(); /* the consumer wants to see some */
    }
    return NULL;
}

/* Called by all the producers, under the queue's mutex. */
static void note_dropped(void *context, struct pu_span message, uint64_t seq)
{
    size_t *lost = context;

    (void)seq;
    lost[message.bytes[0] - '0']++;
}

/* Every message is taken or dropped, once, each producer's in order, with the consumer taking, returning and settling
 * at the same time.
 */
static void four_producers_one_consumer(void **state)
{
    size_t lost[PRODUCERS] = {0};
    const struct pu_queue_options options = {.bytes = 100000,
                                             .messages = 500,
                                             .max_message_bytes = 100,
                                             .write = write_object,
                                             .dropped = note_dropped,
                                             .context = lost};
    struct producer producers[PRODUCERS];
    struct pu_queue_counts counts = {.messages = 0};
    struct pu_queue *queue = NULL;
    size_t taken[PRODUCERS] = {0};
    long last[PRODUCERS] = {-1, -1, -1, -1};
    size_t round = 0;

    (void)state;
    assert_result(pu_queue_new(&options, &queue), PU_OK);
    for (int i = 0; i < PRODUCERS; i++) {
        producers[i] = (struct producer){.queue = queue, .number = i};
        assert_int_equal(pthread_create(&producers[i].thread, NULL, produce, &producers[i]), 0);
    }
    do {
        struct pu_batch batch;

        pu_queue_counts(queue, &counts);
        if (!pu_queue_take(queue, 1 + round++ % 70, 100000, &batch)) {
            sched_yield();
            continue;
        }
        for (size_t place = 0; place < batch.count && place < 40; place++) {
            struct pu_span message = pu_queue_message(queue, place);
            int producer = message.bytes[0] - '0';
            long number = strtol(message.bytes + 2, NULL, 10);

            assert_true(number > last[producer]);
            last[producer] = number;
            pu_queue_settle(queue, place);
            taken[producer]++;
        }
    } while (counts.pushed < (uint64_t)PRODUCERS * EACH || counts.messages > 0);
    for (int i = 0; i < PRODUCERS; i++) {
        void *complaint = NULL;

        assert_int_equal(pthread_join(producers[i].thread, &complaint), 0);
        assert_null(complaint);
        assert_int_equal(taken[i] + lost[i], EACH);
    }
    pu_queue_free(queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_queue_drops_its_oldest),
        cmocka_unit_test(what_is_in_the_hand_is_never_dropped),
        cmocka_unit_test(the_newest_is_kept_when_the_hand_fills_the_queue),
        cmocka_unit_test(what_the_queue_could_never_hold_is_too_large),
        cmocka_unit_test(it_does_what_a_list_would),
        cmocka_unit_test(four_producers_one_consumer),
    };

    return cmocka_run_group_tests_name("overflow", tests, NULL, NULL);
}
