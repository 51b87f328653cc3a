#include "pu_http.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <curl/curl.h>

#include "pu_buf.h"

#define LARGEST_ANSWER ((size_t)1024 * 1024)
#define LONGEST_HEADER ((size_t)16 * 1024)
#define OLDEST_CONNECTION 118L /* seconds: under the two minutes after which servers and balancers hang up */
#define SOCKETS 16             /* one connection at a time, and the addresses that connecting races through */

/* An open socket, known by number and by file, so that a child never closes a number that means another file by now. */
struct open_socket {
    atomic_int number; /* -1: free */
    dev_t device;
    ino_t file;
};

struct pu_http {
    CURLM *multi;
    CURL *easy;
    struct curl_slist *headers;
    struct pu_buf reply;
    struct pu_http_answer answer;
    struct open_socket sockets[SOCKETS];
    size_t body_length;
    bool fresh; /* asked for a connection of its own */
    bool busy;
    bool failed; /* the POST could not even be begun */
    char error[CURL_ERROR_SIZE];
};

enum pu_result pu_http_setup(void)
{
    return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? PU_OK : PU_ETRANSPORT;
}

static void remember_socket(struct pu_http *http, int number)
{
    struct stat file;

    if (fstat(number, &file) != 0)
        return;
    for (size_t i = 0; i < SOCKETS; i++) {
        struct open_socket *slot = &http->sockets[i];

        if (atomic_load(&slot->number) == -1) {
            slot->device = file.st_dev;
            slot->file = file.st_ino;
            atomic_store(&slot->number, number);
            return;
        }
    }
}

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    int number;

    (void)purpose;
#ifdef SOCK_CLOEXEC
    number = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
#else
    number = socket(address->family, address->socktype, address->protocol);
    if (number != -1)
        (void)fcntl(number, F_SETFD, FD_CLOEXEC);
#endif
    if (number == -1)
        return CURL_SOCKET_BAD;
    remember_socket(context, number);
    return number;
}

/* Forgotten first, closed second: a child forked in between leaks a socket instead of closing a stranger's file. */
static int close_socket(void *context, curl_socket_t number)
{
    struct pu_http *http = context;

    for (size_t i = 0; i < SOCKETS; i++) {
        int expected = number;

        if (atomic_compare_exchange_strong(&http->sockets[i].number, &expected, -1))
            break;
    }
    return close(number);
}

static size_t receive(char *bytes, size_t size, size_t count, void *context)
{
    struct pu_http *http = context;

    return pu_buf_append(&http->reply, bytes, size * count) == PU_OK ? size * count : 0;
}

/* name - with its colon, and the space that an empty value must not have */
static bool add_header(struct pu_http *http, const char *name, const char *value)
{
    struct curl_slist *longer = NULL;
    struct pu_buf line;

    pu_buf_init(&line, LONGEST_HEADER);
    pu_buf_append_text(&line, name);
    pu_buf_append_text(&line, value);
    if (pu_buf_append(&line, "", 1) == PU_OK)
        longer = curl_slist_append(http->headers, line.bytes);
    if (longer != NULL)
        http->headers = longer;
    pu_buf_cleanup(&line);
    return longer != NULL;
}

/* The Ruby world's habit: a proxy named by the environment is not asked for the machine itself. */
static bool is_this_machine(const char *host)
{
    return strcasecmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 || strcmp(host, "[::1]") == 0;
}

/* One part of the address, or NULL where there is none. */
static char *url_part(CURLU *url, CURLUPart part, unsigned flags)
{
    char *text = NULL;

    return curl_url_get(url, part, &text, flags) == CURLUE_OK ? text : NULL;
}

/* libcurl is given the address without user and password, so that no error text of its can show them. */
static enum pu_result set_url(struct pu_http *http, const char *text)
{
    enum pu_result result = PU_EURL;
    CURLU *url = curl_url();
    char *scheme = NULL, *host = NULL, *user = NULL, *password = NULL, *bare = NULL;

