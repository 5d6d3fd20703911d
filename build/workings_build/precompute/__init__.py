"""`workings precompute`: jobs in `kernels/*/jobs*.py`, their files and their receipts.

`discover` lists jobs without running them, `sources` hashes what a job reaches, `staleness` says
which have to run again, and why; `plan` orders them. `perform` runs one in a process of its own
(`child`), here or on a worker of a cluster (`cluster`); `running` drives many. `store` puts a job's
folder in place as a whole, `receipts` writes and validates what it left, `carriers` fetches the
packages that carry data, and `audit` is what `workings check` asks.
"""
