"""Keeps what flytekit's logger says, whether or not it passes its messages on."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from flytekit.loggers import logger


@contextmanager
def kept(level: int = logging.WARNING) -> Iterator[list[str]]:
    """Gives the list that the messages of a level, and of those above it, go to."""
    messages: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            messages.append(record.getMessage())

    keeper, before = Keeper(level), logger.level
    logger.addHandler(keeper)
    logger.setLevel(level)
    try:
        yield messages
    finally:
        logger.setLevel(before)
        logger.removeHandler(keeper)
