"""Verification of Signa's webhook deliveries, during a rotation of the signing secret too."""
