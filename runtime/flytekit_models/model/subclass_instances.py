"""Instances of subclasses by others: read by constructors of their own, written by what they override."""

from __future__ import annotations

from inspect import Parameter, signature

from flytekit_models.model.state import M, ModelState, new_state, put, set_state
from flytekit_models.model.subclasses import TAKES_MEMBERS


def plain_copy(model: ModelState, overridden: tuple[str, ...]) -> ModelState:
    """An instance of the generated class that says what *model* does; *overridden* members by their properties."""
    generated = model._fm_generated
    if overridden and model._fm_unread:
        generated._fm_read(model)
    plain = new_state(generated)
    plain._fm_baseline = model._fm_baseline
    plain._fm_unread = None if overridden else model._fm_unread
    if not plain._fm_unread:
        for member, attribute in generated._fm_slots.items():
            value = getattr(model, member) if member in overridden else getattr(model, attribute, None)
            setattr(plain, attribute, value)
    return plain


def takes_members(cls: type[ModelState]) -> bool:
    """Whether the constructor of the subclass *cls* is its own and takes the members of the model by name."""
    if TAKES_MEMBERS not in cls.__dict__:
        setattr(cls, TAKES_MEMBERS, _compare_constructors(cls))
    return bool(cls.__dict__[TAKES_MEMBERS])


def _compare_constructors(cls: type[ModelState]) -> bool:
    if cls.__init__ is cls._fm_generated.__init__:
        return False
    try:
        signature(cls.__init__).bind(None, **dict.fromkeys(positional(cls._fm_generated)))
    except TypeError:
        return False
    return True


def positional(generated: type[ModelState]) -> list[str]:
    """The parameters of the constructor of *generated* that the contract fixes."""
    parameters = list(signature(generated.__init__).parameters.values())[1:]
    return [each.name for each in parameters if each.kind is Parameter.POSITIONAL_OR_KEYWORD]


def constructed(cls: type[M], plain: ModelState) -> M:
    """An instance of the subclass *cls* that its own constructor made, which says what *plain*, a read model, does."""
    held = cls._fm_slots
    names = [name for name in positional(cls._fm_generated) if name in held]
    made = cls(**{name: getattr(plain, held[name]) for name in names})
    for attribute in held.values():
        put(made, attribute, getattr(plain, attribute))
    set_state(made, plain._fm_baseline, None)
    return made
