#include "test_support.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "child.h"
#include "fault_server.h"
#include "pu_clock.h"
#include "pu_http.h"

#define BODY "[{\"channel\":\"/sync/x\",\"id\":\"a-1\",\"data\":{\"object\":{\"n\":1}}}]"

static char url[256];

static struct pu_http_options options_for(const char *scheme_and_user, int port)
{
    (void)snprintf(url, sizeof(url), "%s127.0.0.1:%d/faye", scheme_and_user, port);
    return (struct pu_http_options){.url = url, .verify = true, .open_timeout_ms = 5000, .timeout_ms = 20000};
}

static struct pu_http *new_client(const struct pu_http_options *options)
{
    struct pu_http *http = NULL;

    assert_result(pu_http_new(options, &http), PU_OK);
    return http;
}

static const struct pu_http_answer *wait_for_answer(struct pu_http *http)
{
    int64_t deadline = pu_clock_monotonic_ms() + 20000;
    const struct pu_http_answer *answer = pu_http_step(http);

    while (answer == NULL) {
        assert_true(pu_clock_monotonic_ms() < deadline);
        pu_http_wait(http, 1000);
        answer = pu_http_step(http);
    }
    return answer;
}

static const struct pu_http_answer *post(struct pu_http *http)
{
    pu_http_post(http, BODY, strlen(BODY), false);
    return wait_for_answer(http);
}

static int set_up(void **state)
{
    *state = fault_server_start(0);
    return *state == NULL;
}

static int tear_down(void **state)
{
    fault_server_stop(*state);
    return 0;
}

static void posts_json_over_one_kept_connection(void **state)
{
    struct pu_http_options options = options_for("http://", fault_server_port(*state));
    struct pu_http *http;
    char request[4096];

    options.authorization = "Bearer k3y";
    http = new_client(&options);
    for (int i = 0; i < 3; i++) {
        const struct pu_http_answer *answer = post(http);

        assert_int_equal(answer->end, PU_HTTP_ANSWERED);
        assert_int_equal(answer->status, 200);
        assert_bytes(answer->body, answer->length, "[{\"channel\":\"/sync/x\",\"id\":\"a-1\",\"successful\":true}]");
        assert_int_equal(answer->connections, i == 0);
        assert_int_equal(answer->reused, i > 0);
        assert_true(answer->uploaded);
    }
    assert_int_equal(fault_server_connections(*state), 1);
    fault_server_request(*state, request, sizeof(request));
    assert_memory_equal(request, "POST /faye HTTP/1.1\r\n", 21);
    assert_non_null(strstr(request, "\r\nContent-Type: application/json\r\n"));
    assert_non_null(strstr(request, "\r\nAuthorization: Bearer k3y\r\n"));
    assert_null(strstr(request, "\r\nExpect:"));
    assert_non_null(strstr(request, "\r\n\r\n" BODY));
    pu_http_free(http);
}

static void opens_a_fresh_connection_when_asked(void **state)
{
    struct pu_http_options options = options_for("http://", fault_server_port(*state));
    struct pu_http *http = new_client(&options);

    post(http);
    pu_http_post(http, BODY, strlen(BODY), true);
    assert_false(wait_for_answer(http)->reused);
    assert_int_equal(fault_server_connections(*state), 2);
    pu_http_free(http);
}

static void takes_only_http_addresses(void **state)
{
    static const char *const bad[] = {
        "",        "localhost:9292/faye", "ftp://localhost/faye",        "file:///etc/passwd",
        "http://", "http://local host/",  "http://localhost:99999/faye", "http://localhost:x/"};
    static const char *const good[] = {"http://localhost:9292/faye", "HTTPS://push.example.com/faye",
                                       "http://[::1]:9292/faye"};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        const struct pu_http_options options = {.url = bad[i], .open_timeout_ms = 1000, .timeout_ms = 1000};
        struct pu_http *http = NULL;

        assert_result(pu_http_new(&options, &http), PU_EURL);
        assert_null(http);
    }
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        const struct pu_http_options options = {.url = good[i], .open_timeout_ms = 1000, .timeout_ms = 1000};

        pu_http_free(new_client(&options));
    }
}

static void credentials_are_sent_but_never_told(void **state)
{
    struct pu_http_options options = options_for("http://ann:s%20cret@", fault_server_port(*state));
    struct pu_http *http = new_client(&options);
    const struct pu_http_answer *answer = post(http);
    char request[4096];

    assert_int_equal(answer->status, 200);
    fault_server_request(*state, request, sizeof(request));
    assert_non_null(strstr(request, "\r\nAuthorization: Basic YW5uOnMgY3JldA==\r\n")); /* ann:s cret */
    fault_server_fail(*state, FAULT_CLOSE_BEFORE, 0, -1);
    pu_http_post(http, BODY, strlen(BODY), true);
    answer = wait_for_answer(http);
    assert_int_equal(answer->end, PU_HTTP_BROKEN);
    assert_true(strlen(answer->text) > 0);
    assert_null(strstr(answer->text, "cret"));
    assert_null(strstr(answer->text, "ann"));
    pu_http_free(http);
}

