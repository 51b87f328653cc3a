#include "fault_control.h"

#include <stdio.h>
#include <string.h>

#include "fault_state.h"
#include "fault_wire.h"

static const struct {
    const char *name;
    enum fault fault;
} fault_names[] = {
    {"none", FAULT_NONE},
    {"latency", FAULT_SLOW},
    {"bandwidth", FAULT_BANDWIDTH},
    {"slicer", FAULT_SLICER},
    {"timeout", FAULT_HANG},
    {"reset_peer", FAULT_RESET},
    {"limit_data", FAULT_LIMIT_DATA},
    {"close_before", FAULT_CLOSE_BEFORE},
    {"close_after", FAULT_CLOSE_AFTER},
    {"close", FAULT_CLOSE},
    {"status", FAULT_STATUS},
    {"html", FAULT_HTML},
    {"foreign_ids", FAULT_FOREIGN_IDS},
    {"huge", FAULT_HUGE},
    {"raw", FAULT_RAW},
    {"too_large", FAULT_LARGE},
};

static bool set_fault(struct fault_server *server, const char *request)
{
    char name[32];
    long argument;
    int count;
    int retry_after = -1;
    char headers[HEADERS] = "";

    if (sscanf(request, "%*s /control/%31[a-z_]/%ld/%d/%d", name, &argument, &count, &retry_after) < 3)
        return false;
    for (size_t i = 0; i < sizeof(fault_names) / sizeof(*fault_names); i++) {
        if (strcmp(fault_names[i].name, name) != 0)
            continue;
        if (retry_after >= 0)
            (void)snprintf(headers, sizeof(headers), "Retry-After: %d\r\n", retry_after);
        fault_server_headers(server, headers);
        fault_server_fail(server, fault_names[i].fault, argument, count);
        return true;
    }
    return false;
}

static bool write_stats(struct fault_server *server, const char *request, char *text, size_t room)
{
    if (strncmp(strchr(request, ' ') + 1, "/stats ", strlen("/stats ")) != 0)
        return false;
    pthread_mutex_lock(&server->mutex);
    (void)snprintf(text, room, "{\"requests\":%d,\"connections\":%d,\"taken\":%zu,\"faults_left\":%d}",
                   server->requests, server->connection_count, server->taken_count, server->faults_left);
    pthread_mutex_unlock(&server->mutex);
    return true;
}

static bool is_control(const char *request)
{
    const char *path = strchr(request, ' ');

    return path != NULL && (strncmp(path, " /control/", strlen(" /control/")) == 0 ||
                            strncmp(path, " /stats ", strlen(" /stats ")) == 0);
}

bool control_answer(struct fault_server *server, int socket, const char *request)
{
    char text[256] = "{}";
    struct answer answer = {.status = 200, .type = "application/json", .headers = "", .body = text};

    if (!is_control(request))
        return false;
    if (!set_fault(server, request) && !write_stats(server, request, text, sizeof(text)))
        answer.status = 404;
    answer.length = strlen(text);
    (void)wire_answer(socket, &answer, (struct manner){0});
    return true;
}
