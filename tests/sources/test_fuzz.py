"""Any bytes of any format: read with counts that add up, or refused in words."""

from __future__ import annotations

import gzip
import io
import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.payments import frame, pack, row, zstd
from txmon.errors import TxmonError
from txmon.sources import intake

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

FIXTURES = Path(__file__).parent / "fixtures"
GOOD = frame(row(), row(transaction_id="t2", branch="é", vip=True), row(amount="x"))
MAPPINGS: dict[str, dict[str, object]] = {
    "none": {},
    "zone": {"columns": {"event_time": {"column": "event_time", "zone": "Europe/Berlin"}}},
    "thousands": {
        "columns": {"amount": {"column": "amount", "thousands": ",", "round": "half_even"}}
    },
    "utf-16": {"csv": {"encoding": "utf-16"}},
    "quotes": {"csv": {"quote": "none", "separator": ";"}},
    "gb18030": {"csv": {"encoding": "gb18030", "quote": "'"}},
}


def parquet() -> bytes:
    stream = io.BytesIO()
    GOOD.write_parquet(stream)
    return stream.getvalue()


CSV = GOOD.write_csv().encode()
SEEDS = {
    "p.csv": CSV,
    "p.csv.gz": gzip.compress(CSV, mtime=0),
    "p.csv.zst": zstd(CSV),
    "wide.csv": CSV.decode().encode("utf-16"),
    "p.ndjson": GOOD.write_ndjson().encode(),
    "p.parquet": parquet(),
    **{path.name: path.read_bytes() for path in sorted(FIXTURES.glob("*.xml"))},
}


@st.composite
def damaged(draw: DrawFn, seed: bytes) -> bytes:
    """The bytes of a good file, some of them cut, changed, doubled or put in."""
    content = bytearray(seed)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.sampled_from([0, 1, 2, 8, 50, len(content)])))
        what = draw(st.sampled_from(["cut", "put", "double"]))
        put = draw(st.binary(max_size=6)) if what == "put" else b""
        content[start:end] = bytes(content[start:end]) * 2 if what == "double" else put
    return bytes(content)


def read_or_refused(path: Path, content: bytes, mapping: dict[str, object] | None = None) -> None:
    path.write_bytes(content)
    with suppress(TxmonError):
        result = intake(path, pack(), mapping=mapping or None)
        counts = result.counts
        assert counts.read == counts.accepted + counts.rejected + counts.duplicate
        assert counts.accepted == result.accepted.height
        assert counts.rejected == result.rejected.height
        assert result.rejected["row"].is_between(1, counts.read).all()
        assert result.rejected["row"].is_unique().all()
        assert sum(stamp.rows for stamp in result.fingerprints) == counts.read


@pytest.mark.parametrize("name", SEEDS)
@given(data=st.data())
def test_damaged_files(
    name: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = data.draw(damaged(SEEDS[name]))
    mapping = MAPPINGS[data.draw(st.sampled_from(sorted(MAPPINGS)))]

    read_or_refused(tmp_path_factory.mktemp("f") / name, content, mapping)


@pytest.mark.parametrize("name", SEEDS)
@given(data=st.data())
def test_files_cut_off(
    name: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    end = data.draw(st.integers(0, len(SEEDS[name])))

    read_or_refused(tmp_path_factory.mktemp("f") / name, SEEDS[name][:end])


@given(
    content=st.binary(max_size=200) | st.text(max_size=100).map(str.encode),
    name=st.sampled_from(["p.csv", "p.ndjson", "p.xml", "p.parquet", "p.tsv", "p.dat"]),
    start=st.sampled_from(
        [b"", b"PAR1", b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\xff\xfe", b"{", b"<a>", b"\xef\xbb\xbf"]
    ),
)
def test_any_bytes_by_any_name(
    content: bytes, name: str, start: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    read_or_refused(tmp_path_factory.mktemp("f") / name, start + content)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=4,
)
objects = st.fixed_dictionaries(
    {"transaction_id": values, "event_time": values | st.just("2026-03-01T12:00:00Z")},
    optional=dict.fromkeys(("debtor_account", "amount", "currency", "vip", "born", "risk"), values),
)


@given(st.lists(objects | values, max_size=6), st.sampled_from(["\n", "\r\n", "\n\n", " "]))
def test_any_json(tmp_path_factory: pytest.TempPathFactory, lines: list[object], ends: str) -> None:
    texts = (json.dumps(row()), *map(json.dumps, lines))
    path = tmp_path_factory.mktemp("f") / "p.ndjson"

    read_or_refused(path, (ends.join(texts) + ends).encode())
