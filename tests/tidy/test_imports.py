"""What a fresh process loads, and that the engine works without a compiler or a cache."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings

import pytest
from numba import int64
from numba.core import caching

import txmon
from tidy.source import ROOT
from txmon.kernels import compiled

SCORE = """
import polars as pl
import txmon
from txmon.simulate import simulate
payments = simulate(transactions=1_000, seed=5, days=7).payments
pack = txmon.load_pack("rules", settings={"fan-in.min_payers": "2"})
result = txmon.score(payments, pack)
print(result.alerts.select("alert_id", "message").write_json())
"""


def run(script: str, **environment: str) -> str:
    """What a script prints in a process of its own."""
    ran = subprocess.run(  # noqa: S603 - a script of our own
        [sys.executable, "-W", "error", "-c", script],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "engine"), **environment},
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_importing_the_package_loads_only_itself() -> None:
    script = "import sys, txmon; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = set(run(script).split()) - sys.stdlib_module_names
    # Some installations load helpers of their own at start.
    bare = set(run("import sys; print(*{name.split('.')[0] for name in sys.modules})").split())
    assert loaded - bare == {"txmon"}


def test_no_module_bears_the_name_of_a_public_function() -> None:
    modules = {path.stem for path in (ROOT / "engine" / "txmon").iterdir()}
    assert not modules & set(txmon.__all__)


def test_loading_a_pack_loads_no_kernels() -> None:
    script = "import sys, txmon; txmon.load_pack('rules'); print('numba' in sys.modules)"
    assert run(script) == "False\n"


def test_the_engine_runs_without_the_compiler() -> None:
    compiled, interpreted = run(SCORE), run(SCORE, NUMBA_DISABLE_JIT="1")
    assert '"alert_id"' in compiled
    assert interpreted == compiled


def _add(a: int, b: int) -> int:
    return a + b


def test_without_a_place_for_the_cache_kernels_compile_with_a_warning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(caching.CacheImpl, "_locator_classes", [])
    with pytest.warns(RuntimeWarning, match="set NUMBA_CACHE_DIR to a writable folder"):
        assert compiled.compiled(int64(int64, int64))(_add)(2, 3) == 5


def test_other_faults_of_the_compiler_are_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("out of registers")

    monkeypatch.setattr(compiled, "njit", fail)
    with warnings.catch_warnings(), pytest.raises(RuntimeError, match="out of registers"):
        compiled.compiled(int64(int64, int64))(_add)(2, 3)
