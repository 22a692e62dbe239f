/* flytekit_models_core: the wire core of flytekit-models.
 *
 * flytekit_models loads it only where `version` equals its own, so the two need no agreement on anything else. What
 * this file offers is called by flytekit_models: mostly by model/compiled.py and model/plans.py. */

#include "core.h"

#ifndef CORE_VERSION
#error "CORE_VERSION is not defined: build with setup.py"
#endif

Hooks hooks;

/* The hooks are pointers, one after the other. */
#define HOOKS (sizeof(Hooks) / sizeof(PyObject *))

static char *hook_names[HOOKS + 1] = {"prepare", "load_foreign", "encode_foreign", "encode_message", "decode_message",
                                      "items_of", "mapping_of", "decode_error", "null", "straight", "read_with_care",
                                      NULL};

static PyObject *
set_hooks(PyObject *Py_UNUSED(module), PyObject *args, PyObject *keywords)
{
    Hooks given;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "$OOOOOOOOOO!O", hook_names, &given.prepare, &given.load_foreign,
                                     &given.encode_foreign, &given.encode_message, &given.decode_message,
                                     &given.items_of, &given.mapping_of, &given.decode_error, &given.null,
                                     &PyDict_Type, &given.straight, &given.read_with_care)) {
        return NULL;
    }
    PyObject *old[HOOKS], *new[HOOKS];
    memcpy(old, &hooks, sizeof hooks);
    memcpy(new, &given, sizeof given);
    for (size_t i = 0; i < HOOKS; i++) {
        Py_INCREF(new[i]);
    }
    hooks = given;
    for (size_t i = 0; i < HOOKS; i++) {
        Py_XDECREF(old[i]);
    }
    Py_RETURN_NONE;
}

static PyObject *
get_hooks(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    PyObject *set[HOOKS];
    memcpy(set, &hooks, sizeof hooks);
    if (set[0] == NULL) {
        Py_RETURN_NONE;
    }
    PyObject *dict = PyDict_New();
    for (size_t i = 0; dict != NULL && i < HOOKS; i++) {
        if (PyDict_SetItemString(dict, hook_names[i], set[i]) < 0) {
            Py_CLEAR(dict);
        }
    }
    return dict;
}

/* Call a hook with one or two arguments. */
PyObject *
call_hook(PyObject *hook, PyObject *one, PyObject *other)
{
    if (hook == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "no hooks are set");
        return NULL;
    }
    return PyObject_CallFunctionObjArgs(hook, one, other, NULL);
}

/* The plan of a model class given by a caller. */
static Plan *
plan_of_class(PyObject *cls)
{
    if (!PyType_Check(cls) || !PyType_IsSubtype((PyTypeObject *)cls, &StateType)) {
        PyErr_Format(PyExc_TypeError, "expected the class of a model, got %R", cls);
        return NULL;
    }
    Plan *plan = plan_of((PyTypeObject *)cls);
    if (plan != NULL && (plan->cls == NULL || !PyType_IsSubtype((PyTypeObject *)cls, plan->cls))) {
        PyErr_Format(PyExc_TypeError, "the plan of %U is not that of %R", plan->name, cls);
        return NULL;
    }
    return plan;
}

/* A model of the class, which may derive from the plan's, over all of `bytes`. */
static PyObject *
model_over(const Plan *plan, PyTypeObject *cls, PyObject *bytes, bool canonical)
{
    State *state = new_model(cls);
    if (state == NULL) {
        return NULL;
    }
    state->baseline = Py_NewRef(bytes);
    state->length = (uint32_t)PyBytes_GET_SIZE(bytes);
    state->unread = 1;
    state->canonical = canonical;
    if (plan->eager && load(state) < 0) {
        Py_CLEAR(state);
    }
    return (PyObject *)state;
}

static PyObject *
too_long(void)
{
    PyErr_SetString(hooks.decode_error == NULL ? PyExc_ValueError : hooks.decode_error,
                    "a message of more than 2 GiB");
    return NULL;
}

