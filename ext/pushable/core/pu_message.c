#include "pu_message.h"

const char *pu_event_name(enum pu_event event)
{
    static const char *const names[PU_EVENT_COUNT] = {"create", "update", "destroy", "resync"};

    return names[event];
}
