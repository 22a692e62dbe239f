/* The types that the core is made of, and what its files offer one another.
 *
 * A *plan* says how the messages of one type stand on the wire and where a model holds them. It is made once per class
 * from what the class says about itself; no class is known here by name. A *state* is the part of a model that the
 * core keeps: what it was read from. Values live in the ordinary slots of the model's class. */

#ifndef CORE_H
#define CORE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>

#include "wire.h"
#include "writer.h"

/* ---- Plans (plan.c) ---- */

typedef enum { ONE, LIST, MAP } Label;

/* What stands in the slot for a value. All from MODEL on are messages on the wire. */
typedef enum {
    SCALAR,        /* the same in Python; of an enum, a member of its holder if there is one */
    MODEL,         /* a model of its own */
    DATETIME,      /* google.protobuf.Timestamp, aware */
    NAIVE,         /* google.protobuf.Timestamp, naive */
    TIMEDELTA,     /* google.protobuf.Duration */
    STRUCT,        /* google.protobuf.Struct as a dict */
    LIST_VALUE,    /* google.protobuf.ListValue as a list */
    VALUE,         /* google.protobuf.Value as a JSON value */
    WRAPPER,       /* google.protobuf.BoolValue, ...: the value, or None */
    KEY_VALUES,    /* a list of messages with a key and a value, as a dict */
    FLATTENED,     /* a message around one map, as the map's dict */
    FOREIGN,       /* Python reads it from bytes, and writes it as bytes */
    KINDS
} Kind;

/* Whether an arm of a oneof may be set beside another one, and is then left out. */
typedef enum { NEVER, ALWAYS, WHERE_FALSE } Yields;

typedef struct Plan Plan;

typedef struct {
    uint32_t number;
    uint32_t place;          /* in the order of the class */
    uint8_t label;           /* Label */
    uint8_t kind;            /* Kind */
    uint8_t scalar;          /* Scalar; of a WRAPPER, that of its value */
    uint8_t key;             /* Scalar of the keys of a map */
    uint8_t wire;            /* wire type of one value */
    uint8_t yields;          /* Yields */
    bool explicit;           /* a single scalar has presence: unset and zero are two things */
    bool absent_default;     /* reads as an empty value, not as None, where it is absent */
    bool absent_none;        /* reads as None where it is absent, and so says all */
    bool empty_is_none;      /* reads as None where it is empty */
    bool truthy;             /* is written only where the value is true */
    bool none_as_empty;      /* None in a list is an empty message */
    bool packed;             /* is written packed */
    bool lossless;           /* FOREIGN: the value says all that its bytes say */
    int16_t oneof;           /* index of the oneof it is an arm of, or -1 */
    uint8_t tag_length;      /* the tag of its declared form, as it is written */
    uint8_t tag[5];
    Py_ssize_t offset;       /* of the slot in an instance; 0 without one */
    PyObject *attribute;     /* in an eager plan: the name of the attribute that holds the value; else NULL */
    PyObject *name;          /* str, for errors */
    PyObject *target;        /* whatever `prepare` makes the plan of its messages from */
    Plan *sub;               /* that plan, once it was needed */
    PyObject *holder;        /* class of an enum's members, or NULL */
    PyObject *members;       /* dict: number to member */
    PyObject *order;         /* called with the values of a list, gives them sorted; or NULL */
    PyObject *read;          /* FOREIGN: called with bytes */
    PyObject *write;         /* FOREIGN: called with a value, gives bytes */
} Field;

#define INDEXED 64

struct Plan {
    PyObject_HEAD
    PyTypeObject *cls;       /* the generated class, or NULL: a message that no model has */
    PyObject *name;          /* full name of the message */
    Py_ssize_t count;
    Field *fields;           /* by ascending number */
    int oneofs;
    bool nothing;            /* a model that was built, and in which nothing is set, is not written at all */
    bool eager;              /* its models are read at once, and hold their values in attributes, as dataclasses do */
    Field **declared;        /* the fields in the order of the class */
    Field *index[INDEXED];   /* the field of each small number, or NULL */
};

