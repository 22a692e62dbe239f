/* flytekit_models_core: the wire core of flytekit-models.
 *
 * flytekit_models loads it only where `version` equals its own, so the two need no agreement on anything else. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#ifndef CORE_VERSION
#error "CORE_VERSION is not defined: build with setup.py"
#endif

static int
core_exec(PyObject *module)
{
    /* Nothing is in it yet, so it must not fit: flytekit_models then takes the pure path. */
    return PyModule_AddStringConstant(module, "version", CORE_VERSION "+nothing");
}

static PyModuleDef_Slot core_slots[] = {
    {Py_mod_exec, core_exec},
    {0, NULL},
};

static struct PyModuleDef core_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "flytekit_models_core",
    .m_doc = "The wire core of flytekit-models.",
    .m_slots = core_slots,
};

PyMODINIT_FUNC
PyInit_flytekit_models_core(void)
{
    return PyModuleDef_Init(&core_module);
}
