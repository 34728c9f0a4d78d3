"""
The pages of `docs/reference`, made from what they describe: `.venv/bin/python -m tools.reference` writes them anew.

    resources       what a stack declares: signatures, schemas and docstrings
    package         the same for other languages: the schema of the package
    configuration   `pulumi_signa.settings`
    messages        the sentences that tests have approved
    emulator        its command line, control routes, faults and settings
    receiver        docstrings of `signa_receiver`
    command         the command line of `pulumi-signa`

    page            a page: what is made stands between two comments, and what is written by hand around them
    docstrings      what a docstring says of each argument
    markdown        tables and text
"""
