/* pu_result.h - what a call of the core came to, as a value.
 *
 * Every function that can fail returns one of these; out-parameters are written on PU_OK only.
 * Calls no Ruby API: any thread, with or without the GVL.
 */
#ifndef PU_RESULT_H
#define PU_RESULT_H

#if defined(__GNUC__)
#define PU_NODISCARD __attribute__((warn_unused_result))
#else
#define PU_NODISCARD
#endif

/* The one list: name, text for people. */
#define PU_RESULTS(X)                                                                                                  \
    X(PU_OK, "ok")                                                                                                     \
    X(PU_ENOMEM, "out of memory")                                                                                      \
    X(PU_ETOOBIG, "larger than the limit")                                                                             \
    X(PU_EFULL, "the queue is full")                                                                                   \
    X(PU_ECLOSED, "no more messages are taken, as the process is leaving")                                             \
    X(PU_EDEPTH, "nested too deeply")                                                                                  \
    X(PU_EUTF8, "not valid UTF-8")                                                                                     \
    X(PU_ENUMBER, "not a JSON number")                                                                                 \
    X(PU_ESTATE, "JSON written in the wrong order")                                                                    \
    X(PU_ECHANNEL, "not a channel name")                                                                               \
    X(PU_EURL, "not an http or https URL")                                                                             \
    X(PU_ETRANSPORT, "the HTTP library could not be set up")                                                           \
    X(PU_EUNREACHABLE, "the server cannot be reached")                                                                 \
    X(PU_ETIMEOUT, "the server did not answer in time")                                                                \
    X(PU_EINTERRUPTED, "interrupted")                                                                                  \
    X(PU_ETLS, "the TLS connection was refused")                                                                       \
    X(PU_ESTATUS, "the server answered with an error status")                                                          \
    X(PU_EREPLY, "the answer is not that of a Faye server")                                                            \
    X(PU_EREJECTED, "the server refused the message")                                                                  \
    X(PU_ERESYNC, "the server refused to have a channel told that it has missed a message")

enum pu_result {
#define PU_RESULT_NAME(name, text) name,
    PU_RESULTS(PU_RESULT_NAME)
#undef PU_RESULT_NAME
        PU_RESULT_COUNT
};

/* pu_result_name - The constant's own name, "PU_EFULL"; static memory. "PU_UNKNOWN" for a value outside the list. */
const char *pu_result_name(enum pu_result result);

/* pu_result_text - What it means in a few words, for a person; static memory. */
const char *pu_result_text(enum pu_result result);

#endif
