"""Tuning: one rule with many values of its params, judged in one pass."""
