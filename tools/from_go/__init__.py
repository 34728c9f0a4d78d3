"""
A Pulumi CLI from its published Go modules, for machines without a CLI that reach only package registries.

    go_cli           builds it
    cli/             the Go module that pins its version
    language_host    stands in for the one executable that the Go modules do not give
"""
