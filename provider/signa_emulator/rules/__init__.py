"""
What Signa accepts, refuses, counts and remembers, apart from HTTP.

    errors        every refusal, with its status and slug
    ids           new IDs and signing secrets
    endpoints     the life of an endpoint, and the 24 hours in which two secrets are valid
    validation    request bodies
    parameters    query parameters
    pagination    cursors
    idempotency   replayed answers
    rate_limit    calls per sliding window
"""
