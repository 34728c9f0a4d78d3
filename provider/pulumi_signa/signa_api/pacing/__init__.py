"""
When a request to Signa may be sent, and whether it is sent again.

* `wait_budget`: how long one call may wait, for the rate limit and between attempts together.
* `retry`: which failures are retried, after how long, and how often.
* `gate`: where calls wait for the rate limit, first come, first served.
* `window`: how many calls the rate limit still permits.
"""
