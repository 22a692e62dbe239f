/* Where the descriptors of a class find the value of a member: its slot, by name until the class is made. */

#ifndef SLOT_H
#define SLOT_H

#include "core.h"

typedef struct {
    PyObject *name;
    PyObject *descriptor;    /* NULL until the class is made */
    Py_ssize_t offset;       /* in a model */
} Slot;

static inline void
name_slot(Slot *slot, PyObject *name)
{
    Py_INCREF(name);
    Py_XSETREF(slot->name, name);
}

static inline void
clear_slot(Slot *slot)
{
    Py_CLEAR(slot->name);
    Py_CLEAR(slot->descriptor);
}

/* Find the slot in the class that was made. */
static inline int
find_slot(Slot *slot, PyTypeObject *cls)
{
    if (slot->descriptor != NULL || slot->name == NULL) {
        return 0;
    }
    /* Since Python 3.12, classes of Python's own have no dict there. */
    PyObject *found =
        PyType_IsSubtype(cls, &StateType) ? PyDict_GetItemWithError(cls->tp_dict, slot->name) : NULL;
    if (found == NULL || !Py_IS_TYPE(found, &PyMemberDescr_Type) || !PyType_IsSubtype(PyDescr_TYPE(found), &StateType)) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_TypeError, "%R is no slot of a model", slot->name);
        }
        return -1;
    }
    slot->offset = ((PyMemberDescrObject *)found)->d_member->offset;
    slot->descriptor = Py_NewRef(found);
    return 0;
}

/* The place of the value in a model, which is read by now; NULL with an error if it is no model of the class. */
static inline PyObject **
value_in(const Slot *slot, PyObject *model)
{
    if (slot->descriptor == NULL || !PyObject_TypeCheck(model, PyDescr_TYPE(slot->descriptor))) {
        PyErr_Format(PyExc_TypeError, "a member of another class was asked for on a %.100s", Py_TYPE(model)->tp_name);
        return NULL;
    }
    if (ensure_read((State *)model) < 0) {
        return NULL;
    }
    return (PyObject **)((char *)model + slot->offset);
}

#endif
