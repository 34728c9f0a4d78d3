"""
What `bench` and `tests/e2e` run on: nothing beyond 127.0.0.1, and nothing of the user's own settings.

* `stack`: a Pulumi stack in a folder of its own.
* `aws`: an AWS in memory.

Signa's part is `signa_emulator`.
"""
