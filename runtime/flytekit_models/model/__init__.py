"""The model object, a part a file; the imports run one way, from the top of this list to its end.

* ``engine``: the door to reading, writing, comparing and copying, by the compiled core or by the pure path
* ``given``: what constructors make of what they are given
* ``attributes``: what a generated class has, from what it says
* ``description``: what a generated class says about its message
* ``state``: the states of a model, and what its class knows
* ``base``: the bases of the generated classes
* ``subclasses``, ``subclass_instances``: classes of others, and instances of them
* ``entities``: what may stand for a model, a list or a dict
* ``wrapping``, ``kinds``, ``straight``: the pure path's functions that read and write one class, from its description
* ``reading``: models from messages
* ``deep``: messages that nest deeper than protobuf reads
* ``changes``: what a model that was read says anew
* ``checking_json``, ``checking``: what in a model cannot be written
* ``writing``: models into messages
* ``copying``: copies and pickles
* ``pure``: the pure path, whole
* ``plans``, ``compiled``: plans for the compiled core; the path by it, whole
* ``beginning``, ``parts``: a large model and its message, written as far as they are looked at
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
