"""Random graph patterns and conditions over their paths, small enough that they really occur."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txmon.language.measures import MEASURES, MEASURES_OF, ROLES_OF
from txmon.language.nodes import Measure
from txmon.language.patterns import DEFAULT_SEARCH, MAX_COUNT, Count, Graph, Shape, Share
from txmon.testing import trees
from txmon.testing.random_trees import SPANS, sound
from txmon.types import Kind

if TYPE_CHECKING:
    from txmon.language.nodes import Expr
    from txmon.testing.random_trees import Maker

VIAS = (
    *("device_id", "device_id", "counterparty", "creditor_account", "debtor_account"),
    *("own_segment", "creditor_segment", "tries"),
)
SHARES = ("0", "0.5", "0.8", "1", "1.5")
LIMITS = (DEFAULT_SEARCH, DEFAULT_SEARCH, 1, 2, 4, 8)
HOPS = ((2, 2), (2, 3), (3, 3), (2, 5))
COUNTS = ((1, MAX_COUNT), (2, MAX_COUNT), (1, 1))


def random_graph(maker: Maker, through: Expr | None) -> Graph:
    """A random pattern; ``through`` is asked of cycles and chains now and then."""
    shape = maker.chooser.pick(tuple(Shape))
    within = trees.span(maker.chooser.pick(SPANS))
    hold = min(within, trees.span(maker.chooser.pick(SPANS)))
    limit = maker.chooser.pick(LIMITS)
    if shape is Shape.SHARED:
        size, common = (Count(*maker.chooser.pick(COUNTS)) for _ in range(2))
        return Graph(shape, size, within, within, limit, via=_via(maker), common=common)
    paths = shape in {Shape.CYCLE, Shape.CHAIN}
    size = Count(*maker.chooser.pick(HOPS if paths else COUNTS))
    asked = through if paths and maker.pick(False, True) else None
    return Graph(shape, size, within, hold, limit, _keep(maker), asked)


def random_role(maker: Maker, graph: Graph) -> str:
    """A role that the pattern's alert can be about."""
    return maker.chooser.pick(ROLES_OF[graph.shape])


def random_question(maker: Maker, graph: Graph) -> Expr:
    """A comparison of one of the pattern's measures."""
    name = maker.chooser.pick(MEASURES_OF[graph.shape])
    measure = Measure(MEASURES[name], name)
    op = maker.pick(">=", "<=", ">", "<")
    value: Expr = maker.constant(measure.type.kind)
    if measure.type.kind is Kind.MONEY and maker.pick(False, True):
        value = trees.arithmetic(maker.leaf(Kind.MONEY), "+", value)
    node = trees.compare(measure, op, value)
    return node if sound(node) else trees.call("is_null", measure)


def _via(maker: Maker) -> str:
    return maker.chooser.pick(VIAS)


def _keep(maker: Maker) -> Share | None:
    if maker.pick(False, True):
        return None
    ends = sorted(maker.chooser.pick(SHARES) for _ in range(2))
    high = trees.number(ends[1]) if maker.pick(True, False) else None
    return Share(trees.number(ends[0]), high)
