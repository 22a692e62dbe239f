"""The base of the models that are dataclasses."""

from __future__ import annotations

from typing import Any, ClassVar

from flytekit_models.data.methods import DataMethods
from flytekit_models.model import Model


class DataclassModel(Model):
    """A model that holds its members as the fields of a dataclass: plain attributes, read at once, freely assigned."""

    __slots__ = ()

    _EAGER: ClassVar[bool] = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "_MESSAGE" in cls.__dict__:
            # A dataclass gets a __repr__ and, since 3.13, a __replace__ of its own: IPython would show the one, which
            # is no tree, and the other would lose the baseline.
            cls._repr_pretty_ = DataMethods._repr_pretty_  # type: ignore[method-assign]
            cls.__replace__ = DataMethods.__replace__  # type: ignore[method-assign]

    def __new__(cls, *_: Any, **__: Any) -> Any:
        # A dataclass makes its own __init__, which knows nothing of a baseline.
        made = super().__new__(cls)
        made._baseline, made._unread = None, False
        return made

    @classmethod
    def _name_slots(cls) -> dict[str, str]:
        return {member: member for member in cls._FIELDS}
