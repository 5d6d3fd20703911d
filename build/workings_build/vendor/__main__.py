"""`python -m workings_build.vendor`: the same as `workings vendor`."""

from workings_build.vendor.command import vendor_command

vendor_command(prog_name="workings vendor")
