"""The model object, a part a file; the imports run one way, from the top of this list to its end.

* ``description``: what a generated class says about its message
* ``attributes``: what a generated class has, from what it says
* ``state``: the states of a model, and what its class knows
* ``entities``, ``wrapping``, ``kinds``, ``straight``: how values are read from messages and written into them
* ``beginning``, ``deep``: the first items of what is large; messages deeper than protobuf reads
* ``changes``, ``checking``: what a read model says anew; what in a model cannot be written
* ``subclasses``, ``subclass_instances``, ``reading``, ``writing``, ``copying``: what is done with models
* ``pure``, ``compiled``, ``engine``: all of it over protobuf's messages, or by the compiled core; which one is at work
* ``parts``: the message of a model, written as far as it is looked at
* ``base``: the bases of the generated classes
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flytekit_models.model.base import DataclassModel as DataclassModel
    from flytekit_models.model.base import MemberlessModel as MemberlessModel
    from flytekit_models.model.base import Model as Model
    from flytekit_models.model.copying import new as new
    from flytekit_models.model.copying import new_with_keywords as new_with_keywords
    from flytekit_models.model.copying import rebuilt as rebuilt
    from flytekit_models.model.description import describe as describe
    from flytekit_models.model.state import message_class as message_class

_HOMES = {
    **dict.fromkeys(("DataclassModel", "MemberlessModel", "Model"), "base"),
    **dict.fromkeys(("new", "new_with_keywords", "rebuilt"), "copying"),
    "describe": "description",
    "message_class": "state",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return found
