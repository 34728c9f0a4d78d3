"""What both hosts of the lifecycle share: the calls on property bags, the engine, the end of a run, and lanes."""
