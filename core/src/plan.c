/* Plans: made from what Python says about the fields of a message. */

#include "core.h"

const char *const scalar_names[SCALARS] = {
    "double", "float", "int32", "int64", "uint32", "uint64", "sint32", "sint64",
    "fixed32", "fixed64", "sfixed32", "sfixed64", "bool", "string", "bytes", "enum",
};

static const char *const kind_names[KINDS] = {
    "scalar", "model", "datetime", "naive-datetime", "timedelta", "struct", "list-value", "value", "wrapper",
    "key-values", "flattened", "foreign",
};

static const char *const label_names[] = {"one", "list", "map"};
static const char *const yields_names[] = {"never", "always", "false"};

/* ---- One field, from a dict ---- */

/* The place of the text that the dict has under `name` among `names`; `missing` without one; -1 with an error. */
static int
choice(PyObject *dict, const char *name, const char *const *names, int count, int missing)
{
    PyObject *value = PyDict_GetItemString(dict, name);
    if (value == NULL && missing >= 0) {
        return missing;
    }
    if (value != NULL && PyUnicode_Check(value)) {
        for (int i = 0; i < count; i++) {
            if (PyUnicode_CompareWithASCIIString(value, names[i]) == 0) {
                return i;
            }
        }
    }
    PyErr_Format(PyExc_ValueError, "a field has no valid %s: %R", name, value == NULL ? Py_None : value);
    return -1;
}

static bool
flag(PyObject *dict, const char *name)
{
    PyObject *value = PyDict_GetItemString(dict, name);
    return value != NULL && PyObject_IsTrue(value) == 1;
}

/* The object that the dict has under `name`, or NULL for none. */
static PyObject *
object(PyObject *dict, const char *name)
{
    PyObject *value = PyDict_GetItemString(dict, name);
    if (value == NULL || value == Py_None) {
        return NULL;
    }
    Py_INCREF(value);
    return value;
}

static long
integer(PyObject *dict, const char *name, long missing)
{
    PyObject *value = PyDict_GetItemString(dict, name);
    return value == NULL ? missing : PyLong_AsLong(value);
}

/* Where models of the class hold the value: in the slot of a descriptor, or in the attribute of a name. */
static int
set_place(Field *field, PyObject *descriptor, PyTypeObject *cls)
{
    if (cls == NULL) {
        return 0;
    }
    if (descriptor != NULL && PyUnicode_CheckExact(descriptor)) {
        field->attribute = Py_NewRef(descriptor);
        return 0;
    }
    if (descriptor == NULL || !Py_IS_TYPE(descriptor, &PyMemberDescr_Type)
        || !PyType_IsSubtype(cls, PyDescr_TYPE(descriptor))) {
        PyErr_Format(PyExc_TypeError, "the field %R has no place in %R", field->name, cls);
        return -1;
    }
    field->offset = ((PyMemberDescrObject *)descriptor)->d_member->offset;
    return 0;
}

static void
set_tag(Field *field)
{
    int wire = field->label == MAP || field->packed ? WIRE_BYTES : field->wire;
    uint32_t tag = field->number << 3 | (uint32_t)wire;
    do {
        field->tag[field->tag_length++] = (uint8_t)(tag >= 0x80 ? tag | 0x80 : tag);
        tag >>= 7;
    } while (tag != 0);
}

static Plan *
converted_plan(const Field *field)
{
    switch (field->kind) {
    case DATETIME: case NAIVE:
        return timestamp_plan;
    case TIMEDELTA:
        return duration_plan;
    case STRUCT:
        return struct_plan;
    case LIST_VALUE:
        return list_value_plan;
    case VALUE:
        return value_plan;
    case WRAPPER:
        return wrapper_plan(field->scalar);
    default:
        return NULL;
    }
}

