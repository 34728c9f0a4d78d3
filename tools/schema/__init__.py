"""
The schema of the package `signa`, made from what it describes: `.venv/bin/python -m tools.schema` writes it anew.

    package    the whole: resources, types, functions and settings
    types      the type of a property, from the annotation of an argument or output
    prose      what is said of each, in words that speak no language's syntax; programs in four languages

The plugin serves the file as it is, so no plugin makes a schema.

Source: https://www.pulumi.com/docs/iac/extending-pulumi/schema/
"""
