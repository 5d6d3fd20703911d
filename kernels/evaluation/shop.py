"""A shop with one order, tools that write to its database, and a reward that compares databases.

Provenance: Yao et al. 2024, τ-bench (arXiv:2406.12045), §3, for the reward `r_action * r_output`,
and sierra-research/tau-bench, `envs/base.py`, for how it is computed: the annotated writes are run
on a fresh database, and what must be said is looked for in each message, without commas. The shop,
its prices and its customer are ours; its rules follow τ-retail's (§3, Figure 2; §4.1).

A call is a name with arguments. `say` speaks to the customer, `hear` is what the customer answers;
all other calls are tools. Amounts are whole dollars.
"""

from collections.abc import Callable
from copy import deepcopy
from typing import NamedTuple

WRITES = ("exchange",)


class Call(NamedTuple):
    """One thing that happens: a tool and its arguments, or words."""

    name: str
    arguments: dict


class Task(NamedTuple):
    """What the customer wants, the writes that do it, and what must have been said."""

    wish: str
    writes: tuple[Call, ...]
    outputs: tuple[str, ...]


class Reward(NamedTuple):
    """Whether the database is right, and whether everything was said: both nought or one."""

    action: int
    output: int

    @property
    def total(self):
        """The product: one if both are."""
        return self.action * self.output


def fresh():
    """Return the database before anything happens."""
    return {
        "users": {"ada": {"name": "Ada Okafor", "zip": "20144", "pays": ["card", "gift card"]}},
        "products": {
            "lamp": {"lamp, bright, mains": 81, "lamp, dim, mains": 64, "lamp, dim, battery": 58},
            "chair": {"chair, leather": 120, "chair, mesh": 100},
        },
        "orders": {
            "W7": {
                "user": "ada",
                "status": "delivered",
                "items": ["lamp, bright, mains", "chair, leather"],
                "paid by": "card",
            }
        },
    }


def find_user(database, name, zip_code):
    """Return the customer's id, by name and zip code."""
    for key, user in database["users"].items():
        if (user["name"], user["zip"]) == (name, zip_code):
            return key
    return "Error: user not found"


def read_order(database, order):
    """Return what an order says."""
    return str(database["orders"].get(order, "Error: order not found"))


def read_product(database, product):
    """Return a product's kinds and their prices."""
    return str(database["products"].get(product, "Error: product not found"))


def exchange(database, order, items, new_items, pays):
    """Exchange items of a delivered order for others of the same product: once an order."""
    held = database["orders"].get(order)
    if held is None:
        return "Error: order not found"
    if held["status"] != "delivered":
        return f"Error: the order is {held['status']}"
    if pays not in database["users"][held["user"]]["pays"]:
        return "Error: payment not found"
    for old, new in zip(items, new_items, strict=True):
        same = any(old in kinds and new in kinds for kinds in database["products"].values())
        if old not in held["items"] or not same:
            return "Error: no such exchange"
    swap = dict(zip(items, new_items, strict=True))
    held["items"] = [swap.get(item, item) for item in held["items"]]
    held["status"], held["paid by"] = "exchange requested", pays
    return "done"


TOOLS: dict[str, Callable[..., str]] = {
    "find_user": find_user,
    "order": read_order,
    "product": read_product,
    "exchange": exchange,
}


def run(database, call):
    """Make one call on a database, which it may change: what comes back."""
    if call.name in ("say", "hear"):
        return call.arguments["words"]
    return TOOLS[call.name](database, **call.arguments)


def replay(calls):
    """Make calls one after another: what came back, and the database after each."""
    database, seen = fresh(), []
    for call in calls:
        answer = run(database, call)
        seen.append((answer, deepcopy(database)))
    return seen


def goal(task):
    """Return the database in which a task should end: its writes, run on a fresh one."""
    database = fresh()
    for call in task.writes:
        run(database, call)
    return database


def same_state(database, task):
    """Tell whether a database is the one in which the task should end."""
    return database == goal(task)


def all_said(calls, task):
    """Tell whether every output stands in something that was said to the customer."""
    said = [
        call.arguments["words"].lower().replace(",", "") for call in calls if call.name == "say"
    ]
    return all(any(output.lower() in words for words in said) for output in task.outputs)


def judge(calls, task):
    """Return a conversation's reward: only the last database and what was said count."""
    seen = replay(calls)
    database = seen[-1][1] if seen else fresh()
    return Reward(int(same_state(database, task)), int(all_said(calls, task)))


def rules_broken(calls):
    """Return the rules of the shop that no tool enforces and that these calls break.

    Who the customer is has to be found out first; before a write the details are said, and the
    customer answers yes. The reward doesn't look at these.
    """
    broken, known, agreed = [], False, False
    for before, call in zip((None, *calls), calls, strict=False):
        if call.name == "find_user":
            known = True
        if call.name == "hear":
            agreed = "yes" in call.arguments["words"].lower() and before.name == "say"
        if call.name in WRITES:
            broken += ["wrote before knowing the customer"] * (not known)
            broken += ["wrote without a yes"] * (not agreed)
            agreed = False
    return broken
