/* plan.h - what Pushable has decided about one class, once: its rules, its key, what its records look like.
 *
 * The decisions are made in Ruby (lib/pushable/plan.rb) and frozen; this reads them. A plan hangs on its class by an
 * instance variable that Ruby code cannot name, so a reloaded class starts anew.
 */
#ifndef PU_PLAN_H
#define PU_PLAN_H

#include <stdbool.h>

#include "errors.h"

/* How a rule finds its channels (lib/pushable/target.rb). */
enum rb_pu_target { RB_PU_TARGET_CONSTANT, RB_PU_TARGET_INSTANCE, RB_PU_TARGET_FORMAT, RB_PU_TARGET_ASK };

/* One target of a `push` line. */
struct rb_pu_rule {
    unsigned events; /* bit 1 << enum pu_event */
    enum rb_pu_target target;
    VALUE value;      /* constant: the channel; instance: the prefix before the key; format: Array of Strings and
                         Symbols; ask: Symbol, Proc or something to call */
    VALUE conditions; /* flat Array: whether it has to be true, then what to ask; or Qnil */
    VALUE columns;    /* Array of the columns that decide, or Qnil when only the application knows */
    VALUE shape;      /* what its messages carry (shape.h) */
    VALUE name;       /* as written, for reports: ":collections" */
};

/* rb_pu_plan - The plan of an Active Record class, or of a class that pushes (made when it has none yet), or Qnil for
 * any other class.
 */
VALUE rb_pu_plan(VALUE klass);

/* rb_pu_plan_* - One decision each. */
bool rb_pu_plan_record(VALUE plan);      /* an Active Record class: it has columns and rows */
VALUE rb_pu_plan_shape(VALUE plan);      /* what a line without options carries (shape.h) */
VALUE rb_pu_plan_keys(VALUE plan);       /* Array of the primary key's column names, empty when there is none */
VALUE rb_pu_plan_root(VALUE plan);       /* String around the object, or Qnil */
VALUE rb_pu_plan_timestamps(VALUE plan); /* Array of the columns that a touch sets */
VALUE rb_pu_plan_readonly(VALUE plan);   /* Array of the columns that an update does not write */
bool rb_pu_plan_fixed(VALUE plan);       /* the key alone decides over channels: nothing that changes moves a record */
bool rb_pu_plan_reload(VALUE plan);      /* a rule wants the row read again after the commit */
VALUE rb_pu_plan_rules(VALUE plan);      /* Array, for rb_pu_plan_rule */

/* rb_pu_plan_shape_for - What a line with these options carries; kept for the next. Raises ArgumentError naming an
 * option that there is not.
 */
VALUE rb_pu_plan_shape_for(VALUE plan, VALUE options);

/* rb_pu_plan_rule - Read one entry of the rules. */
struct rb_pu_rule rb_pu_plan_rule(VALUE rule);

/* rb_pu_plan_rule_* - Read one thing of an entry, where that is all that is wanted. */
VALUE rb_pu_plan_rule_columns(VALUE rule);
VALUE rb_pu_plan_rule_shape(VALUE rule);

void rb_pu_init_plan(void);

#endif
