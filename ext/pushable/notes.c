#include "notes.h"

struct notes {
    struct rb_pu_note *list;
    size_t count, capacity;
};

static VALUE cNotes;

static void notes_mark(void *data)
{
    struct notes *notes = data;
    for (size_t i = 0; i < notes->count; i++) {
        rb_gc_mark_movable(notes->list[i].record);
        rb_gc_mark_movable(notes->list[i].changes);
        rb_gc_mark_movable(notes->list[i].error);
    }
}

static void notes_compact(void *data)
{
    struct notes *notes = data;
    for (size_t i = 0; i < notes->count; i++) {
        notes->list[i].record = rb_gc_location(notes->list[i].record);
        notes->list[i].changes = rb_gc_location(notes->list[i].changes);
        notes->list[i].error = rb_gc_location(notes->list[i].error);
    }
}

static void notes_free(void *data)
{
    struct notes *notes = data;
    for (size_t i = 0; i < notes->count; i++) {
        pu_buf_cleanup(&notes->list[i].object);
    }
    ruby_xfree(notes->list);
    ruby_xfree(notes);
}

static size_t notes_size(const void *data)
{
    const struct notes *notes = data;
    size_t size = sizeof *notes + notes->capacity * sizeof *notes->list;
    for (size_t i = 0; i < notes->count; i++) {
        size += notes->list[i].object.capacity;
    }
    return size;
}

static const rb_data_type_t notes_type = {
    .wrap_struct_name = "Pushable::Notes",
    .function = {.dmark = notes_mark, .dfree = notes_free, .dsize = notes_size, .dcompact = notes_compact},
    .flags = RUBY_TYPED_FREE_IMMEDIATELY | RUBY_TYPED_WB_PROTECTED};

static struct notes *get_notes(VALUE self)
{
    struct notes *notes;
    TypedData_Get_Struct(self, struct notes, &notes_type, notes);
    return notes;
}

VALUE rb_pu_notes_new(void)
{
    struct notes *notes;
    return TypedData_Make_Struct(cNotes, struct notes, &notes_type, notes);
}

static void written(VALUE self, const struct rb_pu_note *note)
{
    RB_OBJ_WRITTEN(self, Qundef, note->record);
    RB_OBJ_WRITTEN(self, Qundef, note->changes);
    RB_OBJ_WRITTEN(self, Qundef, note->error);
}

void rb_pu_notes_add(VALUE self, struct rb_pu_note *note)
{
    struct notes *notes = get_notes(self);
    if (notes->count == notes->capacity) {
        size_t capacity = notes->capacity ? notes->capacity * 2 : 4;
        notes->list =
            ruby_xrealloc2(notes->list, capacity, sizeof *notes->list); /* when it raises, nothing was moved */
        notes->capacity = capacity;
    }
    notes->list[notes->count++] = *note;
    pu_buf_init(&note->object, note->object.ceiling);
    written(self, note);
}

size_t rb_pu_notes_count(VALUE self)
{
    return get_notes(self)->count;
}

const struct rb_pu_note *rb_pu_notes_at(VALUE self, size_t index)
{
    return &get_notes(self)->list[index];
}

void rb_pu_notes_roll_back(VALUE self, size_t index)
{
    struct notes *notes = get_notes(self);
    for (; index < notes->count; index++) {
        notes->list[index].undone = true;
        pu_buf_cleanup(&notes->list[index].object);
    }
}

VALUE rb_pu_notes_take(VALUE self)
{
    VALUE other = rb_pu_notes_new();
    struct notes *from = get_notes(self), *to = get_notes(other);
    *to = *from;
    *from = (struct notes){0};
    for (size_t i = 0; i < to->count; i++) {
        written(other, &to->list[i]);
    }
    return other;
}

void rb_pu_init_notes(void)
{
    rb_global_variable(&cNotes);
    cNotes = rb_define_class_under(rb_mPushable, "Notes", rb_cObject);
    rb_undef_alloc_func(cNotes);
    rb_funcall(rb_mPushable, rb_intern("private_constant"), 1, ID2SYM(rb_intern("Notes")));
}
