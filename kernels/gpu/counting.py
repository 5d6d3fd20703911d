"""Count what Triton kernels do, by running them in the interpreter and watching.

    with counting() as counted:
        flash_attention(q, k, v)
    counted.loaded, counted.stored, counted.flops, counted.exponentials

Bytes are those that programs ask for: what a load or store names after its mask, before any cache.
A number that two programs load counts twice; a GPU's second-level cache may spare some of that.
Floating-point operations of `dot` are those of whole tiles, masked or not, as a tensor core does
them. Nothing here is a time.
"""

import inspect
import math
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from kernels.gpu.counts import Access, Counted, Launch
from kernels.gpu.launch import load

__all__ = ["Access", "Counted", "Launch", "counting"]

ELEMENTWISE = (
    *("create_fadd", "create_fsub", "create_fmul", "create_fdiv", "create_precise_divf"),
    *("create_maxnumf", "create_maximumf", "create_minnumf", "create_minimumf", "create_fneg"),
    *("create_sqrt", "create_precise_sqrt", "create_rsqrt", "create_fabs", "create_fma"),
)
EXPONENTIALS = ("create_exp", "create_exp2")
LOGARITHMS = ("create_log", "create_log2")


@dataclass(frozen=True)
class _Array:
    """Where an argument lies."""

    name: str
    start: int
    stop: int
    itemsize: int
    shape: tuple[int, ...]


