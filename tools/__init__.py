"""
How the virtual environment and a Pulumi engine get onto a machine.

    environment      `.venv` from constraints.txt; needs nothing but Python
    pulumi_cli       `.venv/bin/pulumi`, with the first Pulumi CLI that one of four ways gives:
      installed_cli    1. a `pulumi` on PATH   2. one in our cache
      official_cli     3. Pulumi's own installer
      from_go/         4. built from Go modules, with a language host of our own
    wrapper          the text of `.venv/bin/pulumi`

    cache            folders that are made once on a machine
    progress         run a slow command without a silent minute
    lock             one set-up at a time

Nothing in `from_go/` is used where there is a Pulumi CLI.
"""
