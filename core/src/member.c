/* The property of a member: a property whose getter is not called where the core knows what it gives. Where the slot
 * is unset the getter is called after all, and says what there is to say. */

#include "core.h"

/* Behind the fields of `property`, which are its own business. */
typedef struct {
    PyObject *doc;           /* `property` sets it on instances of its subclasses */
    PyObject *slot;          /* name of the slot until the class is made, then its descriptor */
    Py_ssize_t offset;       /* of the slot in a model */
    char is_private;         /* of an `_x`: None is left to the getter too, and it may be set */
} Member;

static Py_ssize_t own_offset;

static inline Member *
own(PyObject *self)
{
    return (Member *)((char *)self + own_offset);
}

static inline int
is_slot_of(PyObject *slot, PyObject *model)
{
    return slot != NULL && Py_IS_TYPE(slot, &PyMemberDescr_Type) && PyObject_TypeCheck(model, PyDescr_TYPE(slot));
}

static PyObject *
get(PyObject *self, PyObject *model, PyObject *cls)
{
    if (model == NULL || model == Py_None) {
        Py_INCREF(self);
        return self;
    }
    const Member *member = own(self);
    if (!is_slot_of(member->slot, model)) {
        return PyErr_Format(PyExc_TypeError, "a member of another class was asked for on a %.100s",
                            Py_TYPE(model)->tp_name);
    }
    if (ensure_read((State *)model) < 0) {
        return NULL;
    }
    PyObject *value = *(PyObject **)((char *)model + member->offset);
    if (value == NULL || (value == Py_None && member->is_private)) {
        return PyProperty_Type.tp_descr_get(self, model, cls);
    }
    Py_INCREF(value);
    return value;
}

static int
set(PyObject *self, PyObject *model, PyObject *value)
{
    const Member *member = own(self);
    if (!is_slot_of(member->slot, model)) {
        PyErr_Format(PyExc_TypeError, "a member of another class was set on a %.100s", Py_TYPE(model)->tp_name);
        return -1;
    }
    if (!member->is_private || value == NULL) {
        return PyProperty_Type.tp_descr_set(self, model, value);
    }
    if (ensure_read((State *)model) < 0) {
        return -1;
    }
    PyObject **slot = (PyObject **)((char *)model + member->offset);
    PyObject *old = *slot;
    Py_INCREF(value);
    *slot = value;
    ((State *)model)->start = 0;
    Py_XDECREF(old);
    return 0;
}

static int
init(PyObject *self, PyObject *args, PyObject *keywords)
{
    static char *names[] = {"fget", "fset", "doc", "slot", "private", NULL};
    PyObject *fget, *fset, *doc, *slot;
    int is_private = 0;
    if (!PyArg_ParseTupleAndKeywords(
            args, keywords, "OOOU|p", names, &fget, &fset, &doc, &slot, &is_private)) {
        return -1;
    }
    PyObject *four = PyTuple_Pack(4, fget, fset, Py_None, doc);
    int failed = four == NULL ? -1 : PyProperty_Type.tp_init(self, four, NULL);
    Py_XDECREF(four);
    if (failed < 0) {
        return -1;
    }
    Member *member = own(self);
    if (doc != Py_None) {
        Py_INCREF(doc);
        Py_XSETREF(member->doc, doc);
    }
    Py_INCREF(slot);
    Py_XSETREF(member->slot, slot);
    member->is_private = (char)is_private;
    return 0;
}

/* Python calls it when the class is made, which has its slots by then. */
static PyObject *
set_name(PyObject *self, PyObject *args)
{
    PyObject *cls, *name;
    if (!PyArg_ParseTuple(args, "O!U", &PyType_Type, &cls, &name)) {
        return NULL;
    }
    Member *member = own(self);
    if (member->slot == NULL || !PyUnicode_Check(member->slot)) {
        Py_RETURN_NONE;
    }
    PyObject *slot = PyDict_GetItemWithError(((PyTypeObject *)cls)->tp_dict, member->slot);
    if (slot == NULL || !Py_IS_TYPE(slot, &PyMemberDescr_Type) || !PyType_IsSubtype(PyDescr_TYPE(slot), &StateType)) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_TypeError, "%R is no slot of a model", member->slot);
        }
        return NULL;
    }
    member->offset = ((PyMemberDescrObject *)slot)->d_member->offset;
    Py_INCREF(slot);
    Py_SETREF(member->slot, slot);
    Py_RETURN_NONE;
}

/* A plain property with one function changed: what such a function does, only Python knows. */
static PyObject *
changed(PyObject *self, const char *name, PyObject *function)
{
    static const char *const names[] = {"fget", "fset", "fdel"};
    PyObject *functions[3];
    for (int i = 0; i < 3; i++) {
        functions[i] = strcmp(name, names[i]) == 0 ? Py_NewRef(function) : PyObject_GetAttrString(self, names[i]);
    }
    PyObject *doc = PyObject_GetAttrString(self, "__doc__");
    PyObject *made = NULL;
    if (functions[0] != NULL && functions[1] != NULL && functions[2] != NULL && doc != NULL) {
        PyObject *property = (PyObject *)&PyProperty_Type;
        made = PyObject_CallFunctionObjArgs(property, functions[0], functions[1], functions[2], doc, NULL);
    }
    for (int i = 0; i < 3; i++) {
        Py_XDECREF(functions[i]);
    }
    Py_XDECREF(doc);
    return made;
}

static PyObject *
with_getter(PyObject *self, PyObject *function)
{
    return changed(self, "fget", function);
}

static PyObject *
with_setter(PyObject *self, PyObject *function)
{
    return changed(self, "fset", function);
}

static PyObject *
with_deleter(PyObject *self, PyObject *function)
{
    return changed(self, "fdel", function);
}

static int
traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(own(self)->doc);
    Py_VISIT(own(self)->slot);
    Py_VISIT(Py_TYPE(self));
    return PyProperty_Type.tp_traverse(self, visit, arg);
}

static void
dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_CLEAR(own(self)->doc);
    Py_CLEAR(own(self)->slot);
    /* The base untracks it again. */
    PyObject_GC_Track(self);
    PyProperty_Type.tp_dealloc(self);
    Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"__set_name__", set_name, METH_VARARGS, "Find the slot in the class that was made."},
    {"getter", with_getter, METH_O, "A property with another getter."},
    {"setter", with_setter, METH_O, "A property with another setter."},
    {"deleter", with_deleter, METH_O, "A property with another deleter."},
    {NULL},
};

PyObject *member_type;

int
init_members(void)
{
    if (member_type != NULL) {
        return 0;
    }
    own_offset = PyProperty_Type.tp_basicsize;
    PyMemberDef members[] = {
        {"__doc__", T_OBJECT, own_offset + (Py_ssize_t)offsetof(Member, doc), 0, NULL},
        {NULL},
    };
    PyType_Slot slots[] = {
        {Py_tp_descr_get, get},
        {Py_tp_descr_set, set},
        {Py_tp_init, init},
        {Py_tp_traverse, traverse},
        {Py_tp_dealloc, dealloc},
        {Py_tp_methods, methods},
        {Py_tp_members, members},
        {0, NULL},
    };
    PyType_Spec spec = {
        .name = "flytekit_models_core.Member",
        .basicsize = (int)(own_offset + (Py_ssize_t)sizeof(Member)),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
        .slots = slots,
    };
    PyObject *bases = PyTuple_Pack(1, &PyProperty_Type);
    member_type = bases == NULL ? NULL : PyType_FromSpecWithBases(&spec, bases);
    Py_XDECREF(bases);
    return member_type == NULL ? -1 : 0;
}
