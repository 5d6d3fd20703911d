"""A serving engine: who is at work, who waits, who has to go when memory runs out.

Provenance: Kwon et al. 2023 (arXiv:2309.06180), §2.3 for scheduling at every iteration, §4.5 for
first come, first served, for preempting the latest request as a whole, and for recomputation. A
step is one iteration of the model: every request at work gets one token for each of its samples. A
prompt, and what is recomputed, takes no step of its own here.
"""

from collections import deque
from dataclasses import dataclass, field

from kernels.simulation.requests import Request


@dataclass
class Log:
    """What happened at each step, and in all."""

    at_work: list[int] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    census: list[dict] = field(default_factory=list)
    preempted: int = 0
    finished: int = 0
    tokens: int = 0
    """Tokens that were generated, and not thrown away."""


def serve(requests, memory, steps, every=0):
    """Play `requests`, in order of arrival, for `steps` against a memory; return the `Log`.

    With `every` a census of the memory is taken that often, else only by the caller.
    """
    log, coming = Log(), deque(requests)
    waiting: deque[Request] = deque()
    running: list[Request] = []  # earliest first
    done: dict[Request, int] = {}  # tokens generated so far
    for step in range(steps):
        while coming and coming[0].arrives <= step:
            waiting.append(coming.popleft())
        while waiting and memory.admit(waiting[0], done.setdefault(waiting[0], 0)):
            running.append(waiting.popleft())
        turn = 0
        while turn < len(running):  # the last may have to go in an earlier one's turn
            write(running[turn], memory, running, waiting, done, log)
            turn += 1
        for request in [each for each in running if done[each] >= each.answer]:
            running.remove(request)
            memory.leave(request)
            log.finished += 1
        log.at_work.append(len(running))
        log.waiting.append(len(waiting))
        if every and step % every == every - 1:
            log.census.append(memory.census())
    log.tokens = sum(done[request] * request.samples for request in done)
    return log


def write(request, memory, running, waiting, done, log):
    """Give one request its next token; while there is no room, the latest at work has to go."""
    while not memory.grow(request):
        latest = running.pop()
        memory.leave(latest)
        waiting.appendleft(latest)  # with its tokens: they are computed anew, all at once
        log.preempted += 1
        if latest is request:
            return
    done[request] += 1
