"""
What the resources share in the program's process: how they are registered, named, and told apart from other stacks'.

A program imports none of it; it declares the resources in the modules above.
"""
