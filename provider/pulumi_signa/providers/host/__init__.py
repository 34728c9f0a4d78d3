"""
Everything peculiar to Pulumi's dynamic provider host, in one place.

Measured with Pulumi 3.274.1 and SDK 3.272; `pulumi/dynamic/__main__.py` is the code on the other side.
"""
