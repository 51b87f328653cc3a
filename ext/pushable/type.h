/* type.h - which attribute types are exactly known: what they make of a raw value can be written without asking them.
 */
#ifndef PU_TYPE_H
#define PU_TYPE_H

#include "errors.h"

enum rb_pu_type_kind {
    RB_PU_OTHER, /* any other: has to be asked */
    RB_PU_STRING,
    RB_PU_INTEGER,
    RB_PU_FLOAT,
    RB_PU_BOOLEAN,
    RB_PU_DECIMAL,
    RB_PU_DATE,
    RB_PU_INSTANT /* in the application's time zone */
};

struct rb_pu_type {
    enum rb_pu_type_kind kind;
    int precision, scale; /* -1 where the type says none */
};

/* rb_pu_type - Look at an attribute type, by its class: a subclass may do anything. */
struct rb_pu_type rb_pu_type(VALUE type);

/* rb_pu_type_of - The same, remembered: for those who have no layout at hand. */
struct rb_pu_type rb_pu_type_of(VALUE type);

void rb_pu_init_type(void);

#endif
