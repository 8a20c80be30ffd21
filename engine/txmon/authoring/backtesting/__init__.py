"""Backtests: the alerts of a pack held against each other and against known cases."""
