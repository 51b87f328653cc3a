#include "fault_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fault_batch.h"
#include "fault_serve.h"
#include "fault_state.h"

/* --- Threads --- */

static void *serve_connection(void *context)
{
    struct connection *connection = context;
    struct fault_server *server = connection->server;

    serve_all(server, connection->socket);
    pthread_mutex_lock(&server->mutex);
    connection->open = false; /* its number may be another's from here on */
    close(connection->socket);
    pthread_mutex_unlock(&server->mutex);
    return NULL;
}

/* A place that was never used, or whose thread is at its end. Returns NULL when all are open. */
static struct connection *free_place(struct fault_server *server)
{
    for (size_t i = 0; i < CONNECTIONS; i++) {
        struct connection *connection = &server->connections[i];

        if (connection->open)
            continue;
        if (connection->server != NULL)
            pthread_join(connection->thread, NULL);
        return connection;
    }
    return NULL;
}

static void accept_one(struct fault_server *server, int socket)
{
    struct connection *connection;
    int on = 1;

    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    pthread_mutex_lock(&server->mutex);
    connection = server->stopping ? NULL : free_place(server);
    if (connection == NULL) {
        close(socket);
    } else {
        server->connection_count++;
        *connection = (struct connection){.server = server, .open = true, .socket = socket};
        if (pthread_create(&connection->thread, NULL, serve_connection, connection) != 0)
            abort();
    }
    pthread_mutex_unlock(&server->mutex);
}

static void *accept_connections(void *context)
{
    struct fault_server *server = context;

    for (;;) {
        int socket = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);

        if (socket == -1 && (errno == EINTR || errno == ECONNABORTED))
            continue;
        if (socket == -1)
            return NULL;
        accept_one(server, socket);
    }
}

static int listen_on(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)*port)};
    socklen_t size = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(listener, 64) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) != 0) {
        close(listener);
        return -1;
    }
    *port = ntohs(address.sin_port);
    return listener;
}

static int open_log(const char *path)
{
    int log = path != NULL ? open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644) : -1;

    if (path != NULL && log == -1)
        abort();
    return log;
}

struct fault_server *fault_server_open(const struct fault_options *options)
{
    struct fault_server *server = calloc(1, sizeof(*server));

    if (server == NULL)
        abort();
    server->port = options->port;
    server->mortal = options->mortal;
    server->take = options->taken;
    server->context = options->context;
    server->taken = malloc(TAKEN * sizeof(*server->taken));
    server->listener = listen_on(&server->port);
    if (server->taken == NULL || server->listener == -1) {
        free(server->taken);
        free(server);
        return NULL;
    }
    server->log = open_log(options->log);
    batch_log_start(server);
    pthread_mutex_init(&server->mutex, NULL);
    pthread_cond_init(&server->stopping_changed, NULL);
    if (pthread_create(&server->acceptor, NULL, accept_connections, server) != 0)
        abort();
    return server;
}

struct fault_server *fault_server_start(int port)
{
    return fault_server_open(&(struct fault_options){.port = port});
}

void fault_server_stop(struct fault_server *server)
{
    pthread_mutex_lock(&server->mutex);
    server->stopping = true;
    pthread_cond_broadcast(&server->stopping_changed);
    pthread_mutex_unlock(&server->mutex);
    shutdown(server->listener, SHUT_RDWR);
    pthread_join(server->acceptor, NULL);
    close(server->listener);
    pthread_mutex_lock(&server->mutex);
    for (size_t i = 0; i < CONNECTIONS; i++) {
        if (server->connections[i].open)
            shutdown(server->connections[i].socket, SHUT_RDWR);
    }
    pthread_mutex_unlock(&server->mutex);
    for (size_t i = 0; i < CONNECTIONS; i++) {
        if (server->connections[i].server != NULL)
            pthread_join(server->connections[i].thread, NULL);
    }
    pthread_cond_destroy(&server->stopping_changed);
    pthread_mutex_destroy(&server->mutex);
    if (server->log != -1)
        close(server->log);
    free(server->taken);
    free(server);
}

/* --- The tests' side --- */

int fault_server_port(const struct fault_server *server)
{
    return server->port;
}

void fault_server_fail(struct fault_server *server, enum fault fault, long argument, int count)
{
    pthread_mutex_lock(&server->mutex);
    server->fault = fault;
    server->argument = argument;
    server->faults_left = count;
    pthread_mutex_unlock(&server->mutex);
}

void fault_server_headers(struct fault_server *server, const char *lines)
{
    pthread_mutex_lock(&server->mutex);
    (void)snprintf(server->headers, sizeof(server->headers), "%s", lines);
    pthread_mutex_unlock(&server->mutex);
}

size_t fault_server_taken(struct fault_server *server, long *numbers, size_t room)
{
    size_t count;

    pthread_mutex_lock(&server->mutex);
    count = server->taken_count < room ? server->taken_count : room;
    memcpy(numbers, server->taken, count * sizeof(*numbers));
    pthread_mutex_unlock(&server->mutex);
    return count;
}

static int read_locked(struct fault_server *server, const int *number)
{
    int value;

    pthread_mutex_lock(&server->mutex);
    value = *number;
    pthread_mutex_unlock(&server->mutex);
    return value;
}

int fault_server_requests(struct fault_server *server)
{
    return read_locked(server, &server->requests);
}

int fault_server_connections(struct fault_server *server)
{
    return read_locked(server, &server->connection_count);
}

void fault_server_request(struct fault_server *server, char *copy, size_t room)
{
    pthread_mutex_lock(&server->mutex);
    (void)snprintf(copy, room, "%s", server->last);
    pthread_mutex_unlock(&server->mutex);
}
