/* init.c - what happens when Ruby loads the library: classes and IDs, the core's one-time setup. No work, no thread. */
#include "attribute.h"
#include "changes.h"
#include "courier_class.h"
#include "delivery.h"
#include "direct.h"
#include "dirty.h"
#include "dispatch.h"
#include "errors.h"
#include "hooks.h"
#include "journal.h"
#include "layout.h"
#include "membership.h"
#include "moves.h"
#include "origin.h"
#include "payload.h"
#include "plan.h"
#include "publish.h"
#include "resync.h"
#include "routing.h"
#include "row.h"
#include "scalar.h"
#include "serializer.h"
#include "settings.h"
#include "shape.h"
#include "type.h"
#include "value.h"
#include "verify.h"
#include "view.h"
#include "zone.h"

VALUE rb_mPushable;

RUBY_FUNC_EXPORTED void Init_pushable_ext(void)
{
    rb_global_variable(&rb_mPushable);
    rb_mPushable = rb_define_module("Pushable");
    rb_pu_init_errors();
    enum pu_result result = pu_courier_setup();
    if (result != PU_OK) {
        rb_pu_raise(result, Qnil);
    }
    rb_pu_init_attribute();
    rb_pu_init_type();
    rb_pu_init_settings();
    rb_pu_init_zone();
    rb_pu_init_layout();
    rb_pu_init_plan();
    rb_pu_init_shape();
    rb_pu_init_value();
    rb_pu_init_scalar();
    rb_pu_init_verify();
    rb_pu_init_moves();
    rb_pu_init_serializer();
    rb_pu_init_dirty();
    rb_pu_init_notes();
    rb_pu_init_changes();
    rb_pu_init_view();
    rb_pu_init_courier_class();
    rb_pu_init_delivery();
    rb_pu_init_origin();
    rb_pu_init_publish();
    rb_pu_init_row();
    rb_pu_init_payload();
    rb_pu_init_membership();
    rb_pu_init_direct();
    rb_pu_init_resync();
    rb_pu_init_journal();
    rb_pu_init_hooks();
}
