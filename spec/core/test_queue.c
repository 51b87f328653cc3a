#include "test_support.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "pu_clock.h"
#include "pu_id.h"
#include "pu_queue.h"
#include "pu_random.h"

/* The object's text alone: what the queue does with messages does not depend on the envelope. */
static enum pu_result write_object(struct pu_buf *buf, const struct pu_message *message, const char *id)
{
    (void)id;
    return pu_buf_append(buf, message->object.bytes, message->object.length);
}

static char last_id[PU_ID_ROOM];

static enum pu_result write_and_keep_id(struct pu_buf *buf, const struct pu_message *message, const char *id)
{
    (void)snprintf(last_id, sizeof(last_id), "%s", id);
    return write_object(buf, message, id);
}

/* What the queue has dropped, as text "<seq>:<message> …". */
static char dropped[4096];

static void keep_dropped(void *context, struct pu_span message, uint64_t seq)
{
    size_t length = strlen(dropped);

    (void)snprintf(dropped + length, sizeof(dropped) - length, "%d:%.*s ", (int)seq, (int)message.length,
                   message.bytes);
    ++*(int *)context;
}

static int drops;

static struct pu_queue *new_queue(size_t bytes, size_t messages, size_t max_message_bytes)
{
    const struct pu_queue_options options = {.bytes = bytes,
                                             .messages = messages,
                                             .max_message_bytes = max_message_bytes,
                                             .write = write_and_keep_id,
                                             .dropped = keep_dropped,
                                             .context = &drops};
    struct pu_queue *queue = NULL;

    dropped[0] = '\0';
    drops = 0;
    assert_result(pu_queue_new(&options, &queue), PU_OK);
    return queue;
}

static struct pu_queue *new_wide_queue(void)
{
    return new_queue(1000000, 10000, 100000);
}

static enum pu_result push(struct pu_queue *queue, const char *text)
{
    const struct pu_message message = {.object = span(text)};
    bool wake = false;

    return pu_queue_push(queue, &message, &wake);
}

static void push_all(struct pu_queue *queue, const char *letters)
{
    for (; *letters != '\0'; letters++) {
        char text[2] = {*letters, '\0'};

        assert_result(push(queue, text), PU_OK);
    }
}

static void settle_all(struct pu_queue *queue, const struct pu_batch *batch)
{
    for (size_t place = 0; place < batch->count; place++)
        pu_queue_settle(queue, place);
}

#define assert_batch(queue, most, text)                                                                                \
    do {                                                                                                               \
        assert_true(pu_queue_take(queue, most, 1000, &batch));                                                         \
        assert_bytes(batch.body, batch.length, text);                                                                  \
    } while (0)

static void a_batch_is_a_json_array_in_order(void **state)
{
    struct pu_queue *queue = new_wide_queue();
    struct pu_batch batch;

    (void)state;
    assert_false(pu_queue_take(queue, 100, 1000, &batch));
    push_all(queue, "abc");
    assert_batch(queue, 100, "[a,b,c]");
    assert_int_equal(batch.count, 3);
    assert_true(pu_clock_monotonic_ms() - batch.pushed_at < 10000);
    push_all(queue, "de"); /* the hand is as it was */
    assert_bytes(batch.body, batch.length, "[a,b,c]");
    settle_all(queue, &batch);
    assert_batch(queue, 100, "[d,e]");
    settle_all(queue, &batch);
    assert_false(pu_queue_take(queue, 100, 1000, &batch));
    push_all(queue, "f");
    assert_batch(queue, 100, "[f]");
    pu_queue_free(queue);
}

static void a_batch_keeps_to_both_limits_but_takes_one_at_least(void **state)
{
    struct pu_queue *queue = new_wide_queue();
    struct pu_batch batch;

    (void)state;
    push_all(queue, "abcdef");
    assert_batch(queue, 2, "[a,b]");
    settle_all(queue, &batch);
    assert_true(pu_queue_take(queue, 100, 5, &batch));
    assert_bytes(batch.body, batch.length, "[c,d,e]");
    assert_true(pu_queue_take(queue, 100, 0, &batch));
    assert_bytes(batch.body, batch.length, "[c]");
    pu_queue_free(queue);
}

static void what_is_not_settled_comes_again_whole_or_in_parts(void **state)
{
    struct pu_queue *queue = new_wide_queue();
    struct pu_batch batch;

    (void)state;
    push_all(queue, "abcd");
    assert_batch(queue, 100, "[a,b,c,d]");
    assert_batch(queue, 2, "[a,b]");
    assert_batch(queue, 100, "[a,b,c,d]"); /* the bracket after b is a comma again */
    assert_batch(queue, 2, "[a,b]");
    settle_all(queue, &batch);
    assert_batch(queue, 1, "[c]");
    assert_batch(queue, 2, "[c,d]");
    settle_all(queue, &batch);
    assert_false(pu_queue_take(queue, 100, 1000, &batch));
    pu_queue_free(queue);
}

