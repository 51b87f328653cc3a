/* pushable_ext.h - what every file of the binding starts with: Ruby, and the module everything hangs on.
 *
 * The binding runs with the GVL unless a comment says otherwise. It includes neither curl nor yajl nor pthread: those
 * belong to core/. Include order, low to high: this, errors, value, serializer, rules, delivery, routing, journal,
 * hooks, courier_class, init.
 */
#ifndef PUSHABLE_EXT_H
#define PUSHABLE_EXT_H

#include <ruby.h>
#include <ruby/encoding.h>

#ifndef HAVE_RB_HASH_NEW_CAPA
#define rb_hash_new_capa(capacity) rb_hash_new()
#endif

extern VALUE rb_mPushable; /* the module Pushable */

#endif
