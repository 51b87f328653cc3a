/* Reading order: rb_pu_write_value at the bottom is the switch; what stands above it writes one kind each. */
#include "value.h"

#include <math.h>

#include "instant.h"
#include "plan.h"
#include "pu_text.h"
#include "shape.h"

static ID id_as_json, id_to_s, id_generate;
static VALUE mJSON;

/* A key as text that an error message can hold, whatever its bytes. */
static VALUE readable(VALUE key)
{
    VALUE text = rb_enc_associate(rb_str_dup(rb_obj_as_string(key)), rb_utf8_encoding());
    VALUE scrubbed = rb_str_scrub(text, Qnil);
    return NIL_P(scrubbed) ? text : scrubbed;
}

/* The place as text, "Member.address.lines[2]". */
static VALUE place_text(const struct rb_pu_place *place)
{
    if (!place->outer) {
        return NIL_P(place->key) ? rb_utf8_str_new_cstr("value") : rb_obj_as_string(place->key);
    }
    VALUE text = place_text(place->outer);
    return RB_INTEGER_TYPE_P(place->key) ? rb_sprintf("%" PRIsVALUE "[%" PRIsVALUE "]", text, place->key)
                                         : rb_sprintf("%" PRIsVALUE ".%" PRIsVALUE, text, readable(place->key));
}

NORETURN(static void fail(enum pu_result result, const struct rb_pu_place *place));
static void fail(enum pu_result result, const struct rb_pu_place *place)
{
    /* Deep places are cut short: a cycle's path would be a hundred keys long. */
    struct rb_pu_place short_place = *place;
    if (result == PU_EDEPTH) {
        while (short_place.outer && short_place.outer->outer) {
            short_place = *short_place.outer;
        }
    }
    rb_pu_raise(result, place_text(&short_place));
}

void rb_pu_check(struct pu_json *json, const struct rb_pu_place *place)
{
    enum pu_result result = pu_json_result(json);
    if (result != PU_OK) {
        fail(result, place);
    }
}

/* A String with the same characters in UTF-8, or an exception that names the place. */
static VALUE as_utf8(VALUE string, const struct rb_pu_place *place)
{
    int index = rb_enc_get_index(string);
    int known = index == rb_utf8_encindex() || index == rb_usascii_encindex() || index == rb_ascii8bit_encindex();
    if (!known) {
        string = rb_str_export_to_enc(string, rb_utf8_encoding());
    }
    int range = rb_enc_str_coderange(string);
    if (range == ENC_CODERANGE_7BIT) {
        return string;
    }
    bool valid = rb_enc_get_index(string) == rb_utf8_encindex()
                     ? range == ENC_CODERANGE_VALID
                     : pu_text_valid(RSTRING_PTR(string), (size_t)RSTRING_LEN(string)); /* binary, as JSON.generate */
    if (!valid) {
        fail(PU_EUTF8, place);
    }
    return string;
}

static void write_string(struct pu_json *json, VALUE value, const struct rb_pu_place *place)
{
    VALUE string = as_utf8(value, place);
    pu_json_string(json, RSTRING_PTR(string), (size_t)RSTRING_LEN(string));
    RB_GC_GUARD(string);
}

static void write_number_text(struct pu_json *json, VALUE text)
{
    pu_json_number(json, RSTRING_PTR(text), (size_t)RSTRING_LEN(text));
    RB_GC_GUARD(text);
}

/* Float#to_s is the shortest text that reads back as the same number; NaN and the infinities are null, as in Rails. */
static void write_float(struct pu_json *json, VALUE value)
{
    if (isfinite(RFLOAT_VALUE(value))) {
        write_number_text(json, rb_funcall(value, id_to_s, 0));
    } else {
        pu_json_null(json);
    }
}

void rb_pu_write_key(struct pu_json *json, VALUE key, const struct rb_pu_place *place)
{
    VALUE string = RB_SYMBOL_P(key) ? rb_sym2str(key) : (RB_TYPE_P(key, T_STRING) ? key : rb_obj_as_string(key));
    string = as_utf8(string, place);
    pu_json_key(json, RSTRING_PTR(string), (size_t)RSTRING_LEN(string));
    RB_GC_GUARD(string);
}

struct walk {
    struct pu_json *json;
    const struct rb_pu_place *place;
    int strings, symbols, others; /* keys of each kind; of one kind, no two are the same text */
};

static int count_keys(VALUE key, VALUE value, VALUE arg)
{
    struct walk *walk = (struct walk *)arg;
    if (RB_SYMBOL_P(key)) {
        walk->symbols++;
    } else if (RB_TYPE_P(key, T_STRING) && rb_enc_str_asciicompat_p(key)) {
        walk->strings++;
    } else {
        walk->others++;
    }
    return ST_CONTINUE;
}

static int copy_by_text(VALUE key, VALUE value, VALUE copy)
{
    rb_hash_aset(copy, RB_SYMBOL_P(key) ? rb_sym2str(key) : rb_obj_as_string(key), value);
    return ST_CONTINUE;
}