static PyObject *
from_bytes(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count)
{
    if (count != 2) {
        return PyErr_Format(PyExc_TypeError, "from_bytes takes a class and bytes");
    }
    Plan *plan = plan_of_class(args[0]);
    if (plan == NULL) {
        return NULL;
    }
    PyObject *bytes = PyBytes_CheckExact(args[1]) ? Py_NewRef(args[1]) : PyBytes_FromObject(args[1]);
    if (bytes == NULL) {
        return NULL;
    }
    PyObject *model = NULL;
    if (PyBytes_GET_SIZE(bytes) > MAX_LENGTH) {
        too_long();
    }
    else {
        int canonical = validate(plan, all_of(bytes));
        model = canonical < 0 ? NULL : model_over(plan, (PyTypeObject *)args[0], bytes, canonical);
    }
    Py_DECREF(bytes);
    return model;
}

static PyObject *
model_over_serialized(PyObject *cls, PyObject *bytes)
{
    Plan *plan = plan_of_class(cls);
    if (plan == NULL) {
        return NULL;
    }
    if (!PyBytes_CheckExact(bytes)) {
        return PyErr_Format(PyExc_TypeError, "expected the bytes of a message, got %R", bytes);
    }
    return PyBytes_GET_SIZE(bytes) > MAX_LENGTH ? too_long() : model_over(plan, (PyTypeObject *)cls, bytes, false);
}

static PyObject *
from_serialized(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count)
{
    if (count != 2) {
        return PyErr_Format(PyExc_TypeError, "from_serialized takes a class and bytes");
    }
    return model_over_serialized(args[0], args[1]);
}

/* The model of a message, by its bytes. Here, since for a small one each call of Python would be a tenth of it all. */
static PyObject *
from_message(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count)
{
    if (count != 2) {
        return PyErr_Format(PyExc_TypeError, "from_message takes a class and a message");
    }
    PyObject *known = hooks.straight == NULL ? NULL : PyDict_GetItemWithError(hooks.straight, args[0]);
    if (known == NULL || PyTuple_GET_ITEM(known, 0) != (PyObject *)Py_TYPE(args[1])) {
        return PyErr_Occurred() ? NULL : call_hook(hooks.read_with_care, args[0], args[1]);
    }
    PyObject *serialize = Py_NewRef(PyTuple_GET_ITEM(known, 1));
    PyObject *bytes = PyObject_CallOneArg(serialize, args[1]);
    Py_DECREF(serialize);
    PyObject *model = bytes == NULL ? NULL : model_over_serialized(args[0], bytes);
    Py_XDECREF(bytes);
    return model;
}

static PyObject *
to_bytes(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count)
{
    if (count != 2 || !PyObject_TypeCheck(args[0], &StateType)) {
        return PyErr_Format(PyExc_TypeError, "to_bytes takes a model, and whether the bytes are deterministic");
    }
    int deterministic = PyObject_IsTrue(args[1]);
    return deterministic < 0 ? NULL : encode(args[0], deterministic != 0, false);
}

