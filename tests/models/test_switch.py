"""Which core is at work: what it tells, and the switch."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from flytekit_models._told import Core

_PROGRAM = """
import warnings
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    from flytekit_models import core
told = core()
assert bool(told) is told.active
print(told.active, len(caught), told.reason, *(each.message for each in caught), sep="; ")
"""


def _told(switch: str) -> str:
    environment = {**os.environ, "FLYTEKIT_MODELS_CORE": switch}
    done = subprocess.run([sys.executable, "-c", _PROGRAM], check=True, capture_output=True, text=True, env=environment)
    return done.stdout.strip()


@pytest.mark.parametrize("switch", ["0", "off", " No ", "FALSE"])
def test_it_is_switched_off(switch: str) -> None:
    assert _told(switch) == "False; 0; switched off by FLYTEKIT_MODELS_CORE"


@pytest.mark.parametrize("switch", ["", "1", "on", "Yes", "TRUE"])
def test_it_is_left_on(switch: str) -> None:
    assert _told(switch) == _told("1")
    assert "; 0; " in _told(switch) and "switched" not in _told(switch)


def test_what_is_neither_on_nor_off_is_told() -> None:
    assert _told("disabled").endswith("FLYTEKIT_MODELS_CORE=disabled is neither on nor off: take 1 or 0")


def test_what_is_told_is_true_if_the_core_is_used() -> None:
    assert Core(True, "1", "") and not Core(False, "1", "")
