"""A module whose globals resent being looked at."""

from flytekit.core.tracker import TrackedInstance


class Touchy:
    """Raises at comparison, truth, hashing, text, and at any access to an attribute."""

    def __refuse(self, *args):
        raise RuntimeError("hands off")

    __getattribute__ = __eq__ = __ne__ = __bool__ = __hash__ = __repr__ = __str__ = __len__ = __refuse


class Thing(TrackedInstance):
    __eq__ = __hash__ = __repr__ = Touchy.__eq__

    @property
    def name(self):
        raise ValueError("no name yet")


a_touchy = Touchy()
__dir__ = Touchy()
globals()[1] = "a key that is no name"
my_obj = Thing()
z_touchy = Touchy()


def function(): ...
