"""
Signa's webhook API over HTTP. Knows nothing of Pulumi or AWS.

* `errors`: what can go wrong, as a tree.
* `models`: what Signa answers, validated.
* `auth`: the API key on its way to the wire.
* `transport`: one request, one answer.
* `patience`: how long one call may wait, whatever for.
* `retrying`: which failures are tried again, when, and how often.
* `rate_limit`: the gate that all calls pass; `rate_window`: what it knows of the window.
* `snapshot`: the list of endpoints, read as far as it was needed.
* `client`: the operations.

Importing this package loads none of them: a run that changes nothing then pays for no HTTP library.
"""
