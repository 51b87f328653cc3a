/* Reading order: rb_pu_write_value at the bottom is the switch; what stands above it writes one kind each. */
#include "value.h"

#include <math.h>
#include <string.h>

#include "plan.h"
#include "pu_number.h"
#include "pu_text.h"
#include "shape.h"

static ID id_as_json, id_to_s, id_generate, id_owner, id_source_location, id_to_a, id_to_h, id_to_hash, id_to_ary,
    id_instance_values;
static VALUE mJSON;

/* A key as text that an error message can hold, whatever its bytes. */
static VALUE readable(VALUE key)
{
    VALUE text = rb_enc_associate(rb_str_dup(rb_obj_as_string(key)), rb_utf8_encoding());
    VALUE scrubbed = rb_str_scrub(text, Qnil);
    return NIL_P(scrubbed) ? text : scrubbed;
}

/* The place as text, "Member.address.lines[2]". Not by rb_sprintf, which refuses a NUL. */
static VALUE place_text(const struct rb_pu_place *place)
{
    if (!place->outer) {
        return NIL_P(place->key) ? rb_utf8_str_new_cstr("value") : rb_obj_as_string(place->key);
    }
    VALUE text = rb_str_dup(place_text(place->outer));
    if (RB_INTEGER_TYPE_P(place->key)) {
        return rb_str_append(text, rb_sprintf("[%" PRIsVALUE "]", place->key));
    }
    return rb_str_append(rb_str_cat_cstr(text, "."), readable(place->key));
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

static VALUE transcode(VALUE string)
{
    return rb_str_encode(string, rb_enc_from_encoding(rb_utf8_encoding()), 0, Qnil);
}

static VALUE not_transcoded(VALUE string, VALUE error)
{
    return Qnil;
}

/* A String with the same characters in UTF-8, or an exception that names the place. */
static VALUE as_utf8(VALUE string, const struct rb_pu_place *place)
{
    int index = rb_enc_get_index(string);
    bool binary = index == rb_ascii8bit_encindex();
    if (index != rb_utf8_encindex() && index != rb_usascii_encindex() && !binary) {
        string = rb_rescue2(transcode, string, not_transcoded, Qnil, rb_eEncodingError, (VALUE)0);
        if (NIL_P(string)) {
            fail(PU_EUTF8, place);
        }
    }
    int range = rb_enc_str_coderange(string);
    bool valid = range == ENC_CODERANGE_7BIT ||
                 (binary ? pu_text_valid(RSTRING_PTR(string), (size_t)RSTRING_LEN(string)) /* as JSON.generate did */
                         : range == ENC_CODERANGE_VALID);
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

/* NaN and the infinities are null, as in Rails. Float#to_s is the shortest text for what the core does not write. */
static void write_float(struct pu_json *json, VALUE value)
{
    char text[PU_NUMBER_TEXT];
    double number = RFLOAT_VALUE(value);
    size_t length = pu_number_double(text, number);
    if (length > 0) {
        pu_json_raw(json, text, length);
    } else if (isfinite(number)) {
        write_number_text(json, rb_funcall(value, id_to_s, 0));
    } else {
        pu_json_null(json);
    }
}

/* as_json asks a key for its to_s, and JSON.generate once more when that is no String. */
static VALUE key_text(VALUE key)
{
    if (RB_SYMBOL_P(key)) {
        return rb_sym2str(key);
    }
    if (CLASS_OF(key) == rb_cString) {
        return key;
    }
    return rb_convert_type(rb_funcall(key, id_to_s, 0), T_STRING, "String", "to_s");
}

void rb_pu_write_key(struct pu_json *json, VALUE key, const struct rb_pu_place *place)
{
    VALUE string = as_utf8(key_text(key), place);
    pu_json_key(json, RSTRING_PTR(string), (size_t)RSTRING_LEN(string));
    RB_GC_GUARD(string);
}

struct walk {
    struct pu_json *json;
    const struct rb_pu_place *place;
    int strings, symbols, others; /* keys of each kind; of one kind, no two are the same text */
    VALUE last;                   /* where two may be: Hash text => the last key that reads so; else Qnil */
};

/* A String key that is not frozen is that of a Hash which compares by identity. */
static int count_keys(VALUE key, VALUE value, VALUE arg)
{
    struct walk *walk = (struct walk *)arg;
    if (RB_SYMBOL_P(key)) {
        walk->symbols++;
    } else if (CLASS_OF(key) == rb_cString && OBJ_FROZEN(key)) {
        walk->strings++;
    } else {
        walk->others++;
    }
    return ST_CONTINUE;
}

static int note_text(VALUE key, VALUE value, VALUE last)
{
    rb_hash_aset(last, key_text(key), key);
    return ST_CONTINUE;
}

static int write_pair(VALUE key, VALUE value, VALUE arg)
{
    const struct walk *walk = (const struct walk *)arg;
    struct rb_pu_place place = {walk->place, key};
    if (!NIL_P(walk->last)) {
        VALUE text = key_text(key);
        if (rb_hash_lookup2(walk->last, text, key) != key) {
            rb_funcall(value, id_as_json, 0); /* Rails asks it, too, before a later one takes its place */
            return ST_CONTINUE;
        }
        place.key = text;
    }
    rb_pu_write_key(walk->json, place.key, &place);
    rb_pu_write_value(walk->json, value, &place);
    return ST_CONTINUE;
}

/* Of keys that read the same the later one wins, as in as_json: a parser may refuse a document that has both. It is the
 * Hash itself that is walked, not a copy: an as_json inside may change it.
 */
static void write_hash(struct pu_json *json, VALUE hash, const struct rb_pu_place *place)
{
    struct walk walk = {.json = json, .place = place, .last = Qnil};
    rb_hash_foreach(hash, count_keys, (VALUE)&walk);
    if (walk.others > 0 || (walk.strings > 0 && walk.symbols > 0)) {
        walk.last = rb_hash_new();
        rb_hash_foreach(hash, note_text, walk.last);
    }
    pu_json_map_open(json);
    rb_pu_check(json, place);
    rb_hash_foreach(hash, write_pair, (VALUE)&walk);
    pu_json_map_close(json);
    RB_GC_GUARD(walk.last);
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

/* Whether it is Rails' own as_json of klass that speaks for value, and no subclass's, module's or singleton's. */
static bool says_as(VALUE value, VALUE klass)
{
    return CLASS_OF(value) == klass || rb_funcall(rb_obj_method(value, ID2SYM(id_as_json)), id_owner, 0) == klass;
}

static bool is_hash(VALUE value)
{
    return RB_TYPE_P(value, T_HASH) && says_as(value, rb_cHash);
}

static bool is_array(VALUE value)
{
    return RB_TYPE_P(value, T_ARRAY) && says_as(value, rb_cArray);
}

/* Whether a Method is one of those that Active Support has given to Ruby's classes. */
static bool is_active_supports(VALUE method)
{
    static const char file[] = "active_support/core_ext/object/json.rb";
    VALUE location = rb_funcall(method, id_source_location, 0);
    VALUE path = RB_TYPE_P(location, T_ARRAY) ? rb_ary_entry(location, 0) : Qnil;
    const long length = (long)sizeof file - 1;
    return RB_TYPE_P(path, T_STRING) && RSTRING_LEN(path) >= length &&
           memcmp(RSTRING_END(path) - length, file, (size_t)length) == 0;
}

static bool is_named(VALUE module, const char *expected)
{
    VALUE name = rb_mod_name(module);
    return RB_TYPE_P(name, T_STRING) && strcmp(StringValueCStr(name), expected) == 0;
}

/* What Rails' as_json asks further in a value that holds others; the value itself where it is none of those. */
static VALUE open_up(VALUE value)
{
    VALUE method = rb_obj_method(value, ID2SYM(id_as_json));
    VALUE owner = rb_funcall(method, id_owner, 0);
    ID inside = 0;
    if (owner == rb_mEnumerable) {
        inside = id_to_a;
    } else if (owner == rb_cStruct) {
        inside = id_to_h;
    } else if (owner == rb_cObject) {
        inside = rb_respond_to(value, id_to_hash) ? id_to_hash : id_instance_values;
    } else if (is_named(owner, "ActiveRecord::Delegation") && rb_respond_to(value, id_to_ary)) {
        return rb_funcall(value, id_to_ary, 0);
    }
    return inside && is_active_supports(method) ? rb_funcall(value, inside, 0) : value;
}

/* What the application says a value is. A record, wherever it stands, less its secret columns: so what holds records is
 * opened here, where Rails would ask them itself.
 */
static VALUE reduce(VALUE value)
{
    VALUE plan = RB_TYPE_P(value, T_OBJECT) ? rb_pu_plan(rb_obj_class(value)) : Qnil;
    if (!NIL_P(plan)) {
        return rb_pu_shape_render(rb_pu_plan_shape(plan), value, Qnil);
    }
    VALUE inside = open_up(value);
    return inside == value ? rb_funcall(value, id_as_json, 0) : inside;
}

/* Anything else says itself what it is. An object that answers itself (a Rational, a String of a class of its own) is
 * left to the JSON gem.
 */
static void write_other(struct pu_json *json, VALUE value, const struct rb_pu_place *place)
{
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
        if (RB_SPECIAL_CONST_P(reduced) || RB_FLOAT_TYPE_P(reduced) || RB_INTEGER_TYPE_P(reduced) || is_hash(reduced) ||
            is_array(reduced)) {
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
    } else if (CLASS_OF(value) == rb_cString) {
        write_string(json, value, place);
    } else if (is_hash(value)) {
        write_hash(json, value, place);
    } else if (is_array(value)) {
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
    id_owner = rb_intern("owner");
    id_source_location = rb_intern("source_location");
    id_to_a = rb_intern("to_a");
    id_to_h = rb_intern("to_h");
    id_to_hash = rb_intern("to_hash");
    id_to_ary = rb_intern("to_ary");
    id_instance_values = rb_intern("instance_values");
    rb_global_variable(&mJSON);
    mJSON = rb_const_get(rb_cObject, rb_intern("JSON"));
}
