"""Plan + carry + ordered rows -> outcomes, hits, alerts, feature values and the next carry."""

from txmon.evaluate.carry import Carry
from txmon.evaluate.run import Evaluation
from txmon.evaluate.strata import evaluate

__all__ = ["Carry", "Evaluation", "evaluate"]
