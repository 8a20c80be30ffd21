"""What it costs to read and check payments, beside a plain read of the same file.

    python benchmarks/reading.py write FOLDER ROWS MESSAGES    writes a file of every format
    python benchmarks/reading.py measure FOLDER FORMAT         reads one of them, both ways

A plain read is one of Polars that is told every type, so that it infers nothing; what it cannot
read as a type it parses in the same lazy query. It checks nothing: no duplicates, no order, no
currency, no reasons. For XML, it is a walk through the elements that looks at none.
"""

from __future__ import annotations

import gzip
import json
import resource
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import polars as pl

from txmon.packs import load_pack
from txmon.simulate import write
from txmon.sources import intake

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TRIES = 3
ISO = "%Y-%m-%dT%H:%M:%S%.6f%:z"
DAY_FIRST = "%d.%m.%Y %H:%M:%S%.6f"
MONEY = ("amount", "debtor_balance", "creditor_balance")
MAPPING = {
    "csv": {"separator": ";"},
    "columns": {
        "event_time": {"column": "event_time", "format": DAY_FIRST, "zone": "UTC"},
        **{name: {"column": name, "decimal": ","} for name in MONEY},
    },
}
PACS = """<CdtTrfTxInf><PmtId><InstrId>I{id}</InstrId><EndToEndId>E{id}</EndToEndId>
<TxId>{id}</TxId></PmtId><IntrBkSttlmAmt Ccy="{currency}">{amount}</IntrBkSttlmAmt>
<AccptncDtTm>{at}</AccptncDtTm><ChrgBr>SLEV</ChrgBr><Dbtr><Nm>{debtor}</Nm>
<PstlAdr><Ctry>CN</Ctry></PstlAdr></Dbtr><DbtrAcct><Id><Othr><Id>{debtor}</Id></Othr></Id>
</DbtrAcct><DbtrAgt><FinInstnId><BICFI>COBADEFFXXX</BICFI></FinInstnId></DbtrAgt>
<CdtrAgt><FinInstnId><BICFI>BKAUATWW</BICFI></FinInstnId></CdtrAgt>
<Cdtr><Nm>{creditor}</Nm></Cdtr><CdtrAcct><Id><Othr><Id>{creditor}</Id></Othr></Id></CdtrAcct>
<Purp><Cd>GDDS</Cd></Purp><RmtInf><Ustrd>invoice {id}</Ustrd></RmtInf></CdtTrfTxInf>
"""
CAMT = """<Ntry><NtryRef>{id}</NtryRef><Amt Ccy="{currency}">{amount}</Amt>
<CdtDbtInd>{side}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><DtTm>{at}</DtTm></BookgDt>
<ValDt><Dt>2026-03-01</Dt></ValDt><AcctSvcrRef>{id}</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd>
<Fmly><Cd>ICDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls><TxDtls>
<Refs><EndToEndId>E{id}</EndToEndId></Refs><RltdPties><Dbtr><Pty><Nm>{debtor}</Nm></Pty></Dbtr>
<DbtrAcct><Id><Othr><Id>{debtor}</Id></Othr></Id></DbtrAcct><Cdtr><Pty><Nm>{creditor}</Nm></Pty>
</Cdtr><CdtrAcct><Id><Othr><Id>{creditor}</Id></Othr></Id></CdtrAcct></RltdPties>
<RltdAgts><CdtrAgt><FinInstnId><BICFI>BKAUATWW</BICFI></FinInstnId></CdtrAgt></RltdAgts>
<RmtInf><Ustrd>invoice {id}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
"""
MESSAGES = {
    "pacs.008": (
        """<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08"><FIToFICstmrCdtTrf>
<GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-03-01T08:00:00Z</CreDtTm></GrpHdr>
""",
        PACS,
        "</FIToFICstmrCdtTrf></Document>\n",
    ),
    "camt.053": (
        """<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>M1</MsgId></GrpHdr><Stmt><Id>S1</Id><Acct><Id><Othr><Id>777</Id></Othr></Id></Acct>
""",
        CAMT,
        "</Stmt></BkToCstmrStmt></Document>\n",
    ),
}


def write_files(folder: Path, rows: int, messages: int) -> None:
    """One file of every format, of the same simulated payments."""
    written = write(folder / "simulated", transactions=rows)
    frame = pl.read_parquet(written.payments)
    frame.write_parquet(folder / "in order.parquet", row_group_size=250_000)
    frame.sample(fraction=1, shuffle=True, seed=1).write_parquet(
        folder / "shuffled.parquet", row_group_size=250_000
    )
    frame.write_csv(folder / "plain.csv", datetime_format=ISO)
    with (folder / "plain.csv").open("rb") as plain, gzip.open(folder / "p.csv.gz", "wb") as packed:
        shutil.copyfileobj(plain, packed)
    _mapped(frame).write_csv(folder / "mapped.csv", separator=";")
    counted = frame.with_columns(
        pl.col("event_time").dt.to_string(ISO), pl.col(MONEY).cast(pl.Float64)
    )
    counted.write_ndjson(folder / "lines.ndjson")
    few = frame.drop_nulls(["debtor_account", "creditor_account"]).head(messages)
    for name in MESSAGES:
        _write_messages(folder / f"{name}.xml", name, few)
    shutil.rmtree(folder / "simulated")


