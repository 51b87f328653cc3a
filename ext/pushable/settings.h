/* settings.h - the application's settings that the JSON of times hangs on. Asked for when a document meets the first
 * time: each may change from one request to the next.
 */
#ifndef PU_SETTINGS_H
#define PU_SETTINGS_H

#include <stdbool.h>

#include "errors.h"

struct rb_pu_settings {
    bool known;      /* the rest was asked for */
    bool standard;   /* ISO 8601 */
    bool utc;        /* the database's times are in UTC */
    unsigned digits; /* of a fraction of a second, 0 to 9 */
    VALUE zone;      /* Time.zone */
};

/* The last few that a class was serialized with. */
#define RB_PU_SETTINGS_KEPT 8
struct rb_pu_settings_list {
    unsigned count, next;
    struct rb_pu_settings list[RB_PU_SETTINGS_KEPT];
};

/* rb_pu_settings_ask - Fill settings, unless that was done before. May call the application (Time.zone). */
void rb_pu_settings_ask(struct rb_pu_settings *settings);

/* rb_pu_settings_find - The number of these settings in the list; RB_PU_SETTINGS_KEPT when they are not in it. */
unsigned rb_pu_settings_find(const struct rb_pu_settings_list *list, const struct rb_pu_settings *settings);

/* rb_pu_settings_add - Put them into the list, in place of the oldest when it is full. Returns their number. */
unsigned rb_pu_settings_add(struct rb_pu_settings_list *list, const struct rb_pu_settings *settings);

void rb_pu_init_settings(void);

#endif
