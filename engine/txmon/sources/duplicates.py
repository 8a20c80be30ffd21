"""Rows that share an id: equal ones count once, conflicting ones are all refused."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Positions (0-based, ascending) of rows that do not stay."""

    repeated: pl.Series
    conflicting: pl.Series

    @property
    def none(self) -> bool:
        """Whether every row stays."""
        return self.repeated.is_empty() and self.conflicting.is_empty()


_GLANCE = 1000
_NOTHING = pl.Series([], dtype=pl.UInt32)


def find_duplicates(frame: pl.DataFrame, content: list[str]) -> Duplicates:
    """Look for rows with the same ``transaction_id``.

    Of rows with equal content the first stays; of rows with one id and different content none.

    Args:
        frame: accepted rows so far.
        content: the columns that make two rows equal.
    """
    ids = frame["transaction_id"]
    if _all_different(ids):
        return Duplicates(_NOTHING, _NOTHING)
    suspects = ids.hash().is_duplicated().arg_true()
    rows = frame[suspects].select(content).with_columns(suspects.alias("position"))
    rows = rows.filter(pl.col("transaction_id").is_duplicated())
    firsts = rows.unique(content, keep="first", maintain_order=True)
    disputed = firsts.filter(pl.col("transaction_id").is_duplicated())["transaction_id"].unique()
    conflicts = rows["transaction_id"].is_in(disputed.implode())
    conflicting = rows.filter(conflicts)["position"]
    kept = firsts["position"]
    repeated = rows.filter(~conflicts & ~rows["position"].is_in(kept.implode()))["position"]
    return Duplicates(repeated, conflicting)


def _all_different(ids: pl.Series) -> bool:
    """Cheap proofs first: ids in ascending order, then as many hashes as rows."""
    if _ascending(ids.head(_GLANCE)) and _ascending(ids):
        return True
    return ids.hash().n_unique() == len(ids)


def _ascending(ids: pl.Series) -> bool:
    return len(ids) <= 1 or bool((ids.slice(1) > ids.slice(0, len(ids) - 1)).all())
