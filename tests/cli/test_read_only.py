"""A read-only installation: package, home and working folder may not be written, ``--out`` may."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cli.conftest import PACK, PAYMENTS, RULE
from txmon import read_run

ENGINE = Path(__file__).parents[2] / "engine"
MOUNT = """\
set -e
mount --bind "$HELD" "$HELD"
mount -o remount,ro,bind "$HELD"
cd "$HELD/home"
exec "$@"
"""
MAIN = "import sys; from txmon.cli import main; sys.exit(main())"
WARNING = "txmon: warning: no folder to cache compiled kernels in"

pytestmark = pytest.mark.slow


@pytest.fixture
def held(tmp_path: Path) -> Path:
    """A folder with the package, rules, payments and a home, to be mounted read-only."""
    folder = tmp_path / "held"
    shutil.copytree(ENGINE, folder / "engine", ignore=shutil.ignore_patterns("__pycache__"))
    for name, text in (
        ("pack/pack.yaml", PACK),
        ("pack/rule.yaml", RULE),
        ("payments.csv", PAYMENTS),
        ("home/here", ""),
    ):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def run(
    held: Path, *arguments: str | Path, **environment: str | Path
) -> subprocess.CompletedProcess[str]:
    """A command with the folder read-only, in a name space of its own."""
    inherited = {name: value for name, value in os.environ.items() if "CACHE" not in name}
    command = ("unshare", "--map-root-user", "--mount", "sh", "-c", MOUNT, "sh")
    own = {"HELD": held, "HOME": held / "home", "PYTHONPATH": held / "engine", **environment}
    return subprocess.run(  # noqa: S603 - a command of our own
        [*command, sys.executable, "-c", MAIN, *map(str, arguments)],
        env=inherited | {name: str(value) for name, value in own.items()},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.fixture(autouse=True)
def _name_spaces(tmp_path: Path) -> None:
    if shutil.which("unshare") is None:
        pytest.skip("there is no unshare here")
    probe = tmp_path / "probe"
    probe.mkdir()
    command = [
        "unshare",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        MOUNT.partition("cd")[0],
    ]
    ran = subprocess.run(  # noqa: S603 - a command of our own
        command, env={**os.environ, "HELD": str(probe)}, check=False, capture_output=True
    )
    if ran.returncode:
        pytest.skip("nothing can be mounted here")


def test_only_the_output_need_be_writable(held: Path, out: Path) -> None:
    score = ("score", held / "payments.csv", "--rules", held / "pack", "--out")

    ran = run(held, *score, out, "--quiet")

    assert (ran.returncode, ran.stdout) == (0, "")
    assert ran.stderr.startswith(WARNING)
    assert ran.stderr.count("\n") == 1, "one warning, whatever the number of kernels"
    assert read_run(out).alerts["transaction_id"].to_list() == ["T1"]
    assert not list(held.rglob("__pycache__"))

    refused = run(held, *score, "here-it-may-not")
    told = f"txmon: the folder {held / 'home'} may not be written\n"
    assert (refused.returncode, refused.stdout, refused.stderr) == (2, "", told)


def test_kernels_go_to_the_folder_that_is_named_or_to_the_users(held: Path, out: Path) -> None:
    for environment in ({"NUMBA_CACHE_DIR": out / "named"}, {"HOME": out / "user"}):
        (folder,) = environment.values()
        folder.mkdir(parents=True)
        ran = run(held, "warm", **environment)
        assert (ran.returncode, ran.stderr) == (0, "")
        assert f" s, kept in {folder}" in ran.stdout
        assert list(folder.rglob("*.number-*.nbi"))


def test_kernels_that_cannot_be_kept_are_an_error_of_warm(held: Path) -> None:
    ran = run(held, "warm")
    assert (ran.returncode, ran.stdout) == (2, "")
    warning, error = ran.stderr.splitlines()
    assert warning.startswith(WARNING)
    assert error == "txmon: the kernels are compiled but cannot be kept: no folder is writable"
