/* fault_state.h - what the parts of the fault server share. */
#ifndef FAULT_STATE_H
#define FAULT_STATE_H

#include <pthread.h>

#include "fault_server.h"

#define CONNECTIONS 256
#define TAKEN 200000
#define HEADERS 256

struct connection {
    struct fault_server *server; /* NULL: the place was never used, there is no thread */
    pthread_t thread;
    bool open;
    int socket; /* while open */
};

/* Everything that changes is guarded by the mutex. */
struct fault_server {
    pthread_mutex_t mutex;
    pthread_cond_t stopping_changed;
    pthread_t acceptor;
    int listener;
    int port;
    int log; /* -1: none */
    bool mortal;
    void (*take)(void *context, const char *message, size_t length);
    void *context;
    bool stopping;
    enum fault fault;
    long argument;
    int faults_left;
    char headers[HEADERS];
    int requests;
    int connection_count;
    int busy_answers;
    struct connection connections[CONNECTIONS];
    long *taken;
    size_t taken_count;
    char last[4096];
};

#endif
