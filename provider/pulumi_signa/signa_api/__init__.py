"""
Signa's webhook API over HTTP. Knows nothing of Pulumi or AWS.

* `errors`: what can go wrong, as a tree.
* `models`: what Signa answers, validated.
* `auth`: the API key on its way to the wire.
* `transport`: one request, one answer.
* `retrying`: which failures are tried again, when, and for how long.
* `client`: the operations.

Importing this package loads none of them: a run that changes nothing then pays for no HTTP library.
"""
