"""
How an event reaches a receiver.

    attempts   rows, retries, redelivery, and endpoints that are disabled after failures
    sending    one signed request over HTTP
"""
