"""
A Pulumi CLI from its published Go modules, for machines without a CLI that reach only package registries.

    go_cli           builds it
    cli/             the Go module that pins its version
    yaml_host        builds the language host for YAML programs
    toolchain        Go, as both use it
    language_server  a language host, without a language
    bare_sdk         lets such a host start quickly
    language_host    stands in for the one executable that the Go modules do not give
"""