    if (url == NULL) {
        result = PU_ENOMEM;
        goto done;
    }
    if (curl_url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK)
        goto done;
    scheme = url_part(url, CURLUPART_SCHEME, 0);
    host = url_part(url, CURLUPART_HOST, 0);
    user = url_part(url, CURLUPART_USER, CURLU_URLDECODE);
    password = url_part(url, CURLUPART_PASSWORD, CURLU_URLDECODE);
    if (scheme == NULL || host == NULL || (strcasecmp(scheme, "http") != 0 && strcasecmp(scheme, "https") != 0))
        goto done;
    curl_url_set(url, CURLUPART_USER, NULL, 0);
    curl_url_set(url, CURLUPART_PASSWORD, NULL, 0);
    bare = url_part(url, CURLUPART_URL, 0);
    result = bare != NULL && curl_easy_setopt(http->easy, CURLOPT_URL, bare) == CURLE_OK &&
                     curl_easy_setopt(http->easy, CURLOPT_USERNAME, user) == CURLE_OK &&
                     curl_easy_setopt(http->easy, CURLOPT_PASSWORD, password) == CURLE_OK &&
                     (!is_this_machine(host) || curl_easy_setopt(http->easy, CURLOPT_PROXY, "") == CURLE_OK)
                 ? PU_OK
                 : PU_ENOMEM;
done:
    curl_free(scheme);
    curl_free(host);
    curl_free(user);
    curl_free(password);
    curl_free(bare);
    curl_url_cleanup(url);
    return result;
}

static bool set_headers(struct pu_http *http, const struct pu_http_options *options)
{
    return add_header(http, "Content-Type: ", "application/json") &&
           add_header(http, "Expect:", "") && /* or libcurl waits a second for a 100 that Faye never sends */
           (options->authorization == NULL || add_header(http, "Authorization: ", options->authorization)) &&
           curl_easy_setopt(http->easy, CURLOPT_HTTPHEADER, http->headers) == CURLE_OK;
}

static bool set_protocols(CURL *easy)
{
#if LIBCURL_VERSION_NUM >= 0x075500
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK;
#else
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS)) == CURLE_OK;
#endif
}

static bool set_callbacks(struct pu_http *http)
{
    CURL *easy = http->easy;

    return curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, http->error) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEDATA, http) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, http) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, http) == CURLE_OK;
}

static bool set_tls(CURL *easy, const struct pu_http_options *options)
{
    return curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, options->verify ? 1L : 0L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, options->verify ? 2L : 0L) == CURLE_OK &&
           (options->ca_file == NULL || curl_easy_setopt(easy, CURLOPT_CAINFO, options->ca_file) == CURLE_OK);
}

static bool set_options(struct pu_http *http, const struct pu_http_options *options)
{
    CURL *easy = http->easy;

    return curl_easy_setopt(easy, CURLOPT_POST, 1L) == CURLE_OK && set_protocols(easy) &&
           curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, OLDEST_CONNECTION) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, options->open_timeout_ms) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, options->timeout_ms) == CURLE_OK &&
           curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, 1L) == CURLM_OK && set_tls(easy, options) &&
           set_callbacks(http) && set_headers(http, options);
}

enum pu_result pu_http_new(const struct pu_http_options *options, struct pu_http **http)
{
    enum pu_result result = PU_ENOMEM;
    struct pu_http *made = calloc(1, sizeof(*made));

    if (made == NULL)
        goto done;
    for (size_t i = 0; i < SOCKETS; i++)
        atomic_init(&made->sockets[i].number, -1);
    pu_buf_init(&made->reply, LARGEST_ANSWER);
    made->easy = curl_easy_init();
    made->multi = curl_multi_init();
    if (made->easy == NULL || made->multi == NULL)
        goto done;
    result = set_url(made, options->url);
    if (result != PU_OK)
        goto done;
    result = PU_ETRANSPORT;
    if (!set_options(made, options))
        goto done;
    *http = made;
    made = NULL;
    result = PU_OK;
done:
    pu_http_free(made);
    return result;
}

void pu_http_free(struct pu_http *http)
{
    if (http == NULL)
        return;
    pu_http_cancel(http);
    curl_easy_cleanup(http->easy);
    curl_multi_cleanup(http->multi);
    curl_slist_free_all(http->headers);
    pu_buf_cleanup(&http->reply);
    free(http);
}

void pu_http_abandon(struct pu_http *http)
{
    for (size_t i = 0; i < SOCKETS; i++) {
        struct open_socket *slot = &http->sockets[i];
        int number = atomic_load(&slot->number);
        struct stat file;

        if (number != -1 && fstat(number, &file) == 0 && file.st_dev == slot->device && file.st_ino == slot->file)
            (void)close(number);
    }
}

