"""A Signa webhook endpoint and its signing secret."""
