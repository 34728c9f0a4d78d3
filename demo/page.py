"""What the demo prints: folded to the width of a small terminal, and of Pulumi's output the lines that matter."""

import itertools
import re
import textwrap

COLUMNS = 80

_SECTION = re.compile(r"^(Diagnostics|Outputs|Resources|Duration|Updating|Previewing|Refreshing|Destroying)\b")
_RUNS = ("Updating (", "Refreshing (", "Destroying (")
_RESOURCE = re.compile(
    r"^ (?P<sign>[-+~]) +(?:pulumi-python:dynamic/|pulumi:)(?P<type>\S+) (?P<name>\S+) "
    r"(?P<done>\w+(?: \([\d.]+s\))?)(?P<diff> \[diff: [^]]*\])?"
)
_UNDER_WAY = re.compile(r"ing\b")


class Page:
    """Standard output, a paragraph after the other, with an empty line where the kind of text changes."""

    def __init__(self, *, full: bool) -> None:
        """
        Begin a page.

        Args:
            full: Show all that a command prints, and not only what matters of it.
        """
        self._full = full
        self._kind = "title"

    def title(self, text: str) -> None:
        """Print the title of a step."""
        folded = _fold(text)
        self._print("title", ["", *folded, "-" * max(map(len, folded))])
        self._kind = "title"

    def say(self, text: str) -> None:
        """Print a paragraph of our own."""
        self._kind = "" if self._kind == "said" else self._kind
        self._print("said", _fold(text))

    def proved(self, claim: str) -> None:
        """Print what was shown to be so."""
        self._print("proved", _fold(claim, first="PROVED  ", further=" " * 8))

    def code(self, lines: str) -> None:
        """Print lines of a program, or lines to be copied, as they are."""
        self._print("code", [f"  {line}".rstrip() for line in lines.strip("\n").splitlines()])

    def command(self, text: str) -> None:
        """Print a command as it is typed."""
        self._kind = "command" if self._kind == "title" else self._kind
        self._print("command", _fold(text, first="$ ", further="      "))

    def output(self, text: str) -> None:
        """Print what a command said, or what matters of it, set off from our own lines."""
        lines = [line for line in text.splitlines() if line.strip()] if self._full else summary(text)
        for line in lines:
            indent = " " * (len(line) - len(line.lstrip()))
            self._print("command", _fold(line.strip(), first=f"  | {indent}", further=f"  | {indent}    "))

    def _print(self, kind: str, lines: list[str]) -> None:
        if self._kind not in (kind, "title"):
            print()
        self._kind = kind
        print(*lines, sep="\n", flush=True)


def summary(output: str) -> list[str]:
    """
    Return what matters of Pulumi's output.

    Of an update these are the resources that it changes, each message once, outputs that change, and the count of
    resources. What is no update is returned whole.

    Args:
        output: Of a preview or a run; where it has both, the preview is left out.
    """
    lines = [line.rstrip() for line in output.splitlines() if line.strip()]
    if "Resources:" not in lines:
        return lines
    begin = max((number for number, line in enumerate(lines) if line.startswith(_RUNS)), default=0)
    sections: dict[str, list[str]] = {}
    section = ""
    for line in lines[begin:]:
        heading = _SECTION.match(line)
        section = heading[1] if heading else section
        if not heading:
            sections.setdefault(section, []).append(line)
    resources = [_resource(line) for line in itertools.chain.from_iterable(sections.values())]
    messages = [line.strip() for line in sections.get("Diagnostics", []) if not line.endswith("):")]
    changed = [line.strip() for line in sections.get("Outputs", []) if re.match(r"^ +[-+~] \w+ *: ", line)]
    return [
        *dict.fromkeys(line for line in resources if line),
        *dict.fromkeys(line for line in messages if "Resource monitor has terminated" not in line),
        *changed,
        ", ".join(line.strip() for line in sections["Resources"]),
    ]


def _resource(line: str) -> str:
    found = _RESOURCE.match(line)
    if found is None or _UNDER_WAY.search(found["done"]):
        return ""
    return f"{found['sign']} {found['type']} {found['name']} {found['done']}{found['diff'] or ''}"


def _fold(text: str, *, first: str = "", further: str = "") -> list[str]:
    lines = textwrap.wrap(
        text, COLUMNS, initial_indent=first, subsequent_indent=further, break_on_hyphens=False, break_long_words=False
    )
    # A line that is still too long holds one long word, such as an ARN.
    return [
        part
        for line in lines
        for part in textwrap.wrap(line, COLUMNS, subsequent_indent=further, break_on_hyphens=False)
    ]
