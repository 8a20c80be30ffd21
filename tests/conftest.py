"""Settings of every test: how hard Hypothesis tries, chosen by TXMON_PROFILE."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

COMMON = settings(
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile("quick", COMMON, max_examples=25, derandomize=True, database=None)
settings.register_profile("usual", COMMON, max_examples=100)
settings.register_profile("deep", COMMON, max_examples=2_000)
settings.load_profile(os.environ.get("TXMON_PROFILE", "quick"))
