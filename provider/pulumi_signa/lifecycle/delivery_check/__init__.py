"""A delivery check: Signa sends a signed test to an endpoint, and the receiver has to accept it."""
