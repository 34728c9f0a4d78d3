"""
The command `doctor`: what is wrong with a set-up, and what to do about it.

Each module looks at one concern, and yields a `Finding` for each thing: `signa`, `clock`, `aws`, `pulumi`, `project`
and `machine`. `examination` has them in order. What depends on something that failed is not looked at.
"""
