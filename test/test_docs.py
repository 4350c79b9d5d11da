"""The manuals: their links lead somewhere, and what they name in the repository is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = (".", "docs", "docs/decisions", "local_cognito", "benchmarks")
PAGES = [path.relative_to(ROOT).as_posix() for folder in FOLDERS for path in (ROOT / folder).glob("*.md")]
HANDBOOK = [page for page in PAGES if page == "CONTRIBUTING.md" or page.startswith("docs/decisions/")]


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files(page: str) -> None:
    """A link to a file of the repository leads to one, and to a heading that is there."""
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", (ROOT / page).read_text(encoding="utf-8")):
        name, _, heading = target.partition("#")
        linked = (ROOT / page).parent / name if name else ROOT / page
        assert linked.exists(), target
        assert not heading or heading in headings(linked), target


def headings(page: Path) -> set[str]:
    """Return the headings of a page as links name them."""
    found = re.findall(r"^#+ (.*)", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


@pytest.mark.parametrize("page", HANDBOOK)
def test_files_that_the_handbook_names_are_there(page: str) -> None:
    """A path in code is one of the repository, or of the pool's package."""
    text = (ROOT / page).read_text(encoding="utf-8")
    paths = re.findall(r"`([\w./-]+\.(?:py|json|md|txt|lock|toml)|[\w./-]+/)`", text)

    missing = [
        path
        for path in paths
        if not any((ROOT / folder / path).exists() for folder in ("", "local_cognito"))
        and not path.endswith((".venv/", "dist/"))
    ]
    assert missing == []


def test_the_handbook_knows_every_room_of_the_pool() -> None:
    """Its table of rooms is the list of the package's folders."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (table,) = re.findall(r"^\| Room .*?(?=\n\n)", text, re.MULTILINE | re.DOTALL)

    assert sorted(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == sorted(
        path.parent.name for path in (ROOT / "local_cognito").glob("*/__init__.py")
    )


def test_targets_of_make_are_there() -> None:
    """`make` has each target that the handbook names."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = re.findall(r"(?:`|\$ )make ([a-z-]+)", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))

    assert named
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in named)
