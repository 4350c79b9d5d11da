"""Builds the wheel beside this file: an empty python-jose-cryptodome that stands in for the published one.

warrant 0.6.1 asks for python-jose-cryptodome, a copy of python-jose from 2017 whose own pins have no wheels
for Python 3.10 and later. What warrant imports is the package `jose`, which python-jose has; so the wheel
is empty, and depends on python-jose.

Run it after a change here: `python test/stand_in/build.py`. The same lines make the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from pathlib import Path

NAME, VERSION = "python_jose_cryptodome", "1.3.2+stand.in"  # a local version: no index can have it
INFO = f"{NAME}-{VERSION}.dist-info"
FILES = {
    f"{INFO}/METADATA": (
        f"Metadata-Version: 2.1\nName: {NAME.replace('_', '-')}\nVersion: {VERSION}\n"
        "Summary: Empty; lets pip install warrant with python-jose\nRequires-Dist: python-jose\n"
    ),
    f"{INFO}/WHEEL": "Wheel-Version: 1.0\nGenerator: build.py\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
}
WHEEL = Path(__file__).parent / f"{NAME}-{VERSION}-py3-none-any.whl"
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the first date that a ZIP file can have


def content() -> bytes:
    """Return the bytes of the wheel."""
    lines = [f"{name},{_digest(text)},{len(text)}" for name, text in FILES.items()]
    record = "\n".join([*lines, f"{INFO}/RECORD,,", ""])
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as wheel:
        for name, text in (*FILES.items(), (f"{INFO}/RECORD", record)):
            wheel.writestr(zipfile.ZipInfo(name, LONG_AGO), text)
    return archive.getvalue()


def _digest(text: str) -> str:
    """Return the hash of a file as RECORD has it: URL-safe Base64 without padding."""
    digest = hashlib.sha256(text.encode()).digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).decode().rstrip("=")


if __name__ == "__main__":
    WHEEL.write_bytes(content())