static void a_hole_in_a_batch_is_not_sent_again(void **state)
{
    struct pu_queue *queue = new_wide_queue();
    struct pu_batch batch;

    (void)state;
    push_all(queue, "abcdef");
    assert_batch(queue, 100, "[a,b,c,d,e,f]");
    pu_queue_settle(queue, 0);
    pu_queue_settle(queue, 3);
    assert_true(pu_queue_settled(queue, 3));
    assert_false(pu_queue_settled(queue, 4));
    assert_batch(queue, 100, "[b,c]");
    settle_all(queue, &batch);
    assert_batch(queue, 100, "[e,f]");
    pu_queue_free(queue);
}

static void ids_are_numbered_in_order_and_found_again(void **state)
{
    struct pu_queue *queue = new_wide_queue();
    struct pu_queue *other = new_wide_queue();
    struct pu_batch batch;
    char ids[5][PU_ID_ROOM];
    size_t place = 99;

    (void)state;
    for (int i = 0; i < 5; i++) {
        push_all(queue, "x");
        memcpy(ids[i], last_id, sizeof(last_id));
        assert_memory_equal(ids[i], pu_queue_source(queue), PU_ID_SOURCE);
        assert_int_equal(ids[i][PU_ID_SOURCE + 1], '0' + i);
    }
    assert_string_not_equal(pu_queue_source(queue), pu_queue_source(other));
    assert_batch(queue, 1, "[x]");
    settle_all(queue, &batch);
    assert_batch(queue, 3, "[x,x,x]"); /* 1, 2, 3 */
    assert_int_equal(batch.first_seq, 1);
    assert_false(pu_queue_find(queue, ids[0], strlen(ids[0]), &place));
    assert_false(pu_queue_find(queue, ids[4], strlen(ids[4]), &place));
    assert_int_equal(place, 99);
    assert_true(pu_queue_find(queue, ids[3], strlen(ids[3]), &place));
    assert_int_equal(place, 2);
    assert_false(pu_queue_find(other, ids[3], strlen(ids[3]), &place));
    pu_queue_free(queue);
    pu_queue_free(other);
}

static void a_malformed_id_is_not_found(void **state)
{
    static const char *const tails[] = {
        "", "-", "-x", "-1x", "--1", "-18446744073709551617", "-99999999999999999999999", "_0"};
    struct pu_queue *queue = new_wide_queue();
    struct pu_batch batch;
    char id[100];
    size_t place;

    (void)state;
    push_all(queue, "ab");
    assert_batch(queue, 100, "[a,b]");
    for (size_t i = 0; i < sizeof(tails) / sizeof(*tails); i++) {
        (void)snprintf(id, sizeof(id), "%s%s", pu_queue_source(queue), tails[i]);
        assert_false(pu_queue_find(queue, id, strlen(id), &place));
    }
    assert_false(pu_queue_find(queue, "1", 1, &place));
    pu_queue_free(queue);
}

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
    assert_batch(queue, 100, "[123456,7890]");
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
    assert_batch(queue, 100, "[f,g,h]");
    assert_int_equal(batch.first_seq, 5);
    pu_queue_counts(queue, &counts);
    assert_int_equal(counts.messages, 3);
    assert_int_equal(counts.dropped, 3);
    pu_queue_free(queue);
}

