"""What the hosts share, with no host in it."""
