/* limit.c - how fast messages can be brought to a server at best: a plain C program that posts by libcurl, over one
 * connection, one request after the other, as nothing else is in its way (benchmark/courier.rb).
 *
 *   limit URL SOURCE OBJECT BATCH MESSAGES
 *
 * The bodies are written before the clock runs. Every answer is read: a message that is not answered ends the program
 * with 1. Prints the seconds on the clock and the seconds of CPU.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <curl/curl.h>

#define SUCCESSFUL "\"successful\":true"

struct answer {
    char *bytes;
    size_t length;
    size_t room;
};

static void fail(const char *what)
{
    (void)fprintf(stderr, "limit: %s\n", what);
    exit(1);
}

static size_t receive(char *bytes, size_t size, size_t count, void *context)
{
    struct answer *answer = context;
    size_t length = size * count;

    if (answer->room - answer->length < length) {
        answer->room = (answer->length + length) * 2;
        answer->bytes = realloc(answer->bytes, answer->room);
        if (answer->bytes == NULL)
            return 0;
    }
    memcpy(answer->bytes + answer->length, bytes, length);
    answer->length += length;
    return length;
}

static size_t successes(const struct answer *answer)
{
    const char *at = answer->bytes;
    const char *end = at + answer->length;
    size_t count = 0;

    while (at != NULL && (at = memmem(at, (size_t)(end - at), SUCCESSFUL, sizeof(SUCCESSFUL) - 1)) != NULL) {
        at += sizeof(SUCCESSFUL) - 1;
        count++;
    }
    return count;
}

static char *write_body(const char *source, const char *object, size_t first, size_t batch)
{
    char *body = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&body, &length);

    if (stream == NULL)
        fail("no memory");
    for (size_t number = first; number < first + batch; number++)
        (void)fprintf(
            stream,
            "%c{\"channel\":\"/sync/bench\",\"id\":\"%s-%zu\",\"data\":{\"id\":\"%s-%zu\",\"event\":\"update\","
            "\"object\":%s,\"at\":1700000000000000}}",
            number == first ? '[' : ',', source, number, source, number, object);
    (void)fputc(']', stream);
    if (fclose(stream) != 0)
        fail("no memory");
    return body;
}

static double seconds(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static CURL *make_client(const char *url, struct answer *answer)
{
    CURL *easy = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");

    headers = curl_slist_append(headers, "Expect:"); /* or it waits for a 100 that Faye never sends */
    if (easy == NULL || headers == NULL || curl_easy_setopt(easy, CURLOPT_URL, url) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_PROXY, "") != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, answer) != CURLE_OK)
        fail("libcurl cannot be set up");
    return easy;
}

static void post(CURL *easy, const char *body, size_t batch, struct answer *answer)
{
    long status = 0;

    answer->length = 0;
    if (curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body) != CURLE_OK || curl_easy_perform(easy) != CURLE_OK ||
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK || status != 200)
        fail("a POST has failed");
    if (successes(answer) != batch)
        fail("a message is not answered");
}

int main(int count, char **words)
{
    struct answer answer = {0};
    size_t batch = count == 6 ? strtoul(words[4], NULL, 10) : 0;
    size_t messages = count == 6 ? strtoul(words[5], NULL, 10) : 0;
    char **bodies;
    double wall, cpu;
    CURL *easy;

    if (batch == 0 || messages == 0 || messages % batch != 0)
        fail("limit URL SOURCE OBJECT BATCH MESSAGES");
    bodies = calloc(messages / batch, sizeof(*bodies));
    if (bodies == NULL)
        fail("no memory");
    for (size_t i = 0; i < messages / batch; i++)
        bodies[i] = write_body(words[2], words[3], i * batch + 1, batch);
    easy = make_client(words[1], &answer);
    wall = seconds(CLOCK_MONOTONIC);
    cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    for (size_t i = 0; i < messages / batch; i++)
        post(easy, bodies[i], batch, &answer);
    wall = seconds(CLOCK_MONOTONIC) - wall;
    cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    (void)printf("%.9f %.9f\n", wall, cpu);
    return 0;
}