static int
set_field(Field *field, PyObject *dict, PyTypeObject *cls)
{
    int label = choice(dict, "label", label_names, 3, ONE);
    int kind = choice(dict, "kind", kind_names, KINDS, SCALAR);
    bool has_scalar = kind == SCALAR || kind == WRAPPER;
    int scalar = choice(dict, "type", scalar_names, SCALARS, has_scalar ? -1 : S_BYTES);
    int key = choice(dict, "key", scalar_names, SCALARS, label == MAP ? -1 : S_STRING);
    int yields = choice(dict, "yields", yields_names, 3, NEVER);
    long number = integer(dict, "number", -1), oneof = integer(dict, "oneof", -1);
    if (PyErr_Occurred()) {
        return -1;
    }
    if (number < 1 || number > 0x1fffffff || oneof < -1 || oneof > INT16_MAX) {
        PyErr_Format(PyExc_ValueError, "a field has the number %ld, the oneof %ld", number, oneof);
        return -1;
    }
    field->number = (uint32_t)number;
    field->oneof = (int16_t)oneof;
    field->label = (uint8_t)label;
    field->kind = (uint8_t)kind;
    field->scalar = (uint8_t)scalar;
    field->key = (uint8_t)key;
    field->yields = (uint8_t)yields;
    field->wire = (uint8_t)(kind == SCALAR ? wire_type_of((Scalar)scalar) : WIRE_BYTES);
    field->explicit = flag(dict, "explicit") || oneof >= 0;
    field->absent_default = flag(dict, "absent_default");
    field->empty_is_none = flag(dict, "empty_is_none");
    field->truthy = flag(dict, "truthy");
    field->none_as_empty = flag(dict, "none_as_empty");
    field->packed = flag(dict, "packed");
    field->lossless = flag(dict, "lossless");
    field->name = object(dict, "name");
    field->target = object(dict, "target");
    field->holder = object(dict, "holder");
    field->members = object(dict, "members");
    field->order = object(dict, "order");
    field->read = object(dict, "read");
    field->write = object(dict, "write");
    field->absent_none = label == ONE && !field->absent_default && kind != FLATTENED
                         && (field->explicit || is_message_kind(field));
    set_tag(field);
    if (field->name == NULL || (kind == FOREIGN && (field->read == NULL || field->write == NULL))
        || (field->holder != NULL && (field->members == NULL || !PyDict_CheckExact(field->members)))
        || (field->packed && (label != LIST || kind != SCALAR || !is_packable((Scalar)scalar)))
        || (kind == KEY_VALUES && label != LIST) || (kind == FLATTENED && label != ONE)
        || ((kind == MODEL || kind == KEY_VALUES || kind == FLATTENED || kind == FOREIGN) && field->target == NULL)) {
        PyErr_Format(PyExc_ValueError, "what is said about the field %R does not fit together", dict);
        return -1;
    }
    field->sub = converted_plan(field);
    Py_XINCREF(field->sub);
    if (kind == WRAPPER && field->sub == NULL) {
        PyErr_Format(PyExc_ValueError, "there is no wrapper of a %s", scalar_names[scalar]);
        return -1;
    }
    return set_place(field, PyDict_GetItemString(dict, "place"), cls);
}

/* ---- The plan ---- */

static int
compare_numbers(const void *one, const void *other)
{
    uint32_t a = ((const Field *)one)->number, b = ((const Field *)other)->number;
    return (a > b) - (a < b);
}

static int
index_fields(Plan *plan)
{
    qsort(plan->fields, (size_t)plan->count, sizeof(Field), compare_numbers);
    for (Py_ssize_t i = 0; i < plan->count; i++) {
        Field *field = &plan->fields[i];
        if (i > 0 && plan->fields[i - 1].number == field->number) {
            PyErr_Format(PyExc_ValueError, "%U has two fields of the number %u", plan->name, field->number);
            return -1;
        }
        if (field->oneof >= plan->oneofs) {
            PyErr_Format(PyExc_ValueError, "%U has no oneof %d", plan->name, field->oneof);
            return -1;
        }
        if (field->number < INDEXED) {
            plan->index[field->number] = field;
        }
        plan->declared[field->place] = field;
    }
    return 0;
}