static void a_closed_port_is_unreachable_and_says_where(void **state)
{
    struct fault_server *gone = fault_server_start(0);
    struct pu_http_options options = options_for("http://bob:hidden@", fault_server_port(gone));
    struct pu_http *http = new_client(&options);
    const struct pu_http_answer *answer;

    (void)state;
    fault_server_stop(gone);
    answer = post(http);
    assert_int_equal(answer->end, PU_HTTP_UNREACHABLE);
    assert_int_equal(answer->status, 0);
    assert_int_equal(answer->length, 0);
    assert_non_null(strstr(answer->text, "127.0.0.1"));
    assert_null(strstr(answer->text, "hidden"));
    pu_http_free(http);
}

static void an_answer_that_does_not_come_is_a_timeout(void **state)
{
    struct pu_http_options options = options_for("http://", fault_server_port(*state));
    struct pu_http *http;

    options.timeout_ms = 100;
    http = new_client(&options);
    fault_server_fail(*state, FAULT_HANG, 0, 1);
    assert_int_equal(post(http)->end, PU_HTTP_TIMEOUT);
    pu_http_free(http);
}

static void a_redirect_is_not_followed(void **state)
{
    struct pu_http_options options = options_for("http://", fault_server_port(*state));
    struct pu_http *http = new_client(&options);

    fault_server_headers(*state, "Location: /elsewhere\r\n");
    fault_server_fail(*state, FAULT_STATUS, 302, 1);
    assert_int_equal(post(http)->status, 302);
    assert_int_equal(fault_server_requests(*state), 1);
    pu_http_free(http);
}

/* The fault server plays the proxy. A name below .localhost is this machine to the resolver, but not to a proxy's rule.
 */
static void a_proxy_of_the_environment_is_asked(void **state)
{
    char proxy[64];
    char address[64];
    char request[4096];
    struct pu_http_options options = {.url = address, .verify = true, .open_timeout_ms = 5000, .timeout_ms = 20000};
    struct pu_http *http;

    (void)snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%d", fault_server_port(*state));
    (void)snprintf(address, sizeof(address), "http://push.localhost:%d/faye", fault_server_port(*state));
    setenv("http_proxy", proxy, 1);
    http = new_client(&options);
    assert_int_equal(post(http)->status, 200);
    fault_server_request(*state, request, sizeof(request));
    assert_memory_equal(request, "POST http://push.localhost:", 27);
    pu_http_free(http);
    setenv("no_proxy", "example.org,push.localhost", 1);
    http = new_client(&options);
    assert_int_equal(post(http)->status, 200);
    fault_server_request(*state, request, sizeof(request));
    assert_memory_equal(request, "POST /faye HTTP/1.1\r\n", 21);
    pu_http_free(http);
    unsetenv("no_proxy");
    options = options_for("http://", fault_server_port(*state));
    http = new_client(&options);
    assert_int_equal(post(http)->status, 200);
    fault_server_request(*state, request, sizeof(request));
    assert_memory_equal(request, "POST /faye HTTP/1.1\r\n", 21); /* never for the machine itself */
    pu_http_free(http);
    unsetenv("http_proxy");
}

static void the_servers_wish_to_wait_is_read(void **state)
{
    struct pu_http_options options = options_for("http://", fault_server_port(*state));
    struct pu_http *http = new_client(&options);
    const struct pu_http_answer *answer;

    fault_server_headers(*state, "Retry-After: 7\r\n");
    fault_server_fail(*state, FAULT_STATUS, 503, 1);
    answer = post(http);
    assert_int_equal(answer->status, 503);
    assert_int_equal(answer->retry_after_ms, 7000);
    assert_string_equal(answer->text, "HTTP 503");
    pu_http_free(http);
}

static void too_large_an_answer_keeps_its_status_alone(void **state)
{
    struct pu_http_options options = options_for("http://", fault_server_port(*state));
    struct pu_http *http = new_client(&options);
    const struct pu_http_answer *answer;

    fault_server_fail(*state, FAULT_HUGE, 0, 1);
    answer = post(http);
    assert_int_equal(answer->end, PU_HTTP_ANSWERED);
    assert_int_equal(answer->status, 200);
    assert_int_equal(answer->length, 0);
    assert_int_equal(post(http)->status, 200); /* and the next one is whole again */
    pu_http_free(http);
}

static void who_speaks_no_http_is_foreign(void **state)
{
    struct pu_http_options options = options_for("http://", fault_server_port(*state));
    struct pu_http *http = new_client(&options);

    fault_server_fail(*state, FAULT_RAW, 0, 1);
    assert_int_equal(post(http)->end, PU_HTTP_FOREIGN);
    pu_http_free(http);
}

static void https_to_a_plain_port_is_a_tls_failure(void **state)
{
    struct pu_http_options options = options_for("https://", fault_server_port(*state));
    struct pu_http *http = new_client(&options);

    fault_server_fail(*state, FAULT_RAW, 0, -1);
    assert_int_equal(post(http)->end, PU_HTTP_TLS);
    pu_http_free(http);
}

