"""
What the provider costs beside one that does nothing and beside the plain pattern: `make bench`.

* `subjects`: what is compared.
* `signa`: the API that they talk to.
* `engine`: the Pulumi commands that are timed.
* `rounds`: all subjects side by side, again and again.
* `results`: what was measured.
* `report`: ratios, as a Markdown table and against the targets.
* `plot`: ratios, as a picture.
* `__main__`: the command line, and how much is measured.
"""
