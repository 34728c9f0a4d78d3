"""What Pulumi runs; the resources are declared in `alerts.py`, which the unit tests import under mocks."""

import alerts  # noqa: F401
