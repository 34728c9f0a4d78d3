"""
A Pulumi CLI from its published Go modules, for machines without a CLI that reach only package registries.

    go_cli       builds it
    cli/         the Go module that pins its version, and the source of a language host for Python programs
    python_host  builds that host, which no published module gives
    yaml_host    builds the language host for YAML programs
    toolchain    Go, as these use it
"""
