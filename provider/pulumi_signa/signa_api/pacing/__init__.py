"""When a request to Signa may be sent, and whether it is sent again."""
