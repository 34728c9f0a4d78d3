"""
Kill the engine, or press Ctrl-C, at random moments, and audit what the next runs make of it: `make chaos`.

A life is a stack with endpoints and their stored secrets, and some runs in it that end early. After each of these come
`pulumi cancel` (where a signal ended the engine), `up`, `refresh` and `up`. Then state, Signa and Secrets Manager must
agree, nothing is left to do, and neither the API key nor a secret stands in plain text in any output or file.

* `life`: a life, and the operations that end early in it.
* `servers`: a stack whose outputs and files are searched, and an AWS that takes its time.
* `report`: what came of it.
* `__main__`: the command.
"""