extern PyTypeObject PlanType;

/* The field of this number, or NULL. */
static inline Field *
find_field(const Plan *plan, uint32_t number)
{
    if (number < INDEXED) {
        return plan->index[number];
    }
    Py_ssize_t low = 0, high = plan->count;
    while (low < high) {
        Py_ssize_t middle = (low + high) / 2;
        if (plan->fields[middle].number < number) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    return low < plan->count && plan->fields[low].number == number ? &plan->fields[low] : NULL;
}

static inline bool
is_message_kind(const Field *field)
{
    return field->kind >= MODEL;
}

/* Whether the field takes a value of this wire type; any other one is an unknown field. */
static inline bool
takes_wire(const Field *field, int wire)
{
    if (field->label == MAP) {
        return wire == WIRE_BYTES;
    }
    return wire == field->wire || (wire == WIRE_BYTES && field->label == LIST && !is_message_kind(field));
}

static inline PyObject **
slot_of(void *model, const Field *field)
{
    return (PyObject **)((char *)model + field->offset);
}

/* The plan of the messages in a field; borrowed. NULL with an error if it cannot be made. */
Plan *sub_plan(Field *field);
/* The plan of a class or of the generated class behind it; borrowed. NULL with an error if it has none. */
Plan *plan_of(PyTypeObject *cls);
/* plan(cls, name, fields, *, oneofs, nothing, eager) */
PyObject *make_plan(PyObject *module, PyObject *args, PyObject *keywords);
int init_plans(void);

/* A plan of a list of dicts, for a class or for none. */
Plan *new_plan(PyTypeObject *cls, PyObject *name, PyObject *fields, int oneofs);
extern const char *const scalar_names[SCALARS];

/* The plans of the messages that Python has values for (known_plans.c). */
int make_known_plans(void);
extern Plan *timestamp_plan, *duration_plan, *struct_plan, *value_plan, *list_value_plan;
Plan *wrapper_plan(Scalar scalar);

/* What Python does for the core. */
typedef struct {
    PyObject *prepare;          /* target -> plan */
    PyObject *load_foreign;     /* read the members of an unread model that is not over bytes */
    PyObject *encode_foreign;   /* class, value -> bytes, None for nothing, True to write it as one of its class */
    PyObject *encode_message;   /* full name, value -> bytes: a message that stands for a Python value */
    PyObject *decode_message;   /* full name, bytes -> message: what Python has no value for */
    PyObject *items_of;         /* value -> the iterable that it is; refuses what is meant as something else */
    PyObject *mapping_of;       /* value -> the mapping that it is, as a dict */
    PyObject *decode_error;     /* the error for what is no message */
    PyObject *null;             /* a google.protobuf.Value that is null, where None would say that it is absent */
    PyObject *straight;         /* dict: a model class -> its message class, and what serializes one of these */
    PyObject *read_with_care;   /* class, message -> model: whatever is not read straight */
} Hooks;

extern Hooks hooks;
PyObject *call_hook(PyObject *hook, PyObject *one, PyObject *other);

/* ---- States (state.c) ---- */

/* The part of a model that the core keeps. A model is
 *
 *  - built: no baseline;
 *  - unread: the baseline is a span of bytes; no member was read yet;
 *  - read: its members are in its slots; the baseline is a Residue if they do not say all, and else none.
 *
 * The baseline may be anything else: of a class that goes by protobuf's messages it is one. */
typedef struct {
    PyObject_HEAD
    PyObject *baseline;
    uint32_t start : 31;     /* of the span; of a model that was read, see state.c */
    uint32_t unread : 1;
    uint32_t length : 31;
    uint32_t canonical : 1;  /* the span is what writing it anew would give */
} State;

extern PyTypeObject StateType;
extern PyObject *member_type;
/* The attribute `_x` (private.c). */
extern PyTypeObject PrivateType;

/* Whether the core reads it: unread, and over a span. */
static inline bool
is_span(const State *state)
{
    return state->unread && state->baseline != NULL && PyBytes_CheckExact(state->baseline);
}

static inline Cursor
span_of(const State *state)
{
    const uint8_t *at = (const uint8_t *)PyBytes_AS_STRING(state->baseline) + state->start;
    return (Cursor){at, at + state->length};
}

/* What an attribute holds in `*value`, a new reference; NULL if there is none. */
int get_attribute(State *state, const Field *field, PyObject **value);

/* What a model holds of a field in `*value`, a new reference; NULL if there is none. */
static inline int
get_held(State *state, const Field *field, PyObject **value)
{
    if (field->attribute != NULL) {
        return get_attribute(state, field, value);
    }
    *value = Py_XNewRef(*slot_of(state, field));
    return 0;
}

/* A new model in no state yet, whatever its constructor does; NULL with an error if the class is abstract. */
State *new_model(PyTypeObject *cls);
/* A new unread model of the plan's class over a span of `buffer`; takes the reference. */
PyObject *new_unread(Plan *plan, PyObject *buffer, Cursor span, bool canonical);
int init_states(void);
int init_members(void);

/* ---- What the values do not say (residue.c) ---- */

/* A field whose value, if it is written, gives other bytes than were read. */
typedef struct {
    uint32_t number;
    PyObject *raw;           /* what was read */
    PyObject *plain;         /* what the value, as it was read, is written as */
    PyObject *items;         /* of a list that is written sorted, and was not: what it held, as a tuple; or NULL */
    PyObject *beside;        /* of a FLATTENED message: the unknown fields in it, which stay whatever the map becomes; or NULL */
} Note;

typedef struct {
    PyObject_VAR_HEAD
    PyObject *unknown;       /* the unknown fields, or NULL */
    Note notes[1];
} Residue;

extern PyTypeObject ResidueType;

Residue *new_residue(Py_ssize_t notes);
/* The one that says that a model was read, and nothing else; a new reference. */
Residue *empty_residue(void);
int init_residues(void);

/* ---- Reading and writing ---- */

/* Set the members of an unread model from its span (read.c). */
int load(State *state);

/* Read the members of a model, if that is to be done. */
static inline int
ensure_read(State *state)
{
    return state->unread ? load(state) : 0;
}
/* Read one value of a message that is no model (convert.c). `lossy` is set if the value does not say all. */
PyObject *read_converted(Field *field, Cursor span, bool *lossy);
int read_key_value_into(Field *field, Cursor span, PyObject *into, bool *lossy);
PyObject *read_number_value(const Field *field, uint64_t bits);
PyObject *read_text(const Field *field, Cursor span);
PyObject *zero_value(const Field *field);

/* Write one value of a message that is no model, without its tag and length (convert.c). */
int write_converted(Writer *writer, Field *field, PyObject *value);
int write_key_value(Writer *writer, Field *field, PyObject *key, PyObject *value);
/* Write a number, string or bytes without its tag (write_scalar.c). */
int bits_of_number(const Field *field, PyObject *value, uint64_t *bits);
int write_scalar(Writer *writer, const Field *field, PyObject *value);
int write_string(Writer *writer, PyObject *value);
/* What the functions that write one value return if it is to be left out. */
#define NOTHING 1
/* Write one value with its length, if it has one, but without its tag (write.c). */
int write_value(Writer *writer, Field *field, PyObject *value);
/* A mapping as a dict: itself, if it is one; a new reference. */
PyObject *dict_of(PyObject *value);
/* Write a dict as a map; of a FLATTENED message, as the message's (write_map.c). */
int write_map(Writer *writer, Field *field, PyObject *value);
/* Write a field with its tag. */
int write_field(Writer *writer, Field *field, PyObject *value);
/* The same; of a FLATTENED message that is set with the unknown fields `beside` its map, if that is not NULL. */
int write_beside(Writer *writer, Field *field, PyObject *value, PyObject *beside);
int write_model(Writer *writer, Plan *plan, State *state);
/* Whether a model is in one of the three states of the core's. */
bool is_own_state(const State *state);
PyObject *encode(PyObject *model, bool deterministic, bool as_read);

/* Write bytes as protobuf's deterministic serialization would (canonical.c): the fields of one number, or of these. */
#define ALL_FIELDS (-1)
#define UNKNOWN_FIELDS (-2)   /* those that are unknown in the message itself */
/* For `canonical_bytes` only, all the way down: */
#define KNOWN_FIELDS (-3)     /* what a hash is of */
#define COMPARED_FIELDS (-4)  /* all, unknown ones of one number sorted by wire type: what `==` compares */
int write_canonical(Writer *writer, Plan *plan, Cursor span, Py_ssize_t only, int depth);
PyObject *canonical_bytes(Plan *plan, Cursor span, Py_ssize_t only);

/* Check that a span is a message (validate.c). -1 with an error if it is none; else whether it is canonical. */
int validate(Plan *plan, Cursor span);
/* Whether there may be an unknown field in a message or in one of its messages. */
bool may_hold_unknown(Plan *plan, Cursor span);

/* The key of a map's entry. */
typedef struct {
    Cursor text;
    uint64_t bits;
} Key;

/* The order of keys in canonical bytes. */
int compare_keys(Scalar scalar, const Key *one, const Key *other);

/* Read the key and the value of a map's entry; `value` is where it stands. False if it holds anything else. */
typedef struct {
    Key key;
    bool has_key, has_value, repeated_value;
    int key_wire;
    uint64_t bits;           /* the value, if it is a number */
    Cursor value;            /* the value, if it is not */
    bool unknown;            /* it holds a field that is neither; protobuf keeps such an entry as an unknown field */
} Entry;

bool read_entry(const Field *field, Cursor span, Entry *entry, int depth);
/* The message of an entry in which it comes several times: these, one after the other, as bytes. */
PyObject *join_entry_values(Cursor span);
/* A field of a message, one after the other, wherever it occurs in the span, as bytes. */
PyObject *join_occurrences(Cursor span, uint32_t number);

static inline Cursor
all_of(PyObject *bytes)
{
    const uint8_t *at = (const uint8_t *)PyBytes_AS_STRING(bytes);
    return (Cursor){at, at + PyBytes_GET_SIZE(bytes)};
}

/* Set the error for what is no message, and return NULL. */
PyObject *malformed(void);

/* Calling classes of models (construct.c). */
PyObject *construct_directly(PyObject *module, PyObject *cls);
/* look_up_directly(metaclass) (holder.c) */
PyObject *look_up_directly(PyObject *module, PyObject *metaclass);
int init_construct(void);

/* Modules that load a part on demand (on_demand.c). */
PyObject *make_on_demand(PyObject *module, PyObject *in_python);

/* What constructors call on what they are given (given.c). */
PyObject *make_as_list(PyObject *module, PyObject *in_python);
PyObject *make_as_member(PyObject *module, PyObject *args);

/* Timestamps and durations (times.c). */
PyObject *read_datetime(Cursor span, bool naive, bool *lossy);
PyObject *read_timedelta(Cursor span, bool *lossy);
int write_datetime(Writer *writer, PyObject *value);
int write_timedelta(Writer *writer, PyObject *value);
int init_times(void);

/* JSON values (json.c). */
PyObject *read_struct(Cursor span, bool *lossy);
PyObject *read_list(Cursor span, bool *lossy);
PyObject *read_json(Cursor span, bool *lossy);
int write_struct(Writer *writer, PyObject *value);
int write_list_value(Writer *writer, PyObject *value);
int write_json(Writer *writer, PyObject *value);
bool is_protobuf_message(PyObject *value);
int init_json(void);

/* A well-known message as protobuf's own, where Python has no value for it; and one that was given for a value. */
PyObject *read_as_message(const Plan *plan, Cursor span);
int write_given(Writer *writer, const Plan *plan, PyObject *value);

#endif