static int write_pair(VALUE key, VALUE value, VALUE arg)
{
    const struct walk *walk = (const struct walk *)arg;
    struct rb_pu_place place = {walk->place, key};
    rb_pu_write_key(walk->json, key, &place);
    rb_pu_write_value(walk->json, value, &place);
    return ST_CONTINUE;
}

/* Of keys that read the same the later one wins, as in as_json: a parser may refuse a document that has both. */
static void write_hash(struct pu_json *json, VALUE hash, const struct rb_pu_place *place)
{
    struct walk walk = {.json = json, .place = place};
    rb_hash_foreach(hash, count_keys, (VALUE)&walk);
    if (walk.others > 0 || (walk.strings > 0 && walk.symbols > 0)) {
        VALUE copy = rb_hash_new();
        rb_hash_foreach(hash, copy_by_text, copy);
        hash = copy;
    }
    pu_json_map_open(json);
    rb_pu_check(json, place);
    rb_hash_foreach(hash, write_pair, (VALUE)&walk);
    pu_json_map_close(json);
    RB_GC_GUARD(hash);
}

static void write_array(struct pu_json *json, VALUE array, const struct rb_pu_place *place)
{
    pu_json_array_open(json);
    rb_pu_check(json, place);
    for (long i = 0; i < RARRAY_LEN(array); i++) { /* the length anew each turn: as_json may change the array */
        struct rb_pu_place inner = {place, LONG2NUM(i)};
        rb_pu_write_value(json, rb_ary_entry(array, i), &inner);
    }
    pu_json_array_close(json);
}

/* What the application says a value is; a record, wherever it stands, less its secret columns. */
static VALUE reduce(VALUE value)
{
    VALUE plan = RB_TYPE_P(value, T_OBJECT) ? rb_pu_plan(rb_obj_class(value)) : Qnil;
    return NIL_P(plan) ? rb_funcall(value, id_as_json, 0) : rb_pu_shape_render(rb_pu_plan_shape(plan), value, Qnil);
}

/* Anything else says itself what it is. An object that answers itself (a Rational, a String of a class of its own) is
 * left to the JSON gem.
 */
static void write_other(struct pu_json *json, VALUE value, const struct rb_pu_place *place)
{
    char instant[RB_PU_INSTANT];
    if (rb_pu_instant(value, instant)) {
        pu_json_string(json, instant, RB_PU_INSTANT - 1);
        return;
    }
    struct rb_pu_place inner = *place;
    for (int turns = 0; turns < PU_JSON_MAX_DEPTH; turns++) {
        VALUE reduced = reduce(value);
        if (reduced == value || RB_TYPE_P(reduced, T_STRING)) {
            if (RB_TYPE_P(reduced, T_STRING)) {
                write_string(json, reduced, &inner);
            } else {
                VALUE text = as_utf8(rb_funcall(mJSON, id_generate, 1, reduced), &inner);
                pu_json_raw(json, RSTRING_PTR(text), (size_t)RSTRING_LEN(text));
                RB_GC_GUARD(text);
            }
            return;
        }
        VALUE klass = rb_obj_class(reduced);
        if (RB_SPECIAL_CONST_P(reduced) || klass == rb_cHash || klass == rb_cArray || RB_FLOAT_TYPE_P(reduced) ||
            RB_INTEGER_TYPE_P(reduced)) {
            rb_pu_write_value(json, reduced, &inner);
            return;
        }
        value = reduced;
    }
    fail(PU_EDEPTH, &inner);
}

void rb_pu_write_value(struct pu_json *json, VALUE value, const struct rb_pu_place *place)
{
    if (NIL_P(value)) {
        pu_json_null(json);
    } else if (value == Qtrue || value == Qfalse) {
        pu_json_bool(json, value == Qtrue);
    } else if (RB_FIXNUM_P(value)) {
        pu_json_integer(json, FIX2LONG(value));
    } else if (RB_FLOAT_TYPE_P(value)) {
        write_float(json, value);
    } else if (RB_SYMBOL_P(value)) {
        write_string(json, rb_sym2str(value), place);
    } else if (RB_TYPE_P(value, T_BIGNUM)) {
        write_number_text(json, rb_big2str(value, 10));
    } else if (rb_obj_class(value) == rb_cString) {
        write_string(json, value, place);
    } else if (rb_obj_class(value) == rb_cHash) {
        write_hash(json, value, place);
    } else if (rb_obj_class(value) == rb_cArray) {
        write_array(json, value, place);
    } else {
        write_other(json, value, place);
    }
    rb_pu_check(json, place);
}

void rb_pu_init_value(void)
{
    id_as_json = rb_intern("as_json");
    id_to_s = rb_intern("to_s");
    id_generate = rb_intern("generate");
    rb_global_variable(&mJSON);
    mJSON = rb_const_get(rb_cObject, rb_intern("JSON"));
}
