"""
Signa's webhook API over HTTP. This package knows nothing of Pulumi or AWS.

* `errors`: the tree of errors.
* `models`: the shapes of Signa's answers, validated.
* `refusals`: the error for an answer that is not a success.
* `auth`: the API key in the request's header.
* `transport`: one request and its answer.
* `pacing`: the rate limit, retries, and how long a call may wait.
* `snapshot`: the pages of the endpoint list that were read so far.
* `client`: the operations.

Importing this package loads none of the modules, so a run that changes nothing loads no HTTP library.
"""
