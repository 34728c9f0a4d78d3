"""
How the virtual environment and a Pulumi engine get onto a machine: what `make setup` runs.

    environment      `.venv` from constraints.txt; needs nothing but Python, and hands over to
    pulumi_cli       `.venv/bin/pulumi`, with the first Pulumi CLI that one of four ways gives:
      installed_cli    1. a `pulumi` on PATH   2. one in our cache
      official_cli     3. Pulumi's own installer
      go_cli           4. built from the Go modules that `cli/go.mod` pins
    wrapper          the text of `.venv/bin/pulumi`
    language_host    stands in for the one executable that the Go modules do not give

    progress         run a slow command without a silent minute
    lock             one set-up at a time
"""
