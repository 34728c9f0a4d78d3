"""
Everything peculiar to Pulumi's dynamic provider host, in one place.

* `provider`: the base of every provider class: six calls, led to the six verbs of a lifecycle.
* `values`: properties as the host sends and takes them, hidden ones included.
* `one_line`: failures without a traceback.
* `interruption`: the end of the run, by Ctrl-C or by the death of the engine.
* `engine`: messages on the line of the resource that is being worked on.

Measured with Pulumi 3.274.1 and SDK 3.272; `pulumi/dynamic/__main__.py` is the code on the other side.
"""
