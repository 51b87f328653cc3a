#include "pu_result.h"

#include <stddef.h>

static const char *const names[] = {
#define PU_RESULT_NAME(name, text) #name,
    PU_RESULTS(PU_RESULT_NAME)
#undef PU_RESULT_NAME
};

static const char *const texts[] = {
#define PU_RESULT_TEXT(name, text) text,
    PU_RESULTS(PU_RESULT_TEXT)
#undef PU_RESULT_TEXT
};

const char *pu_result_name(enum pu_result result)
{
    size_t place = (size_t)result;

    return place < PU_RESULT_COUNT ? names[place] : "PU_UNKNOWN";
}

const char *pu_result_text(enum pu_result result)
{
    size_t place = (size_t)result;

    return place < PU_RESULT_COUNT ? texts[place] : "an unknown result";
}
