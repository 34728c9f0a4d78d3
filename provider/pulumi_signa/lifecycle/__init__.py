"""
What happens to a resource, in plain Python on plain values: one folder a resource, the same verbs in each.

No module in here knows Pulumi: hosts such as `pulumi_signa.providers` call the verbs in `life`.
"""
