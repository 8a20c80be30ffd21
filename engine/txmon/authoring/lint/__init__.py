"""Lint: what is allowed in a rule and is hardly ever meant, one module a kind of trap."""
