/* plan.h - what Pushable has decided about one class, once: its rules, its columns, what stays out.
 *
 * The decisions are made in Ruby (lib/pushable/plan.rb) and frozen; this reads them. A plan hangs on its class by an
 * instance variable that Ruby code cannot name, so a reloaded class starts anew.
 */
#ifndef PU_PLAN_H
#define PU_PLAN_H

#include <stdbool.h>

#include "errors.h"

/* One target of a `push` line. */
enum rb_pu_target { RB_PU_TARGET_CONSTANT, RB_PU_TARGET_METHOD, RB_PU_TARGET_INSTANCE };

struct rb_pu_rule {
    unsigned events;          /* bit 1 << enum pu_event */
    enum rb_pu_target target; /* what value is */
    VALUE value;              /* constant: the channel; method: its Symbol; instance: the prefix before the key */
    VALUE name;               /* as written, for reports: ":collections" */
};

/* rb_pu_plan - The plan of an Active Record class (made when it has none yet), or Qnil for any other class. */
VALUE rb_pu_plan(VALUE klass);

/* rb_pu_plan_* - One decision each. */
bool rb_pu_plan_plain(VALUE plan);       /* the columns alone make the JSON: no application code is asked */
VALUE rb_pu_plan_columns(VALUE plan);    /* Hash name => true, or false for a column that stays out */
VALUE rb_pu_plan_keys(VALUE plan);       /* Array of the primary key's column names, empty when there is none */
VALUE rb_pu_plan_root(VALUE plan);       /* String around the object, or Qnil */
VALUE rb_pu_plan_timestamps(VALUE plan); /* Array of the columns that a touch sets */
VALUE rb_pu_plan_rules(VALUE plan);      /* Array, for rb_pu_plan_rule */

/* rb_pu_plan_rule - Read one entry of the rules. */
struct rb_pu_rule rb_pu_plan_rule(VALUE rule);

/* rb_pu_plan_hides - Whether a column stays out of what is pushed. */
bool rb_pu_plan_hides(VALUE plan, VALUE name);

void rb_pu_init_plan(void);

#endif
