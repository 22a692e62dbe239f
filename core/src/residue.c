/* What the values of a read model do not say: unknown fields, and fields whose value is written as other bytes than
 * were read (nanoseconds, duplicate keys, what is absent but reads as something).
 *
 * A note holds both: what was read, and what the value is written as. As long as the value is written as that, what
 * was read takes its place; once it has changed, it does not. So nobody has to know which values are equal. Of a list
 * that is written sorted there is a third thing: as long as it holds what it held, it keeps its order. And the unknown
 * fields beside a flattened map are written with it, whatever it becomes. */

#include "core.h"

/* Without notes in it yet; the collector is to be told of it once they are. */
Residue *
new_residue(Py_ssize_t notes)
{
    Residue *residue = PyObject_GC_NewVar(Residue, &ResidueType, notes);
    if (residue != NULL) {
        residue->unknown = NULL;
        memset(residue->notes, 0, (size_t)notes * sizeof(Note));
    }
    return residue;
}

static int
residue_traverse(Residue *residue, visitproc visit, void *arg)
{
    for (Py_ssize_t i = 0; i < Py_SIZE(residue); i++) {
        Py_VISIT(residue->notes[i].items);
    }
    return 0;
}

static int
residue_clear(Residue *residue)
{
    for (Py_ssize_t i = 0; i < Py_SIZE(residue); i++) {
        Py_CLEAR(residue->notes[i].items);
    }
    return 0;
}

Residue *
empty_residue(void)
{
    static Residue *empty;
    if (empty == NULL && (empty = new_residue(0)) == NULL) {
        return NULL;
    }
    return (Residue *)Py_NewRef((PyObject *)empty);
}

static void
residue_dealloc(Residue *residue)
{
    PyObject_GC_UnTrack(residue);
    Py_XDECREF(residue->unknown);
    for (Py_ssize_t i = 0; i < Py_SIZE(residue); i++) {
        Py_XDECREF(residue->notes[i].raw);
        Py_XDECREF(residue->notes[i].plain);
        Py_XDECREF(residue->notes[i].items);
        Py_XDECREF(residue->notes[i].beside);
    }
    PyObject_GC_Del(residue);
}

static PyObject *
residue_new(PyTypeObject *Py_UNUSED(type), PyObject *args, PyObject *Py_UNUSED(keywords))
{
    PyObject *unknown, *notes;
    if (!PyArg_ParseTuple(args, "OO!", &unknown, &PyTuple_Type, &notes)) {
        return NULL;
    }
    if (unknown != Py_None && !PyBytes_CheckExact(unknown)) {
        return PyErr_Format(PyExc_TypeError, "expected bytes or None, got %R", unknown);
    }
    Residue *residue = new_residue(PyTuple_GET_SIZE(notes));
    if (residue == NULL) {
        return NULL;
    }
    if (unknown != Py_None) {
        residue->unknown = Py_NewRef(unknown);
    }
    for (Py_ssize_t i = 0; i < Py_SIZE(residue); i++) {
        Note *note = &residue->notes[i];
        PyObject *beside;
        if (!PyArg_ParseTuple(PyTuple_GET_ITEM(notes, i), "ISSO", &note->number, &note->raw, &note->plain, &beside)) {
            note->raw = note->plain = NULL;
            Py_DECREF(residue);
            return NULL;
        }
        Py_INCREF(note->raw);
        Py_INCREF(note->plain);
        if (PyBytes_CheckExact(beside)) {
            note->beside = Py_NewRef(beside);
        }
    }
    PyObject_GC_Track(residue);
    return (PyObject *)residue;
}

static PyObject *
get_unknown(Residue *residue, void *Py_UNUSED(closure))
{
    return Py_NewRef(residue->unknown == NULL ? Py_None : residue->unknown);
}

static PyObject *
get_notes(Residue *residue, void *Py_UNUSED(closure))
{
    PyObject *notes = PyTuple_New(Py_SIZE(residue));
    for (Py_ssize_t i = 0; notes != NULL && i < Py_SIZE(residue); i++) {
        const Note *note = &residue->notes[i];
        PyObject *beside = note->beside == NULL ? Py_None : note->beside;
        PyObject *item = Py_BuildValue("(IOOO)", note->number, note->raw, note->plain, beside);
        if (item == NULL) {
            Py_CLEAR(notes);
        }
        else {
            PyTuple_SET_ITEM(notes, i, item);
        }
    }
    return notes;
}

static PyObject *
residue_reduce(Residue *residue, PyObject *Py_UNUSED(ignored))
{
    PyObject *notes = get_notes(residue, NULL);
    if (notes == NULL) {
        return NULL;
    }
    return Py_BuildValue("(O(NN))", &ResidueType, get_unknown(residue, NULL), notes);
}

static PyObject *
itself(PyObject *residue, PyObject *Py_UNUSED(memo))
{
    return Py_NewRef(residue);
}

static PyGetSetDef residue_attributes[] = {
    {"unknown", (getter)get_unknown, NULL, "The unknown fields as bytes, or None.", NULL},
    {"notes", (getter)get_notes, NULL,
     "Of each field whose value does not say all: its number, what was read, what the value is written as, and the "
     "unknown fields beside a flattened map, or None.",
     NULL},
    {NULL},
};

static PyMethodDef residue_methods[] = {
    {"__reduce__", (PyCFunction)residue_reduce, METH_NOARGS, NULL},
    {"__copy__", itself, METH_NOARGS, NULL},
    {"__deepcopy__", itself, METH_O, NULL},
    {NULL},
};

PyTypeObject ResidueType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "flytekit_models_core.Residue",
    .tp_doc = "What the values of a read model do not say.",
    .tp_basicsize = offsetof(Residue, notes),
    .tp_itemsize = sizeof(Note),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = (traverseproc)residue_traverse,
    .tp_clear = (inquiry)residue_clear,
    .tp_new = residue_new,
    .tp_dealloc = (destructor)residue_dealloc,
    .tp_getset = residue_attributes,
    .tp_methods = residue_methods,
};

int
init_residues(void)
{
    return PyType_Ready(&ResidueType);
}
