"""
From a request to Signa's API to its answer.

    wire             one HTTP connection, and how an answer on it ends
    routes           Flask's routes
    served           the organization that a request is for
    pipeline         faults, key, scope, rate limit, idempotency, log
    operations       what each operation does
    representation   the JSON of an answer
"""
