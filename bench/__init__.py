"""
What pulumi-signa costs on both hosts, beside what does nothing there and beside the plain pattern: `make bench`.

* `subjects`: what is compared.
* `signa`: the API that they talk to.
* `engine`: the Pulumi commands that are timed.
* `plan`: the conditions, and how often.
* `rounds`: subjects side by side, again and again.
* `results`: what was measured.
* `report`: ratios, as a Markdown table and against the targets.
* `plot`: ratios, as a picture.
* `receiver`: `signa_receiver` beside the library that it stands on.
* `sizes`: calls and memory of stacks by their size.
* `rush`: creates by the thousand, which wait for the rate limit.
* `memory`: the peaks of the processes that a command starts.
* `guide`: the raw figures of the last two, and their tables in `docs/guides/scale.md`.
* `__main__`: the command line.
"""
