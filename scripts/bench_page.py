"""The page of benchmarks, section by section: whoever measures one thing writes its section and leaves the others alone."""

import re
from collections.abc import Sequence
from pathlib import Path


def put_section(page: Path, heading: str, lines: Sequence[str]) -> None:
    """Write the section `## heading` of a page: in the place of the one of that name, else at the end."""
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    parts = re.split(r"(?m)^(?=## )", text)
    section = f"## {heading}\n\n" + "\n".join(lines).strip() + "\n"
    places = [place for place, part in enumerate(parts) if part.splitlines()[:1] == [f"## {heading}"]]
    if places:
        parts[places[0]] = section
        parts = [part for place, part in enumerate(parts) if place not in places[1:]]
    else:
        parts.append(section)
    page.write_text("\n\n".join(part.strip() for part in parts if part.strip()) + "\n", encoding="utf-8")
