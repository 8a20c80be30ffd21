"""Packs on disk: YAML and CSV files in, a checked pack or every finding out."""

from __future__ import annotations

from txmon.packs.cases import load_cases
from txmon.packs.documents import read_document
from txmon.packs.load import check_pack, load_pack, read_pack

__all__ = ["check_pack", "load_cases", "load_pack", "read_document", "read_pack"]
