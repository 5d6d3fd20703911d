"""Vendoring: every file that a browser is given, fetched from where it can be had and verified.

`build/locks/runtime.toml` pins each file by its sha256; `ensure` brings the files of the needs that
are asked for into the user's cache and hands back their paths. Nothing enters the cache before its
bytes are verified. Other parts of the builder may import what is listed in `__all__`.
"""

from workings_build.vendor.ensure import Vendored, ensure
from workings_build.vendor.errors import VendorError
from workings_build.vendor.node import find_node, find_npm
from workings_build.vendor.pins import Package, Pin, Pins, load_pins
from workings_build.vendor.progress import Progress

__all__ = [
    "Package",
    "Pin",
    "Pins",
    "Progress",
    "VendorError",
    "Vendored",
    "ensure",
    "find_node",
    "find_npm",
    "load_pins",
]
