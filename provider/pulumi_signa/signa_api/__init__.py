"""
Signa's webhook API over HTTP. This package knows nothing of Pulumi or AWS.

Importing it loads none of its modules, so a run that changes nothing loads no HTTP library.
"""
