/* layout.h - what is known of the columns that a shape shows: one entry a column, in the class's order.
 *
 * A Pushable::Layout is made with its shape and learns as records go by: the type of each column, and which short cuts
 * were seen to say what as_json says (verify.h). Under the GVL; not shared between Ractors.
 */
#ifndef PU_LAYOUT_H
#define PU_LAYOUT_H

#include <stdbool.h>

#include "settings.h"
#include "type.h"

struct rb_pu_column {
    VALUE name; /* String, frozen, as the record's attributes are named */
    VALUE why;  /* String: why its values go by as_json, or Qnil */
    VALUE type_object;
    struct rb_pu_type type; /* of type_object; of none at first */
    ID reader;
    bool shown;
    bool overridden;                          /* its reader is the application's: asked */
    bool refused;                             /* as_json once said something else */
    unsigned refused_with;                    /* the number of the settings then */
    unsigned short seen[RB_PU_SETTINGS_KEPT]; /* a bit for each class of values that was seen to be right, by the number
                                                 of the settings: 0 for all types but dates and instants */
};

struct rb_pu_layout {
    VALUE types; /* Hash name => type of the last lazy set that all columns' types are from, or Qnil */
    VALUE why;   /* String: why no short cut is taken with this class, or Qnil */
    struct rb_pu_settings_list settings;
    long count;
    struct rb_pu_column columns[];
};

/* rb_pu_layout - The contents of a Pushable::Layout, which owns them: keep the object alive. */
struct rb_pu_layout *rb_pu_layout(VALUE layout);

/* rb_pu_layout_column - The column of that name, or NULL. guess - where it is likely to stand. */
struct rb_pu_column *rb_pu_layout_column(struct rb_pu_layout *layout, VALUE name, long guess);

/* rb_pu_layout_learn - Find out what there is to know about a column's type. self - the Pushable::Layout. */
void rb_pu_layout_learn(VALUE self, struct rb_pu_column *column, VALUE type);

/* rb_pu_layout_types - Remember the types of a lazy set: the next set that has the same needs no look. */
void rb_pu_layout_types(VALUE self, VALUE types);

/* rb_pu_layout_settings - The number of these settings, which the layout remembers if they are new to it. */
unsigned rb_pu_layout_settings(VALUE self, const struct rb_pu_settings *settings);

/* rb_pu_layout_refuse - From now on the column's values go by as_json. Tells the log. klass - the record's; number - of
 * the settings; why - a String.
 */
void rb_pu_layout_refuse(VALUE self, struct rb_pu_column *column, VALUE klass, unsigned number, VALUE why);

/* rb_pu_layout_refuse_all - The same for the whole class. */
void rb_pu_layout_refuse_all(VALUE self, VALUE klass, VALUE why);

void rb_pu_init_layout(void);

#endif
