/* Calling a class of models: what `type.__call__` does, but the arguments go to `__init__` as they came, not by way of a
 * tuple and a dict. Whatever is not as the generator made it goes the usual way, also if it was changed afterwards. */

#include "core.h"

#define FEW_ARGUMENTS 32

static PyObject *init_name;

static PyObject *
call_as_usual(PyObject *cls, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    PyObject *positional = PyTuple_New(count), *keywords = names == NULL ? NULL : PyDict_New(), *made = NULL;
    if (positional == NULL || (names != NULL && keywords == NULL)) {
        goto done;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        PyTuple_SET_ITEM(positional, i, Py_NewRef(args[i]));
    }
    for (Py_ssize_t i = 0; names != NULL && i < PyTuple_GET_SIZE(names); i++) {
        if (PyDict_SetItem(keywords, PyTuple_GET_ITEM(names, i), args[count + i]) < 0) {
            goto done;
        }
    }
    made = Py_TYPE(cls)->tp_call(cls, positional, keywords);
done:
    Py_XDECREF(positional);
    Py_XDECREF(keywords);
    return made;
}

/* Call `__init__` with the model before the arguments. */
static PyObject *
call_init(PyObject *init, PyObject *model, PyObject *const *args, size_t flags, PyObject *names)
{
    size_t count = (size_t)PyVectorcall_NARGS(flags);
    if (flags & PY_VECTORCALL_ARGUMENTS_OFFSET) {
        /* The caller lends the place before them. */
        PyObject **all = (PyObject **)args - 1, *before = all[0];
        all[0] = model;
        PyObject *done = PyObject_Vectorcall(init, all, count + 1, names);
        all[0] = before;
        return done;
    }
    size_t given = count + (names == NULL ? 0 : (size_t)PyTuple_GET_SIZE(names));
    PyObject *few[FEW_ARGUMENTS + 1], **all = few;
    if (given > FEW_ARGUMENTS && (all = PyMem_Malloc((given + 1) * sizeof(PyObject *))) == NULL) {
        return PyErr_NoMemory();
    }
    all[0] = model;
    memcpy(all + 1, args, given * sizeof(PyObject *));
    PyObject *done = PyObject_Vectorcall(init, all, count + 1, names);
    if (all != few) {
        PyMem_Free(all);
    }
    return done;
}

static PyObject *
construct(PyObject *self, PyObject *const *args, size_t flags, PyObject *names)
{
    PyTypeObject *cls = (PyTypeObject *)self;
    PyObject *init = _PyType_Lookup(cls, init_name);
    if (Py_TYPE(cls)->tp_call != PyType_Type.tp_call || cls->tp_new != StateType.tp_new || init == NULL
        || !PyFunction_Check(init)) {
        return call_as_usual(self, args, PyVectorcall_NARGS(flags), names);
    }
    PyObject *model = cls->tp_new(cls, NULL, NULL);
    if (model == NULL) {
        return NULL;
    }
    Py_INCREF(init);
    PyObject *done = call_init(init, model, args, flags, names);
    Py_DECREF(init);
    if (done != NULL && done != Py_None) {
        PyErr_Format(PyExc_TypeError, "__init__() should return None, not '%.200s'", Py_TYPE(done)->tp_name);
        Py_CLEAR(done);
    }
    if (done == NULL) {
        Py_DECREF(model);
        return NULL;
    }
    Py_DECREF(done);
    return model;
}

/* Have instances of the class made so; not those of its subclasses. */
PyObject *
construct_directly(PyObject *Py_UNUSED(module), PyObject *cls)
{
    if (!PyType_Check(cls) || !PyType_IsSubtype((PyTypeObject *)cls, &StateType)) {
        return PyErr_Format(PyExc_TypeError, "expected a subclass of State, got %R", cls);
    }
    PyTypeObject *metaclass = Py_TYPE(cls);
    if (metaclass->tp_call == PyType_Type.tp_call
        && metaclass->tp_vectorcall_offset == PyType_Type.tp_vectorcall_offset) {
        /* Before Python 3.12, metaclasses do not inherit the flag. Its one danger, a `__call__` that is set on the
         * metaclass later, is looked for at each call. */
        metaclass->tp_flags |= Py_TPFLAGS_HAVE_VECTORCALL;
        ((PyTypeObject *)cls)->tp_vectorcall = construct;
    }
    Py_RETURN_NONE;
}

int
init_construct(void)
{
    init_name = PyUnicode_InternFromString("__init__");
    return init_name == NULL ? -1 : 0;
}
