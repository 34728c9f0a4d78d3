"""
Everything peculiar to Pulumi's dynamic provider host, in one place.

* `provider`: the base of every provider class.
* `values`: properties as the host sends and takes them.
* `errors`: what the user reads when something fails.
* `run`: its end, by Ctrl-C or by the death of the engine.
* `engine`: messages on the line of the resource that is being worked on.

Measured with Pulumi 3.259 and SDK 3.272; `pulumi/dynamic/__main__.py` is the code on the other side.
"""
