"""
What happens to a resource, in plain Python on plain values: one folder a resource, the same six verbs in each.

* `webhook_endpoint`, `secrets_manager_secret`: in each folder `schema` (a row a property), `state` (typed values),
  `life` (check, plan, create, read, update, delete) and `messages` (what users read).
* `context`: what one call may use of the run around it.
* `roster`: which resource of the run has which object.
* `journal`: the keys that every run derives alike, so that a write is made once.
* `schema`, `rules`, `values`: how properties are described, checked and compared.
* `errors`, `times`: refusals of ours, and moments as Signa writes them.

No module in here knows Pulumi: hosts such as `pulumi_signa.providers` call the verbs.
"""