void pu_http_post(struct pu_http *http, const char *body, size_t length, bool fresh)
{
    CURL *easy = http->easy;

    pu_buf_clear(&http->reply);
    http->error[0] = '\0';
    http->body_length = length;
    http->fresh = fresh;
    http->failed = curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body) != CURLE_OK ||
                   curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length) != CURLE_OK ||
                   curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L) != CURLE_OK ||
                   curl_multi_add_handle(http->multi, easy) != CURLM_OK;
    http->busy = !http->failed;
}

static enum pu_http_end end_of(CURLcode code)
{
    switch (code) {
    case CURLE_OK:
        return PU_HTTP_ANSWERED;
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
        return PU_HTTP_UNREACHABLE;
    case CURLE_OPERATION_TIMEDOUT:
        return PU_HTTP_TIMEOUT;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
        return PU_HTTP_TLS;
    case CURLE_UNSUPPORTED_PROTOCOL: /* an answer without a status line */
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
        return PU_HTTP_FOREIGN;
    default:
        return PU_HTTP_BROKEN;
    }
}

static void describe(struct pu_http *http, CURLcode code)
{
    struct pu_http_answer *answer = &http->answer;

    if (answer->end == PU_HTTP_ANSWERED)
        (void)snprintf(answer->text, sizeof(answer->text), "HTTP %ld", answer->status);
    else
        (void)snprintf(answer->text, sizeof(answer->text), "%s",
                       http->error[0] != '\0' ? http->error : curl_easy_strerror(code));
}

static void finish(struct pu_http *http, CURLcode code)
{
    struct pu_http_answer *answer = &http->answer;
    curl_off_t uploaded = 0;
    curl_off_t retry_after = 0;

    if (code == CURLE_WRITE_ERROR && http->reply.result != PU_OK) {
        /* Larger than any answer of Faye's: whose it is, the status may tell; the body no more. */
        pu_buf_clear(&http->reply);
        code = CURLE_OK;
    }
    *answer = (struct pu_http_answer){.end = end_of(code), .body = "", .length = http->reply.length};
    if (http->reply.length > 0)
        answer->body = http->reply.bytes;
    if (answer->end == PU_HTTP_ANSWERED)
        (void)curl_easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &answer->status);
    (void)curl_easy_getinfo(http->easy, CURLINFO_NUM_CONNECTS, &answer->connections);
    (void)curl_easy_getinfo(http->easy, CURLINFO_SIZE_UPLOAD_T, &uploaded);
    (void)curl_easy_getinfo(http->easy, CURLINFO_RETRY_AFTER, &retry_after);
    answer->reused = answer->connections == 0 && !http->fresh;
    answer->uploaded = (size_t)uploaded == http->body_length;
    answer->retry_after_ms = retry_after > 0 && retry_after < INT_MAX ? (int64_t)retry_after * 1000 : 0;
    describe(http, code);
}

const struct pu_http_answer *pu_http_step(struct pu_http *http)
{
    CURLMcode code = CURLM_OK;
    const CURLMsg *message;
    int running;
    int left;

    if (http->busy)
        code = curl_multi_perform(http->multi, &running);
    if (http->failed || code != CURLM_OK) {
        pu_http_cancel(http);
        http->failed = false;
        finish(http, CURLE_OUT_OF_MEMORY);
        return &http->answer;
    }
    message = curl_multi_info_read(http->multi, &left);
    if (message == NULL || message->msg != CURLMSG_DONE)
        return NULL;
    finish(http, message->data.result);
    pu_http_cancel(http);
    return &http->answer;
}

void pu_http_wait(struct pu_http *http, int64_t timeout_ms)
{
    int milliseconds = timeout_ms > INT_MAX ? INT_MAX : (int)timeout_ms;

    (void)curl_multi_poll(http->multi, NULL, 0, milliseconds, NULL);
}

void pu_http_wake(struct pu_http *http)
{
    (void)curl_multi_wakeup(http->multi);
}

void pu_http_cancel(struct pu_http *http)
{
    if (http->busy)
        (void)curl_multi_remove_handle(http->multi, http->easy);
    http->busy = false;
}
