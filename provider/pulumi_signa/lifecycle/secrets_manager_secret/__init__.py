"""
A secret in AWS Secrets Manager.

* `schema`: a row a property.
* `state`: what a stack knows of the secret, frozen.
* `life`: check, plan, create, read, update, delete.
* `versions`: each value is stored once, and a version of ours is recognized.
* `messages`: what users read.
"""
