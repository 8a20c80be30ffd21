"""How far a graph pattern was from being there: the path that ends at a row, or a looser one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from txmon.authoring.reasons.results import ClauseSeen
from txmon.authoring.reasons.telling import UNHEARD
from txmon.authoring.reasons.variants import LOOSE, looser
from txmon.authoring.reasons.words import LEAST_GAP
from txmon.language.text import render_duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from txmon.authoring.reasons.results import RowSeen
    from txmon.language.patterns import Graph

    Key = tuple[str, str | None, str | None]


@dataclass(frozen=True)
class PathReader:
    """Reads the hits of a pattern without ``when``, and of looser patterns."""

    graph: Graph
    hits: Mapping[str, Sequence[Mapping[str, Any]]]
    alerts: Mapping[str, Mapping[str, Any]]

    def told(self, row: RowSeen, key: Key) -> RowSeen:
        """The row with the path that ends there, or with what would have to be looser."""
        path = self._found[""].get(key)
        if path is not None:
            clauses = tuple(_of_path(clause) for clause in path["clauses"])
            false = [clause for clause in clauses if not clause.result]
            return replace(
                row,
                clauses=(*row.clauses, *clauses),
                reasons=tuple(f"a path ends here; {one.text}: {one.short}" for one in false),
                missing=len(false),
                gap=sum(one.gap for one in false),
            )
        near = sorted(self._near(key))
        shape = str(self.graph.shape).replace("_", "-")
        if not near:
            nothing = f"no {shape} ends here, whichever one of its bounds is taken away"
            return replace(row, reasons=(nothing,))
        words = tuple(text for _, text in near)
        return replace(row, reasons=words, missing=1, gap=near[0][0])

    @cached_property
    def _found(self) -> dict[str, dict[Key, Mapping[str, Any]]]:
        """By the bound that is taken away, the latest path that ends at each row."""
        found: dict[str, dict[Key, Mapping[str, Any]]] = {}
        for name, _ in looser(self.graph):
            hits = self.hits.get(f"{UNHEARD}{LOOSE}{name}", ())
            found[name] = {
                (hit["transaction_id"], hit["side"], hit["trigger_alert_id"]): self.alerts[
                    hit["alert_id"]
                ]
                for hit in hits
            }
        return found

    def _near(self, key: Key) -> Iterator[tuple[float, str]]:
        """Which bounds alone keep a pattern from being there, and by how much if that is known."""
        for name, _ in looser(self.graph):
            path = self._found[name].get(key)
            if path is None:
                continue
            if name == "within":
                clause = path["clauses"][0]
                gap = -float(clause["margin"]) * 1_000_000
                share = gap / (gap + self.graph.within)
                took = f"it took {clause['value']}"
                yield max(LEAST_GAP, share), f"{took}, at most {clause['threshold']} allowed"
            else:
                yield 1.0, f"only {name} ({self._bound(name)}) keeps it from being there"

    def _bound(self, name: str) -> str:
        graph = self.graph
        if name == "hold":
            return render_duration(graph.hold)
        if name == "common":
            return f"at least {graph.common.low}"
        return f"at least {graph.size.low}" if name in {"middles", "others"} else "as written"


def _of_path(clause: Mapping[str, Any]) -> ClauseSeen:
    against = (
        "" if clause["threshold"] is None else f"{clause['value']} against {clause['threshold']}"
    )
    said = "unknown" if clause["result"] is None else against or "false"
    return ClauseSeen(
        clause["text"],
        "path",
        None,
        clause["result"],
        clause["value"],
        clause["threshold"],
        short="" if clause["result"] else said,
        gap=0.0 if clause["result"] else 1.0,
    )
