#include "verify.h"

#include <string.h>

#include "scalar.h"

static ID id_as_json;

/* The two texts, one after the other. */
struct trial {
    const struct rb_pu_cell *cell;
    VALUE value;
    bool cast;
    bool known;  /* there is a short cut */
    size_t ours; /* length of its text */
    struct pu_json *json;
    struct pu_buf buf;
    struct pu_json *into; /* the document */
};

void rb_pu_write_asked(struct pu_json *json, const struct rb_pu_cell *cell)
{
    VALUE value = rb_funcall(cell->record, cell->column->reader, 0);
    rb_pu_write_value(json, rb_funcall(value, id_as_json, 0), cell->place);
}

static void judge(struct trial *trial)
{
    const struct rb_pu_cell *cell = trial->cell;
    size_t theirs = trial->buf.length - trial->ours;
    const char *bytes = trial->buf.bytes;
    if (theirs == trial->ours && memcmp(bytes, bytes + trial->ours, theirs) == 0) {
        cell->column->seen[cell->number] |= rb_pu_scalar_bit(trial->value, trial->cast);
    } else {
        VALUE why = rb_sprintf("as_json says otherwise than its %" PRIsVALUE, rb_obj_class(trial->value));
        rb_pu_layout_refuse(cell->layout, cell->column, rb_obj_class(cell->record), cell->number, why);
    }
    pu_json_raw(trial->into, bytes + trial->ours, theirs);
}

static VALUE trial_body(VALUE arg)
{
    struct trial *trial = (struct trial *)arg;
    const struct rb_pu_cell *cell = trial->cell;
    pu_json_start(trial->json, &trial->buf);
    trial->known =
        rb_pu_write_scalar(trial->json, &cell->column->type, trial->value, trial->cast, cell->settings, cell->place);
    if (trial->known) {
        rb_pu_check(trial->json, cell->place);
        trial->ours = trial->buf.length;
        pu_json_start(trial->json, &trial->buf);
        rb_pu_write_asked(trial->json, cell);
        rb_pu_check(trial->json, cell->place);
        judge(trial);
    }
    return Qnil;
}

static VALUE trial_cleanup(VALUE arg)
{
    struct trial *trial = (struct trial *)arg;
    pu_json_free(trial->json);
    pu_buf_cleanup(&trial->buf);
    return Qnil;
}

bool rb_pu_write_verified(struct pu_json *json, const struct rb_pu_cell *cell, VALUE value, bool cast)
{
    struct trial trial = {.cell = cell, .value = value, .cast = cast, .into = json};
    pu_buf_init(&trial.buf, (size_t)LONG_MAX);
    enum pu_result result = pu_json_new(&trial.json);
    if (result != PU_OK) {
        rb_pu_raise(result, Qnil);
    }
    rb_ensure(trial_body, (VALUE)&trial, trial_cleanup, (VALUE)&trial);
    return trial.known;
}

void rb_pu_init_verify(void)
{
    id_as_json = rb_intern("as_json");
}
