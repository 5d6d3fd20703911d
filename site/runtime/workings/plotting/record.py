"""Remembering calls, so that they can be repeated on real Matplotlib."""

from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple

import numpy as np


class Call(NamedTuple):
    """One call that an author made: on what, which method, with what, and what came back."""

    target: Any
    method: str
    args: tuple
    kwargs: dict
    result: Any


def recorded(method: Callable) -> Callable:
    """Make a method of a figure or axes remember its outermost calls in `figure.calls`."""
    name = method.__name__

    @wraps(method)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
        figure = self.figure
        if figure.recording:
            figure.recording = False
            try:
                result = method(self, *args, **kwargs)
            finally:
                figure.recording = True
            kept = tuple(_kept(value) for value in args)
            figure.calls.append(
                Call(self, name, kept, {k: _kept(v) for k, v in kwargs.items()}, result)
            )
            return result
        return method(self, *args, **kwargs)

    return wrapper


def _kept(value: Any) -> Any:
    """Copy what an author may change later."""
    if isinstance(value, np.ndarray | list):
        return value.copy()
    return value
