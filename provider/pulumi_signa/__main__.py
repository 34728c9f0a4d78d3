"""The command `pulumi-signa`, and `python -m pulumi_signa`."""

import sys


def main() -> None:
    """Run the command; where its libraries are not installed, say how to install them, and exit with status 2."""
    try:
        from pulumi_signa.cli.app import app  # noqa: PLC0415
    except ModuleNotFoundError as missing:
        if missing.name not in ("rich", "standardwebhooks", "typer"):
            raise
        print(f"{missing.name} is not installed; run: pip install 'pulumi-signa[cli]'", file=sys.stderr)  # noqa: T201
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    app()


if __name__ == "__main__":
    main()