Plan *
new_plan(PyTypeObject *cls, PyObject *name, PyObject *fields, int oneofs)
{
    Plan *plan = PyObject_GC_New(Plan, &PlanType);
    if (plan == NULL) {
        return NULL;
    }
    Py_XINCREF(cls);
    Py_INCREF(name);
    plan->cls = cls;
    plan->name = name;
    plan->oneofs = oneofs;
    plan->nothing = plan->eager = false;
    plan->count = PyList_GET_SIZE(fields);
    memset(plan->index, 0, sizeof plan->index);
    plan->fields = PyMem_Calloc((size_t)plan->count + 1, sizeof(Field));
    plan->declared = PyMem_Calloc((size_t)plan->count + 1, sizeof(Field *));
    if (plan->fields == NULL || plan->declared == NULL) {
        plan->count = 0;
        Py_DECREF(plan);
        PyErr_NoMemory();
        return NULL;
    }
    for (Py_ssize_t i = 0; i < plan->count; i++) {
        if (i >= PyList_GET_SIZE(fields) || set_field(&plan->fields[i], PyList_GET_ITEM(fields, i), cls) < 0) {
            Py_DECREF(plan);
            return NULL;
        }
        plan->fields[i].place = (uint32_t)i;
    }
    if (index_fields(plan) < 0) {
        Py_DECREF(plan);
        return NULL;
    }
    PyObject_GC_Track(plan);
    return plan;
}

static PyObject *plan_attribute;

/* The plan that a class has, or that it inherits; borrowed, NULL if there is none. */
static Plan *
inherited_plan(PyTypeObject *cls)
{
    PyObject *found = _PyType_Lookup(cls, plan_attribute);
    return found != NULL && Py_IS_TYPE(found, &PlanType) ? (Plan *)found : NULL;
}

static Plan *
own_plan(PyTypeObject *cls)
{
    Plan *found = inherited_plan(cls);
    return found != NULL && found->cls == cls ? found : NULL;
}

PyObject *
make_plan(PyObject *Py_UNUSED(module), PyObject *args, PyObject *keywords)
{
    static char *names[] = {"cls", "name", "fields", "oneofs", "nothing", "eager", NULL};
    PyObject *cls, *name, *fields;
    int oneofs = 0, nothing = 0, eager = 0;
    if (!PyArg_ParseTupleAndKeywords(
            args, keywords, "OUO!|$ipp", names, &cls, &name, &PyList_Type, &fields, &oneofs, &nothing, &eager)) {
        return NULL;
    }
    if (cls != Py_None && !(PyType_Check(cls) && PyType_IsSubtype((PyTypeObject *)cls, &StateType))) {
        return PyErr_Format(PyExc_TypeError, "expected a subclass of State or None, got %R", cls);
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(fields); i++) {
        if (!PyDict_CheckExact(PyList_GET_ITEM(fields, i))) {
            return PyErr_Format(PyExc_TypeError, "expected a list of dicts, got %R", fields);
        }
    }
    PyTypeObject *type = cls == Py_None ? NULL : (PyTypeObject *)cls;
    Plan *plan = new_plan(type, name, fields, oneofs);
    if (plan == NULL || type == NULL) {
        return (PyObject *)plan;
    }
    plan->nothing = nothing != 0;
    plan->eager = eager != 0;
    for (Py_ssize_t i = 0; i < plan->count; i++) {
        if ((plan->fields[i].attribute != NULL) != plan->eager) {
            PyErr_Format(PyExc_TypeError, "%U has slots and attributes", name);
            Py_DECREF(plan);
            return NULL;
        }
    }
    /* A plan is never replaced: others point to it. Another thread may have made one meanwhile. */
    Plan *first = own_plan(type);
    if (first != NULL) {
        Py_DECREF(plan);
        return Py_NewRef((PyObject *)first);
    }
    if (PyObject_SetAttr(cls, plan_attribute, (PyObject *)plan) < 0) {
        Py_CLEAR(plan);
    }
    return (PyObject *)plan;
}

static Plan *
prepare(PyObject *target)
{
    PyObject *plan = call_hook(hooks.prepare, target, NULL);
    if (plan != NULL && !Py_IS_TYPE(plan, &PlanType)) {
        PyErr_Format(PyExc_TypeError, "there is no plan of %R", target);
        Py_CLEAR(plan);
    }
    return (Plan *)plan;
}

