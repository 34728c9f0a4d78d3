"""What is said of the size of a stack: the raw figures, and the tables of `docs/guides/scale.md`."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench import rush, sizes
from bench.rush import Rush
from bench.sizes import Size

PAGE = Path(__file__).resolve().parents[1] / "docs/guides/scale.md"

_MADE = re.compile(r"(<!-- (\w+), made by `make bench` -->).*?(<!-- /made -->)", re.DOTALL)


@dataclass(frozen=True)
class Scale:
    """
    What was measured.

    Attributes:
        setting: What it was measured on, in a few words.
    """

    setting: str
    sizes: list[Size]
    rushes: list[Rush]

    def write(self, raw: Path) -> None:
        """Write the raw figures, a line for each measurement."""
        parts: dict[str, Sequence[Size | Rush]] = {"sizes": self.sizes, "rushes": self.rushes}
        blocks = [
            f"{json.dumps(name)}: [\n" + ",\n".join(json.dumps(asdict(one)) for one in measured) + "\n]"
            for name, measured in parts.items()
        ]
        raw.write_text(",\n".join([f'{{"setting": {json.dumps(self.setting)}', *blocks]) + "}\n")

    def tables(self) -> dict[str, str]:
        """Return what the page has between its comments, by their names."""
        return {
            "setting": f"Measured by `make bench` on {self.setting}.\n",
            "sizes": sizes.table(self.sizes),
            "rushes": rush.table(self.rushes),
        }

    def updated(self, page: str) -> str:
        """Return a page with these tables."""
        tables = self.tables()
        return _MADE.sub(lambda place: f"{place[1]}\n\n{tables[place[2]]}\n{place[3]}", page)


def read(raw: Path) -> Scale:
    """Return what `Scale.write` wrote."""
    written = json.loads(raw.read_text())
    return Scale(
        written["setting"],
        [Size(**one) for one in written["sizes"]],
        [Rush(**one) for one in written["rushes"]],
    )