static void the_newest_is_kept_when_the_hand_fills_the_queue(void **state)
{
    struct pu_queue *queue = new_queue(100, 2, 6);
    struct pu_queue_counts counts;
    struct pu_batch batch;

    (void)state;
    push_all(queue, "ab");
    assert_batch(queue, 100, "[a,b]");
    push_all(queue, "cde");
    assert_string_equal(dropped, "2:c 3:d ");
    pu_queue_counts(queue, &counts);
    assert_int_equal(counts.messages, 3);
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

/* The envelope counts, too: a message may be refused only once it is written. Nothing of it stays. */
static enum pu_result write_with_envelope(struct pu_buf *buf, const struct pu_message *message, const char *id)
{
    pu_buf_append_text(buf, "<<<<");
    return write_object(buf, message, id);
}

static void a_message_refused_after_writing_leaves_nothing(void **state)
{
    const struct pu_queue_options options = {.bytes = 10,
                                             .messages = 100,
                                             .max_message_bytes = 8,
                                             .write = write_with_envelope,
                                             .dropped = keep_dropped,
                                             .context = &drops};
    struct pu_queue *queue = NULL;
    struct pu_batch batch;

    (void)state;
    dropped[0] = '\0';
    assert_result(pu_queue_new(&options, &queue), PU_OK);
    assert_result(push(queue, "123"), PU_OK);
    assert_result(push(queue, "12345"), PU_ETOOBIG);
    assert_string_equal(dropped, "");
    assert_batch(queue, 100, "[<<<<123]");
    settle_all(queue, &batch);
    assert_false(pu_queue_take(queue, 100, 1000, &batch));
    assert_result(push(queue, "2"), PU_OK);
    assert_batch(queue, 100, "[<<<<2]");
    pu_queue_free(queue);
}

static void the_age_of_the_oldest_is_known(void **state)
{
    struct pu_queue *queue = new_wide_queue();
    int64_t before = pu_clock_monotonic_ms();
    struct pu_queue_counts counts;
    struct pu_batch batch;

    (void)state;
    pu_queue_counts(queue, &counts);
    assert_int_equal(counts.oldest_at, 0);
    push_all(queue, "a");
    pu_queue_counts(queue, &counts);
    assert_in_range(counts.oldest_at, before, pu_clock_monotonic_ms());
    assert_batch(queue, 100, "[a]");
    pu_queue_counts(queue, &counts);
    assert_in_range(counts.oldest_at, before, pu_clock_monotonic_ms()); /* in the hand */
    pu_queue_settle(queue, 0);
    pu_queue_release(queue);
    pu_queue_counts(queue, &counts);
    assert_int_equal(counts.oldest_at, 0);
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
            assert_true(counts.messages <= 21 && counts.bytes <= 360);
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

static void a_closed_queue_takes_no_more_but_gives(void **state)
{
    struct pu_queue *queue = new_wide_queue();
    struct pu_batch batch;

    (void)state;
    push_all(queue, "a");
    pu_queue_close(queue);
    assert_result(push(queue, "b"), PU_ECLOSED);
    assert_batch(queue, 100, "[a]");
    pu_queue_free(queue);
}

static void only_a_sleeping_consumer_is_woken_and_once(void **state)
{
    const struct pu_message message = {.object = span("a")};
    struct pu_queue *queue = new_wide_queue();
    struct pu_batch batch;
    bool wake = true;

    (void)state;
    assert_result(pu_queue_push(queue, &message, &wake), PU_OK);
    assert_false(wake);
    assert_false(pu_queue_sleep(queue)); /* something waits */
    assert_batch(queue, 100, "[a]");
    settle_all(queue, &batch);
    assert_true(pu_queue_sleep(queue));
    assert_result(pu_queue_push(queue, &message, &wake), PU_OK);
    assert_true(wake);
    assert_result(pu_queue_push(queue, &message, &wake), PU_OK);
    assert_false(wake);
    assert_batch(queue, 100, "[a,a]");
    settle_all(queue, &batch);
    assert_true(pu_queue_sleep(queue));
    pu_queue_awake(queue);
    assert_result(pu_queue_push(queue, &message, &wake), PU_OK);
    assert_false(wake);
    pu_queue_free(queue);
}

static void refusals_are_counted_per_message(void **state)
{
    struct pu_queue *queue = new_wide_queue();
    struct pu_batch batch;
    struct pu_span second;

    (void)state;
    push_all(queue, "ab");
    assert_batch(queue, 100, "[a,b]");
    assert_int_equal(pu_queue_refuse(queue, 1), 1);
    pu_queue_settle(queue, 0);
    assert_batch(queue, 100, "[b]");
    assert_int_equal(pu_queue_refuse(queue, 0), 2);
    second = pu_queue_message(queue, 0);
    assert_bytes(second.bytes, second.length, "b");
    pu_queue_free(queue);
}

/* A burst of several megabytes, twice: the arenas grow, are given back, and grow again. */
static void bursts_pass_through(void **state)
{
    struct pu_queue *queue = new_queue(8000000, 10000, 100000);
    static char text[3001];
    struct pu_batch batch;

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    for (int burst = 0; burst < 4; burst++) {
        size_t taken = 0;

        for (int i = 0; i < 1000; i++)
            assert_result(push(queue, text), PU_OK);
        while (pu_queue_take(queue, 100, 100000, &batch)) {
            assert_int_equal(batch.length, batch.count * 3001 + 1);
            taken += batch.count;
            settle_all(queue, &batch);
        }
        assert_int_equal(taken, 1000);
    }
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
        cmocka_unit_test(a_batch_is_a_json_array_in_order),
        cmocka_unit_test(a_batch_keeps_to_both_limits_but_takes_one_at_least),
        cmocka_unit_test(what_is_not_settled_comes_again_whole_or_in_parts),
        cmocka_unit_test(a_hole_in_a_batch_is_not_sent_again),
        cmocka_unit_test(ids_are_numbered_in_order_and_found_again),
        cmocka_unit_test(a_malformed_id_is_not_found),
        cmocka_unit_test(a_full_queue_drops_its_oldest),
        cmocka_unit_test(what_is_in_the_hand_is_never_dropped),
        cmocka_unit_test(the_newest_is_kept_when_the_hand_fills_the_queue),
        cmocka_unit_test(what_the_queue_could_never_hold_is_too_large),
        cmocka_unit_test(a_message_refused_after_writing_leaves_nothing),
        cmocka_unit_test(the_age_of_the_oldest_is_known),
        cmocka_unit_test(it_does_what_a_list_would),
        cmocka_unit_test(a_closed_queue_takes_no_more_but_gives),
        cmocka_unit_test(only_a_sleeping_consumer_is_woken_and_once),
        cmocka_unit_test(refusals_are_counted_per_message),
        cmocka_unit_test(bursts_pass_through),
        cmocka_unit_test(four_producers_one_consumer),
    };

    return cmocka_run_group_tests_name("queue", tests, NULL, NULL);
}
