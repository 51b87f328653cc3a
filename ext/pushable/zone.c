#include "zone.h"

#include <string.h>

/* A stretch of time in which a zone's clocks are not changed. */
struct stretch {
    VALUE zone;
    int64_t from, until; /* seconds; until is not part of it */
    int32_t offset;
    bool utc;
};

/* The last ones asked for; under the GVL. */
#define KEPT 16
static struct stretch kept[KEPT];
static unsigned next;

static ID id_period_for_utc, id_utc_total_offset, id_abbreviation, id_start_transition, id_end_transition, id_at,
    id_to_i, id_utc;

/* otherwise - where the zone's history has no beginning or no end */
static int64_t moment(VALUE transition, int64_t otherwise)
{
    return NIL_P(transition) ? otherwise : NUM2LL(rb_funcall(rb_funcall(transition, id_at, 0), id_to_i, 0));
}

static struct stretch ask(VALUE zone, int64_t second)
{
    VALUE time = rb_funcall(rb_funcall(rb_cTime, id_at, 1, LL2NUM(second)), id_utc, 0);
    VALUE period = rb_funcall(zone, id_period_for_utc, 1, time);
    VALUE abbreviation = rb_obj_as_string(rb_funcall(period, id_abbreviation, 0));
    const char *text = StringValueCStr(abbreviation);
    struct stretch stretch = {.zone = zone,
                              .from = moment(rb_funcall(period, id_start_transition, 0), INT64_MIN),
                              .until = moment(rb_funcall(period, id_end_transition, 0), INT64_MAX),
                              .offset = NUM2INT(rb_funcall(period, id_utc_total_offset, 0)),
                              .utc = strcmp(text, "UTC") == 0 || strcmp(text, "UCT") == 0};
    RB_GC_GUARD(abbreviation);
    return stretch;
}

void rb_pu_zone_offset(VALUE zone, int64_t second, int32_t *offset, bool *utc)
{
    const struct stretch *found = NULL;
    for (unsigned i = 0; i < KEPT && !found; i++) {
        bool matches = kept[i].zone == zone && kept[i].from <= second && second < kept[i].until;
        found = matches ? &kept[i] : NULL;
    }
    if (!found) {
        struct stretch stretch = ask(zone, second);
        found = &kept[next];
        kept[next] = stretch;
        next = (next + 1) % KEPT;
    }
    *offset = found->offset;
    *utc = found->utc;
}

void rb_pu_init_zone(void)
{
    id_period_for_utc = rb_intern("period_for_utc");
    id_utc_total_offset = rb_intern("utc_total_offset");
    id_abbreviation = rb_intern("abbreviation");
    id_start_transition = rb_intern("start_transition");
    id_end_transition = rb_intern("end_transition");
    id_at = rb_intern("at");
    id_to_i = rb_intern("to_i");
    id_utc = rb_intern("utc");
    for (unsigned i = 0; i < KEPT; i++) {
        kept[i].zone = Qnil;
        rb_global_variable(&kept[i].zone);
    }
}
