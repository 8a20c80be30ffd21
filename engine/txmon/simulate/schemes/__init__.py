"""What is hidden in the data: fraud schemes with labels, and honest occasions like them."""

from txmon.simulate.schemes.model import Cast, Scheme, Staged
from txmon.simulate.schemes.registry import OCCASIONS, SCHEMES

__all__ = ["OCCASIONS", "SCHEMES", "Cast", "Scheme", "Staged"]
