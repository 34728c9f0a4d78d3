"""The pages that people read, and what stands in them."""

import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
DOCS = REPOSITORY / "docs"

PAGES = sorted(
    [
        *(REPOSITORY / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "receiver/README.md")),
        *(REPOSITORY / "examples").rglob("README.md"),
        *(page for page in DOCS.rglob("*.md") if "_build" not in page.parts),
    ]
)


def name_of(page: Path) -> str:
    """Return the path of a page from the top of the repository."""
    return str(page.relative_to(REPOSITORY))


def blocks(page: Path, language: str) -> list[str]:
    """Return the text of each block of code in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)


def prose(page: Path) -> str:
    """Return a page without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as the forge and Sphinx make them."""
    headings = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(page: Path) -> list[str]:
    """Return where the links and pictures of a page lead, but for other sites."""
    return [link for link in re.findall(r"\]\(([^)\s]+)\)", prose(page)) if "://" not in link]


def tables(page: Path, heading: str = "") -> list[dict[str, list[str]]]:
    """Return the tables of a page, or those after a heading: the other cells of each row by its first cell."""
    text = page.read_text()
    found = re.findall(r"(?:^\|.*\n)+", text[text.index(heading) :], re.MULTILINE)
    rows = [[re.split(r"(?<!\\)\|", line.strip().strip("|")) for line in table.splitlines()[2:]] for table in found]
    return [{row[0].strip(): [cell.strip() for cell in row[1:]] for row in table} for table in rows]