Plan *
sub_plan(Field *field)
{
    if (field->sub != NULL) {
        return field->sub;
    }
    PyObject *target = field->target;
    Plan *plan = Py_IS_TYPE(target, &PlanType) ? (Plan *)target
                 : PyType_Check(target)        ? own_plan((PyTypeObject *)target)
                                               : NULL;
    Py_XINCREF(plan);
    if (plan == NULL && (plan = prepare(target)) == NULL) {
        return NULL;
    }
    bool fits = field->kind == MODEL        ? plan->cls != NULL || field->offset == 0
                : field->kind == FLATTENED  ? plan->count == 1 && plan->fields[0].label == MAP
                : field->kind == KEY_VALUES ? plan->count == 2 && plan->fields[0].kind == SCALAR
                                                  && plan->fields[1].kind == SCALAR
                                            : true;
    if (!fits) {
        PyErr_Format(PyExc_TypeError, "the plan of %U does not fit the field %U", plan->name, field->name);
        Py_DECREF(plan);
        return NULL;
    }
    if (field->sub != NULL) {
        /* Another thread was faster. */
        Py_DECREF(plan);
    }
    else {
        field->sub = plan;
    }
    return field->sub;
}

Plan *
plan_of(PyTypeObject *cls)
{
    Plan *plan = inherited_plan(cls);
    if (plan != NULL) {
        return plan;
    }
    /* It lives as long as its class, which holds it. */
    plan = prepare((PyObject *)cls);
    Py_XDECREF(plan);
    return plan;
}

static int
plan_traverse(Plan *plan, visitproc visit, void *arg)
{
    Py_VISIT(plan->cls);
    for (Py_ssize_t i = 0; i < plan->count; i++) {
        const Field *field = &plan->fields[i];
        Py_VISIT(field->target);
        Py_VISIT(field->sub);
        Py_VISIT(field->holder);
        Py_VISIT(field->members);
        Py_VISIT(field->order);
        Py_VISIT(field->read);
        Py_VISIT(field->write);
    }
    return 0;
}

static int
plan_clear(Plan *plan)
{
    Py_ssize_t count = plan->count;
    /* Without fields: whoever still finds it reads and writes nothing. */
    plan->count = 0;
    memset(plan->index, 0, sizeof plan->index);
    Py_CLEAR(plan->cls);
    for (Py_ssize_t i = 0; i < count; i++) {
        Field *field = &plan->fields[i];
        Py_CLEAR(field->name);
        Py_CLEAR(field->attribute);
        Py_CLEAR(field->target);
        Py_CLEAR(field->sub);
        Py_CLEAR(field->holder);
        Py_CLEAR(field->members);
        Py_CLEAR(field->order);
        Py_CLEAR(field->read);
        Py_CLEAR(field->write);
    }
    return 0;
}

static void
plan_dealloc(Plan *plan)
{
    PyObject_GC_UnTrack(plan);
    plan_clear(plan);
    PyMem_Free(plan->fields);
    PyMem_Free(plan->declared);
    Py_XDECREF(plan->name);
    PyObject_GC_Del(plan);
}

static PyObject *
plan_repr(Plan *plan)
{
    return PyUnicode_FromFormat("<Plan of %U>", plan->name);
}

static PyMemberDef plan_members[] = {
    {"cls", T_OBJECT, offsetof(Plan, cls), READONLY, "The generated class."},
    {"name", T_OBJECT, offsetof(Plan, name), READONLY, "Full name of the message."},
    {NULL},
};

PyTypeObject PlanType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "flytekit_models_core.Plan",
    .tp_doc = "How the messages of one type stand on the wire, and where a model holds them.",
    .tp_basicsize = sizeof(Plan),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_traverse = (traverseproc)plan_traverse,
    .tp_clear = (inquiry)plan_clear,
    .tp_dealloc = (destructor)plan_dealloc,
    .tp_repr = (reprfunc)plan_repr,
    .tp_members = plan_members,
};

int
init_plans(void)
{
    if (plan_attribute != NULL) {
        return 0;
    }
    plan_attribute = PyUnicode_InternFromString("_fm_plan");
    return plan_attribute == NULL || PyType_Ready(&PlanType) < 0 ? -1 : make_known_plans();
}