static PyObject *
load_model(PyObject *Py_UNUSED(module), PyObject *model)
{
    if (!PyObject_TypeCheck(model, &StateType)) {
        return PyErr_Format(PyExc_TypeError, "expected a model, got %R", model);
    }
    if (ensure_read((State *)model) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
is_own(PyObject *Py_UNUSED(module), PyObject *model)
{
    return PyBool_FromLong(PyObject_TypeCheck(model, &StateType) && is_own_state((State *)model));
}

/* ---- Equality ---- */

/* What two spans tell at a glance: 1 if the models are equal, 0 if they are not, -1 if it has to be found out. */
static int
compare_spans(PyObject *one, PyObject *other)
{
    const State *a = (State *)one, *b = (State *)other;
    if (Py_TYPE(one) != Py_TYPE(other) || !PyObject_TypeCheck(one, &StateType) || !is_span(a) || !is_span(b)) {
        return -1;
    }
    if (a->length == b->length && memcmp(span_of(a).at, span_of(b).at, a->length) == 0) {
        return 1;
    }
    return a->canonical && b->canonical ? 0 : -1;
}

static PyObject *
equal(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count)
{
    if (count != 2) {
        return PyErr_Format(PyExc_TypeError, "equal takes two models");
    }
    int known = compare_spans(args[0], args[1]);
    if (known >= 0) {
        return PyBool_FromLong(known);
    }
    PyObject *one = encode(args[0], true, false);
    PyObject *other = one == NULL ? NULL : encode(args[1], true, false);
    Plan *plan = other == NULL ? NULL : plan_of(Py_TYPE(args[0]));
    if (plan != NULL && PyBytes_GET_SIZE(one) == PyBytes_GET_SIZE(other)
        && PyObject_RichCompareBool(one, other, Py_EQ) == 0 && may_hold_unknown(plan, all_of(one))) {
        /* They may differ by the order of unknown fields. */
        Py_SETREF(one, canonical_bytes(plan, all_of(one), COMPARED_FIELDS));
        Py_SETREF(other, one == NULL ? NULL : canonical_bytes(plan, all_of(other), COMPARED_FIELDS));
    }
    PyObject *same = plan == NULL || other == NULL ? NULL : PyObject_RichCompare(one, other, Py_EQ);
    Py_XDECREF(one);
    Py_XDECREF(other);
    return same;
}

static PyObject *
hash(PyObject *Py_UNUSED(module), PyObject *model)
{
    PyObject *bytes = encode(model, true, false);
    Plan *plan = bytes == NULL ? NULL : plan_of(Py_TYPE(model));
    if (plan == NULL) {
        Py_XDECREF(bytes);
        return NULL;
    }
    if (may_hold_unknown(plan, all_of(bytes))) {
        Py_SETREF(bytes, canonical_bytes(plan, all_of(bytes), KNOWN_FIELDS));
    }
    Py_hash_t found = bytes == NULL ? -1 : PyObject_Hash(bytes);
    Py_XDECREF(bytes);
    return found == -1 ? NULL : PyLong_FromSsize_t(found);
}

/* ---- For copies and tests ---- */

static PyObject *
to_baseline(PyObject *Py_UNUSED(module), PyObject *model)
{
    return encode(model, true, true);
}

static PyObject *
copy_state(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count)
{
    if (count != 2 || !PyObject_TypeCheck(args[0], &StateType) || !PyObject_TypeCheck(args[1], &StateType)) {
        return PyErr_Format(PyExc_TypeError, "copy_state takes two models");
    }
    const State *from = (State *)args[0];
    State *to = (State *)args[1];
    PyObject *old = to->baseline;
    Py_XINCREF(from->baseline);
    to->baseline = from->baseline;
    to->start = from->start;
    to->length = from->length;
    to->unread = from->unread;
    to->canonical = from->canonical;
    Py_XDECREF(old);
    Py_RETURN_NONE;
}

static PyObject *
canonical(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count)
{
    if (count != 2 || !PyBytes_CheckExact(args[1]) || PyBytes_GET_SIZE(args[1]) > MAX_LENGTH) {
        return PyErr_Format(PyExc_TypeError, "canonical takes a class or a plan, and bytes");
    }
    Plan *plan = Py_IS_TYPE(args[0], &PlanType) ? (Plan *)args[0] : plan_of_class(args[0]);
    if (plan == NULL || validate(plan, all_of(args[1])) < 0) {
        return NULL;
    }
    return canonical_bytes(plan, all_of(args[1]), ALL_FIELDS);
}

static PyObject *
is_canonical(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count)
{
    if (count != 2 || !PyBytes_CheckExact(args[1]) || PyBytes_GET_SIZE(args[1]) > MAX_LENGTH) {
        return PyErr_Format(PyExc_TypeError, "is_canonical takes a class or a plan, and bytes");
    }
    Plan *plan = Py_IS_TYPE(args[0], &PlanType) ? (Plan *)args[0] : plan_of_class(args[0]);
    int found = plan == NULL ? -1 : validate(plan, all_of(args[1]));
    return found < 0 ? NULL : PyBool_FromLong(found);
}

static PyMethodDef functions[] = {
    {"set_hooks", (PyCFunction)(void (*)(void))set_hooks, METH_VARARGS | METH_KEYWORDS,
     "Say what Python does for the core."},
    {"get_hooks", get_hooks, METH_NOARGS, "What was said that Python does, as keyword arguments; None if nothing was."},
    {"plan", (PyCFunction)(void (*)(void))make_plan, METH_VARARGS | METH_KEYWORDS,
     "Make the plan of a class, or of a message without one, from a list of dicts, one of each field."},
    {"from_bytes", (PyCFunction)(void (*)(void))from_bytes, METH_FASTCALL,
     "An unread model of a class over bytes, which are checked."},
    {"from_serialized", (PyCFunction)(void (*)(void))from_serialized, METH_FASTCALL,
     "An unread model of a class over bytes that protobuf wrote."},
    {"from_message", (PyCFunction)(void (*)(void))from_message, METH_FASTCALL,
     "A model of a class from a message, which may change afterwards without any effect."},
    {"to_bytes", (PyCFunction)(void (*)(void))to_bytes, METH_FASTCALL, "Write a model."},
    {"load", load_model, METH_O, "Read the members of a model, if they are not read yet."},
    {"to_baseline", to_baseline, METH_O,
     "Write a model that was read so that reading it gives the same residue, whatever its values are now."},
    {"is_own", is_own, METH_O, "Whether the core reads and writes a model: it is not over a message."},
    {"equal", (PyCFunction)(void (*)(void))equal, METH_FASTCALL, "Whether two models are the same message."},
    {"hash", hash, METH_O, "The hash of a model: that of its canonical bytes without the unknown fields."},
    {"copy_state", (PyCFunction)(void (*)(void))copy_state, METH_FASTCALL,
     "Have the second model read from what the first one does."},
    {"canonical", (PyCFunction)(void (*)(void))canonical, METH_FASTCALL, "The canonical form of bytes."},
    {"construct_directly", construct_directly, METH_O,
     "Have the arguments of a class go to its `__init__` as they come, without a tuple and a dict."},
    {"look_up_directly", look_up_directly, METH_O,
     "Have the attributes of the classes of a metaclass found before its `__getattr__` is thought of."},
    {"make_on_demand", make_on_demand, METH_O,
     "A `__getattr__` for a module: without a `__path__`, and with all else that the function given finds."},
    {"make_as_list", make_as_list, METH_O, "A function that gives a list as it is; the one given does everything else."},
    {"make_as_member", make_as_member, METH_VARARGS,
     "A function that looks up the value of an enum holder in a dict of dicts; the one given does everything else."},
    {"is_canonical", (PyCFunction)(void (*)(void))is_canonical, METH_FASTCALL,
     "Whether bytes, which are checked, are in their canonical form."},
    {NULL},
};

/* ---- The module ---- */

/* Everything here belongs to the main interpreter, and rests on its lock. */
static int
refuse_others(void)
{
#ifdef Py_GIL_DISABLED
    PyErr_SetString(PyExc_ImportError, "the core is not made for free-threaded Python");
    return -1;
#else
    if (PyInterpreterState_Get() != PyInterpreterState_Main()) {
        PyErr_SetString(PyExc_ImportError, "the core is not made for subinterpreters");
        return -1;
    }
    return 0;
#endif
}

static int
core_exec(PyObject *module)
{
    if (refuse_others() < 0 || init_plans() < 0 || init_times() < 0 || init_json() < 0 || init_states() < 0 || init_members() < 0
        || init_residues() < 0 || init_construct() < 0 || PyType_Ready(&PrivateType) < 0) {
        return -1;
    }
    if (PyModule_AddObjectRef(module, "State", (PyObject *)&StateType) < 0
        || PyModule_AddObjectRef(module, "Member", member_type) < 0
        || PyModule_AddObjectRef(module, "Private", (PyObject *)&PrivateType) < 0
        || PyModule_AddObjectRef(module, "Plan", (PyObject *)&PlanType) < 0
        || PyModule_AddObjectRef(module, "Residue", (PyObject *)&ResidueType) < 0) {
        return -1;
    }
    return PyModule_AddStringConstant(module, "version", CORE_VERSION);
}

static PyModuleDef_Slot core_slots[] = {
    {Py_mod_exec, core_exec},
#if PY_VERSION_HEX >= 0x030c0000
    {Py_mod_multiple_interpreters, Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED},
#endif
    {0, NULL},
};

static struct PyModuleDef core_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "flytekit_models_core",
    .m_doc = "The wire core of flytekit-models.",
    .m_methods = functions,
    .m_slots = core_slots,
};

PyMODINIT_FUNC
PyInit_flytekit_models_core(void)
{
    return PyModuleDef_Init(&core_module);
}
