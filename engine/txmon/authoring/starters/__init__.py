"""Rules to start from: a rule and its cases by pattern, valid at once."""

from __future__ import annotations

from txmon.authoring.starters.patterns import PATTERNS, Pattern
from txmon.authoring.starters.write import Started, start_rule

__all__ = ["PATTERNS", "Pattern", "Started", "start_rule"]
