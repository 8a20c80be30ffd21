"""Times of a case: where the other parts of the workbench read and show them, too."""

from __future__ import annotations

from txmon.testing.offsets import read_instant, read_offset, show_offset

__all__ = ["read_instant", "read_offset", "show_offset"]
