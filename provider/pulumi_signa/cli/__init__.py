"""
The command `pulumi-signa`: what a platform engineer asks of Signa, AWS and the stacks outside of a run.

`app` is the command line. Each command is a module of its own.
"""
