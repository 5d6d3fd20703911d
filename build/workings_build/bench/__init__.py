"""`workings bench`: what the site costs a reader, measured beside two baseline pages.

The site and the baselines (`baselines/`: Pyodide with NumPy, Pyodide with Matplotlib, by hand and
without PyScript) are served on the loopback address, compressed, and driven in Chromium, in one
run. `browsers` finds and launches browsers for the tests as well. Other parts of the builder may
import `bench_command`.
"""

from workings_build.bench.command import bench_command

__all__ = ["bench_command"]
