#include "pu_message.h"

#include <string.h>

struct pu_span pu_span_of(const char *text)
{
    return (struct pu_span){text, strlen(text)};
}

const char *pu_event_name(enum pu_event event)
{
    static const char *const names[PU_EVENT_COUNT] = {"create", "update", "destroy", "resync"};

    return names[event];
}
