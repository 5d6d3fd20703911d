"""`workings bench`: what the site costs a reader, measured beside two baseline pages.

Everything is served on the loopback address and driven in a real browser. `browsers` finds and
launches browsers for the tests as well. Other parts of the builder may import `bench_command`.
"""