static void *wake(void *http)
{
    const struct timespec pause = {.tv_nsec = 20000000};

    nanosleep(&pause, NULL);
    pu_http_wake(http);
    return NULL;
}

static void a_wait_can_be_woken_before_and_during(void **state)
{
    struct pu_http_options options = options_for("http://", fault_server_port(*state));
    struct pu_http *http = new_client(&options);
    int64_t before = pu_clock_monotonic_ms();
    pthread_t thread;

    pu_http_wake(http);
    pu_http_wait(http, 60000);
    assert_int_equal(pthread_create(&thread, NULL, wake, http), 0);
    pu_http_wait(http, 60000);
    assert_true(pu_clock_monotonic_ms() - before < 30000);
    assert_int_equal(pthread_join(thread, NULL), 0);
    pu_http_free(http);
}

static void a_cancelled_post_leaves_the_client_usable(void **state)
{
    struct pu_http_options options = options_for("http://", fault_server_port(*state));
    struct pu_http *http = new_client(&options);

    fault_server_fail(*state, FAULT_HANG, 0, 1);
    pu_http_post(http, BODY, strlen(BODY), false);
    assert_null(pu_http_step(http));
    pu_http_cancel(http);
    fault_server_fail(*state, FAULT_NONE, 0, 0);
    assert_int_equal(post(http)->status, 200);
    pu_http_free(http);
}

static int open_sockets(void)
{
    int sockets = 0;

    for (int number = 3; number < 256; number++) {
        char path[32];
        char target[64];
        ssize_t length;

        (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", number);
        length = readlink(path, target, sizeof(target) - 1);
        if (length > 0 && strncmp(target, "socket:", 7) == 0)
            sockets++;
    }
    return sockets;
}

/* In a child. Returns 0, or the number of the step that went wrong. */
static char abandon_and_begin_anew(void *inherited)
{
    struct pu_http_options options = {.url = url, .verify = true, .open_timeout_ms = 5000, .timeout_ms = 20000};
    struct pu_http *own = NULL;
    int before = open_sockets();
    long status;

    pu_http_abandon(inherited);
    if (before - open_sockets() != 1)
        return 1;
    if (pu_http_new(&options, &own) != PU_OK)
        return 2;
    status = post(own)->status;
    pu_http_free(own);
    return status == 200 ? 0 : 3;
}

static void a_child_lets_go_without_hurting_the_parents_connection(void **state)
{
    struct pu_http_options options = options_for("http://", fault_server_port(*state));
    struct pu_http *http = new_client(&options);

    post(http);
    assert_int_equal(verdict_of_child(abandon_and_begin_anew, http), 0);
    assert_true(post(http)->reused);
    assert_int_equal(fault_server_connections(*state), 2); /* the parent's, and the child's own */
    pu_http_free(http);
}

/* In a child that, as a daemon does, has closed everything and opened other files under the same numbers. */
static char abandon_as_a_daemon(void *inherited)
{
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    char verdict = 1; /* no socket among the numbers: nothing was tried */

    for (int number = 3; number < 256; number++) {
        struct stat file;

        if (fstat(number, &file) != 0 || !S_ISSOCK(file.st_mode))
            continue;
        verdict = 0;
        dup2(null, number);
    }
    pu_http_abandon(inherited);
    for (int number = 3; number <= null; number++) {
        if (fcntl(number, F_GETFD) == -1)
            return 2;
    }
    return verdict;
}

static void another_file_under_an_old_number_is_left_alone(void **state)
{
    struct pu_http_options options = options_for("http://", fault_server_port(*state));
    struct pu_http *http = new_client(&options);

    post(http);
    assert_int_equal(verdict_of_child(abandon_as_a_daemon, http), 0);
    pu_http_free(http);
}

static int set_up_all(void **state)
{
    (void)state;
    return pu_http_setup() != PU_OK;
}

#define with_server(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_server(posts_json_over_one_kept_connection),
        with_server(opens_a_fresh_connection_when_asked),
        cmocka_unit_test(takes_only_http_addresses),
        with_server(credentials_are_sent_but_never_told),
        cmocka_unit_test(a_closed_port_is_unreachable_and_says_where),
        with_server(an_answer_that_does_not_come_is_a_timeout),
        with_server(a_redirect_is_not_followed),
        with_server(a_proxy_of_the_environment_is_asked),
        with_server(the_servers_wish_to_wait_is_read),
        with_server(too_large_an_answer_keeps_its_status_alone),
        with_server(who_speaks_no_http_is_foreign),
        with_server(https_to_a_plain_port_is_a_tls_failure),
        with_server(a_wait_can_be_woken_before_and_during),
        with_server(a_cancelled_post_leaves_the_client_usable),
        with_server(a_child_lets_go_without_hurting_the_parents_connection),
        with_server(another_file_under_an_old_number_is_left_alone),
    };

    return cmocka_run_group_tests_name("http", tests, set_up_all, NULL);
}