def _mapped(frame: pl.DataFrame) -> pl.DataFrame:
    """As a bank's export may have it: day first, decimal comma."""
    return frame.with_columns(
        pl.col("event_time").dt.to_string(DAY_FIRST),
        pl.col(MONEY).cast(pl.String).str.replace(".", ",", literal=True),
    )


def _write_messages(path: Path, name: str, frame: pl.DataFrame) -> None:
    head, entry, foot = MESSAGES[name]
    with path.open("w") as stream:
        stream.write(head)
        for at, row in enumerate(frame.iter_rows(named=True)):
            stream.write(
                entry.format(
                    id=row["transaction_id"],
                    at=row["event_time"].isoformat(),
                    amount=row["amount"],
                    currency=row["currency"],
                    debtor=escape(row["debtor_account"]),
                    creditor=escape(row["creditor_account"]),
                    side="DBIT" if at % 2 else "CRDT",
                )
            )
        stream.write(foot)


def _schema(folder: Path, *, texts: tuple[str, ...] = ()) -> pl.Schema:
    known = pl.read_parquet_schema(folder / "in order.parquet")
    return pl.Schema({**known, **dict.fromkeys(texts, pl.String())})


def _csv(folder: Path, file: str) -> pl.DataFrame:
    return pl.read_csv(folder / file, schema=_schema(folder))


def _csv_apart(folder: Path, file: str) -> pl.DataFrame:
    """Quicker than by the schema alone: times read as texts, then parsed."""
    scan = pl.scan_csv(folder / file, schema=_schema(folder, texts=("event_time",)))
    return scan.with_columns(pl.col("event_time").str.to_datetime(ISO, time_unit="us")).collect()


def _csv_mapped(folder: Path, file: str) -> pl.DataFrame:
    schema = _schema(folder, texts=("event_time", *MONEY))
    scan = pl.scan_csv(folder / file, schema=schema, separator=";")
    return scan.with_columns(
        pl.col("event_time").str.to_datetime(DAY_FIRST, time_unit="us", time_zone="UTC"),
        pl.col(MONEY).str.replace(",", ".", literal=True).cast(pl.Decimal(18, 2)),
    ).collect()


def _lines(folder: Path, file: str) -> pl.DataFrame:
    schema = {**_schema(folder, texts=("event_time",)), **dict.fromkeys(MONEY, pl.Float64())}
    scan = pl.scan_ndjson(folder / file, schema=schema)
    return scan.with_columns(pl.col("event_time").str.to_datetime(ISO, time_unit="us")).collect()


def _parquet(folder: Path, file: str) -> pl.DataFrame:
    return pl.read_parquet(folder / file)


def _elements(folder: Path, file: str) -> int:
    """Every element parsed, none looked at, those of a transaction let go."""
    return sum(1 for _ in _ended(folder / file))


def _ended(path: Path) -> Iterator[ET.Element]:
    for _, element in ET.iterparse(path):  # noqa: S314 - a file of our own
        if element.tag.endswith(("}CdtTrfTxInf", "}Ntry")):
            element.clear()
            yield element


FORMATS: dict[str, tuple[str, Callable[[Path, str], object], dict[str, object] | None]] = {
    "CSV": ("plain.csv", _csv, None),
    "CSV, beside times parsed apart": ("plain.csv", _csv_apart, None),
    "CSV, gzipped": ("p.csv.gz", _csv, None),
    "CSV, day first, decimal comma": ("mapped.csv", _csv_mapped, MAPPING),
    "NDJSON": ("lines.ndjson", _lines, None),
    "Parquet, in order": ("in order.parquet", _parquet, None),
    "Parquet, shuffled": ("shuffled.parquet", _parquet, None),
    "pacs.008": ("pacs.008.xml", _elements, None),
    "camt.053": ("camt.053.xml", _elements, None),
}
"""Name -> the file, what reads it plainly, and the mapping it takes."""


def measure(folder: Path, name: str) -> dict[str, object]:
    """Best seconds of both ways, and the peak of memory of ours."""
    file, plain, mapping = FORMATS[name]
    pack = load_pack()
    checked = intake(folder / file, pack, mapping=mapping)
    rows = checked.counts.accepted
    if rows != checked.counts.read:
        sys.exit(f"{file}: {checked.rejected}")
    del checked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    both = [
        (
            _seconds(lambda: plain(folder, file)),
            _seconds(lambda: intake(folder / file, pack, mapping=mapping)),
        )
        for _ in range(TRIES)
    ]
    return {
        "rows": rows,
        "bytes": (folder / file).stat().st_size,
        "plain": min(seconds for seconds, _ in both),
        "intake": min(seconds for _, seconds in both),
        "peak": peak,
    }


def _seconds(read: Callable[[], object]) -> float:
    begin = time.perf_counter()
    read()
    return time.perf_counter() - begin


def main() -> None:
    """Do what the first argument says."""
    folder = Path(sys.argv[2])
    if sys.argv[1] == "write":
        write_files(folder, int(sys.argv[3]), int(sys.argv[4]))
        print(json.dumps({"formats": list(FORMATS)}))
    else:
        print(json.dumps(measure(folder, sys.argv[3])))


if __name__ == "__main__":
    main()
