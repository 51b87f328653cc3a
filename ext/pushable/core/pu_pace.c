#include "pu_pace.h"

#define SLOW_MS INT64_C(250)
#define QUICK_MS INT64_C(50)
#define STEADY 10

void pu_pace_init(struct pu_pace *pace)
{
    *pace = (struct pu_pace){.messages = PU_PACE_MESSAGES, .bytes = PU_PACE_BYTES, .most_bytes = PU_PACE_BYTES};
}

size_t pu_pace_messages(const struct pu_pace *pace, bool one)
{
    if (one)
        return 1;
    return pace->searching > 0 && pace->searching < pace->messages ? pace->searching : pace->messages;
}

size_t pu_pace_bytes(const struct pu_pace *pace)
{
    return pace->bytes < pace->most_bytes ? pace->bytes : pace->most_bytes;
}

static void grow(struct pu_pace *pace)
{
    pace->messages = pace->messages > PU_PACE_MESSAGES / 2 ? PU_PACE_MESSAGES : pace->messages * 2;
    pace->bytes = pace->bytes > PU_PACE_BYTES / 2 ? PU_PACE_BYTES : pace->bytes * 2;
    pace->steady = 0;
}

void pu_pace_answered(struct pu_pace *pace, size_t count, int64_t milliseconds)
{
    if (milliseconds <= SLOW_MS) {
        pace->steady++;
        if (milliseconds < QUICK_MS || pace->steady >= STEADY)
            grow(pace);
        return;
    }
    pace->steady = 0;
    /* What made a small batch slow was not its size. */
    if (pace->messages > 1 && count > pace->messages / 2) {
        pace->messages /= 2;
        pace->bytes /= 2;
    }
}

void pu_pace_split(struct pu_pace *pace, size_t count, uint64_t first_seq)
{
    pace->searching = count / 2;
    pace->search_end = first_seq + count;
}

void pu_pace_too_large(struct pu_pace *pace, size_t bytes)
{
    pace->most_bytes = bytes / 2;
}

bool pu_pace_past(struct pu_pace *pace, uint64_t first_seq)
{
    if (pace->searching == 0 || first_seq < pace->search_end)
        return false;
    pu_pace_found(pace);
    return true;
}

void pu_pace_found(struct pu_pace *pace)
{
    pace->searching = 0;
}

bool pu_pace_searching(const struct pu_pace *pace)
{
    return pace->searching > 0;
}
