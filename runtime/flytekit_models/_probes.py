"""What tools ask of any object that they pass over, to find out what kind of object it is.

A lazy module that isn't loaded answers that it has nothing of the kind, which is true of modules.
"""

from __future__ import annotations

import sys
import types
import typing

_ASKED_BY_TOOLS = """
    __aenter__ __aexit__ __aiter__ __anext__ __await__ __enter__ __exit__ __fspath__ __index__
    __iter__ __len__ __slots__
    __copy__ __deepcopy__ __getinitargs__ __getnewargs__ __getnewargs_ex__ __getstate__ __setstate__
    __wrapped__ __signature__ __partialmethod__ __isabstractmethod__ __objclass__ __orig_class__ __origin__ __args__
    __parameters__ __supertype__ __metadata__ __mro_entries__ __typing_subst__ __dataclass_fields__ __attrs_attrs__
    __warningregistry__ __tracebackhide__ __unittest_skip__ __unittest_skip_why__ __unittest_expecting_failure__
    __pytest_wrapped__ _pytestfixturefunction pytest_mock_example_attribute_that_shouldnt_exist
    _is_coroutine _is_coroutine_mark _is_coroutine_marker
    __array__ __array_function__ __array_interface__ __array_namespace__ __array_priority__ __array_struct__
    __array_ufunc__ __arrow_array__ __arrow_c_array__ __arrow_c_stream__ __cuda_array_interface__ __dataframe__
    __dlpack__ __torch_function__
    __html__ __json__ __pretty__ __rich__ __rich_console__ __rich_measure__ __rich_repr__
    __get_pydantic_core_schema__ __get_validators__ __pydantic_validator__ __pydantic_serializer__
"""
_ASKED_TO_SHOW = ("_repr_", "_ipython_")
_OTHER_KINDS = (
    type,
    types.FunctionType,
    types.MethodType,
    types.BuiltinFunctionType,
    types.GeneratorType,
    types.CoroutineType,
    types.CodeType,
    property,
    staticmethod,
    super,
    BaseException,
    memoryview,
    *(int, float, complex, str, bytes, list, dict, set),
)
_OF_OTHER_KINDS = {name for kind in _OTHER_KINDS for name in dir(kind) if name[:2] == name[-2:] == "__"}
_PROBES = _OF_OTHER_KINDS.union(_ASKED_BY_TOOLS.split()).difference(dir(types.ModuleType), vars(types.ModuleType("m")))


def is_probe(name: str) -> bool:
    """Whether an attribute is asked for by who only looks; called by a module's ``__getattribute__``."""
    if name in _PROBES or name.startswith(_ASKED_TO_SHOW):
        return True
    # Before 3.12, isinstance asks for what a runtime protocol consists of, whatever that is.
    return sys.version_info < (3, 12) and sys._getframe(2).f_globals is vars(typing)