class _Watch:
    """Stands between the kernels and the interpreter's builder, and takes notes."""

    def __init__(self, builder: Any, traced: bool) -> None:
        self.builder, self.traced = builder, traced
        self.counted = Counted()
        self.arrays: list[_Array] = []
        self.patched: set[int] = set()

    @property
    def launch(self) -> Launch:
        return self.counted.launches[-1]

    def started(self, executor: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        known = inspect.signature(executor.fn).parameters
        named = {name: value for name, value in kwargs.items() if name in known}
        bound = inspect.getcallargs(executor.fn, *args, **named)
        grid = executor.grid(bound) if callable(executor.grid) else executor.grid
        self.arrays = [
            _Array(
                name.removesuffix("_ptr"),
                value.data_ptr(),
                value.data_ptr() + value.numel() * value.element_size(),
                value.element_size(),
                tuple(value.shape),
            )
            for name, value in bound.items()
            if hasattr(value, "data_ptr")
        ]
        shapes = {array.name: array.shape for array in self.arrays}
        name, sizes = executor.fn.__name__, tuple(int(size) for size in grid)
        self.counted.launches.append(Launch(name, sizes, shapes))

    def accessed(self, kind: str, addresses: np.ndarray, mask: np.ndarray) -> None:
        asked = addresses[np.broadcast_to(mask, addresses.shape)]
        if not asked.size:
            return
        low, high = int(asked.min()), int(asked.max())
        for array in self.arrays:
            if array.start <= low < array.stop:
                break
        else:
            raise LookupError(f"{self.launch.kernel}: a {kind} at {low} is in no argument's memory")
        if high >= array.stop:
            raise IndexError(f"{self.launch.kernel}: a {kind} runs beyond the end of {array.name}")
        side = self.launch.loaded_from if kind == "load" else self.launch.stored_to
        side[array.name] += asked.size * array.itemsize
        if self.traced:
            ends = [(address - array.start) // array.itemsize for address in (low, high)]
            corners = (np.unravel_index(end, array.shape) for end in ends)
            box = tuple((int(a), int(b) + 1) for a, b in zip(*corners, strict=True))
            self.counted.accesses.append(
                Access(
                    len(self.counted.launches) - 1,
                    tuple(self.builder.grid_idx),
                    kind,
                    array.name,
                    box,
                    int(asked.size),
                )
            )

    def load(self, original: Callable[..., Any], ptrs: Any, mask: Any, *rest: Any) -> Any:
        self.accessed("load", ptrs.data, mask.data)
        return original(ptrs, mask, *rest)

    def store(self, original: Callable[..., Any], ptrs: Any, value: Any, mask: Any, *rest) -> Any:
        self.accessed("store", ptrs.data, mask.data)
        return original(ptrs, value, mask, *rest)

    def update(self, original: Callable[..., Any], op, ptr: Any, value: Any, mask: Any, *rest):
        self.accessed("load", ptr.data, mask.data)  # an atomic reads and writes
        self.accessed("store", ptr.data, mask.data)
        return original(op, ptr, value, mask, *rest)

    def dot(self, original: Callable[..., Any], a: Any, b: Any, *rest: Any) -> Any:
        self.launch.flops += 2 * math.prod(a.data.shape) * b.data.shape[-1]
        return original(a, b, *rest)

    def add(self, what: str, original: Callable[..., Any], *args: Any) -> Any:
        result = original(*args)
        numbers = getattr(self.launch, what) + result.data.size
        setattr(self.launch, what, numbers)
        return result


@contextmanager
def _replaced(owner: Any, name: str, value: Any) -> Iterator[None]:
    """Set an attribute, and put back what was there, or nothing where nothing was."""
    own = vars(owner)
    was, missing = own.get(name), name not in own
    setattr(owner, name, value)
    try:
        yield
    finally:
        if missing:
            delattr(owner, name)
        else:
            setattr(owner, name, was)


@contextmanager
def counting(traced: bool = False) -> Iterator[Counted]:
    """Count what kernels do inside the `with`; afterwards the interpreter is as it was.

    With `traced` the order of all loads and stores is kept too. The interpreter is one to a
    process, so kernels of other threads would be counted as well.

    Raises
    ------
    RuntimeError
        If there is a GPU, where kernels aren't interpreted.
    """
    interpreter = load("triton.runtime.interpreter")
    if not load("triton").knobs.runtime.interpret:
        raise RuntimeError("only interpreted kernels can be counted: set TRITON_INTERPRET=1")
    builder, executor = interpreter.interpreter_builder, interpreter.GridExecutor
    watch = _Watch(builder, traced)
    call, reduce = executor.__call__, interpreter.ReduceOps.apply_impl
    patch_language, nothing = interpreter._patch_lang, interpreter._LangPatchScope

    def start(self: Any, *args: Any, **kwargs: Any) -> None:
        watch.started(self, args, kwargs)
        watch.patched.clear()
        call(self, *args, **kwargs)

    def patch_once(function: Any) -> Any:
        """Patch Triton's language once a launch and module, not at every call of `tl.sum`."""
        module = id(function.__globals__)
        if module in watch.patched:
            return nothing()
        watch.patched.add(module)
        return patch_language(function)

    def tally(self: Any, given: Any) -> Any:
        result = reduce(self, given)
        first = result[0] if isinstance(result, (list, tuple)) else result
        watch.launch.reduced += given[0].handle.data.size - first.handle.data.size
        return result

    watched: dict[str, Callable[..., Any]] = {
        "create_masked_load": watch.load,
        "create_masked_store": watch.store,
        "create_atomic_rmw": watch.update,
        "create_dot": watch.dot,
        **dict.fromkeys(ELEMENTWISE, partial(watch.add, "elementwise")),
        **dict.fromkeys(EXPONENTIALS, partial(watch.add, "exponentials")),
        **dict.fromkeys(LOGARITHMS, partial(watch.add, "logarithms")),
    }
    with ExitStack() as patches:
        patches.enter_context(_replaced(executor, "__call__", start))
        patches.enter_context(_replaced(interpreter.ReduceOps, "apply_impl", tally))
        patches.enter_context(_replaced(interpreter, "_patch_lang", patch_once))
        for name, watcher in watched.items():
            patch = partial(watcher, getattr(builder, name))
            patches.enter_context(_replaced(builder, name, patch))
        yield watch.counted
