"""What a pack consists of on disk: which files belong to it, and the hash of their content."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from txmon.errors import Finding, Location
from txmon.language.problems import Code

PACK_FILE, RATES_FILE, LISTS_FOLDER = "pack.yaml", "rates.csv", "lists"
TUNING_FILE = "tuning.yaml"
CASES_SUFFIX, MUTANTS_SUFFIX = ".cases.yaml", ".mutants.yaml"
BESIDE_RULES = (CASES_SUFFIX, MUTANTS_SUFFIX)
EXCEPTIONS_FILE, LOCK_FILE = "exceptions.yaml", "rules.lock"


@dataclass(frozen=True, slots=True)
class PackFiles:
    """The files of a pack; ``rules`` are those that were asked for, ``others`` the rest.

    ``single`` says that one rule file was asked for by its name.
    """

    root: Path
    rules: tuple[Path, ...]
    lists: tuple[Path, ...]
    rates: Path | None
    findings: tuple[Finding, ...]
    others: tuple[Path, ...] = ()
    single: bool = False

    @property
    def whole(self) -> bool:
        """Whether every rule of the pack was asked for."""
        return not self.others

    @property
    def exceptions(self) -> Path | None:
        """exceptions.yaml, if there is one."""
        return _existing(self.root / EXCEPTIONS_FILE)

    @property
    def tuning(self) -> Path | None:
        """tuning.yaml, if there is one."""
        return _existing(self.root / TUNING_FILE)

    @property
    def pack(self) -> Path:
        """pack.yaml."""
        return self.root / PACK_FILE

    def content_hash(self) -> str:
        """SHA-256 over the names and bytes of the files, in order of name."""
        single = filter(None, (self.rates, self.exceptions, self.tuning))
        files = [self.pack, *self.rules, *self.lists, *single]
        digest = sha256()
        for path in sorted(files, key=self._name):
            data = path.read_bytes()
            digest.update(f"{self._name(path)}\0{len(data)}\0".encode())
            digest.update(data)
        return digest.hexdigest()

    def _name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()


def shipped_pack() -> Path:
    """The folder of the pack that comes with txmon."""
    package = Path(__file__).parents[1]
    inside = package / "rules"
    return inside if (inside / PACK_FILE).is_file() else package.parents[1] / "rules"


def find_files(path: Path) -> PackFiles:
    """The files of a pack folder, or of one rule file or sub-folder with the pack it stands in."""
    if path.name == PACK_FILE and path.is_file():
        path = path.parent
    root = path if (path / PACK_FILE).is_file() else _root_above(path)
    if root is None or not path.exists():
        return PackFiles(path, (), (), None, (_no_pack(path),))
    rules = _rule_files(root, path) if path.is_dir() else (rule_file(path),)
    lists = tuple(sorted((root / LISTS_FOLDER).glob("*.csv")))
    findings = tuple(_misnamed(path) if path.is_dir() else ())
    others = tuple(file for file in _rule_files(root, root) if file not in rules)
    rates = _existing(root / RATES_FILE)
    return PackFiles(root, rules, lists, rates, findings, others, single=not path.is_dir())


def _existing(path: Path) -> Path | None:
    return path if path.is_file() else None


def _root_above(path: Path) -> Path | None:
    parents = path.parents if path.is_absolute() else [*path.parents, *Path.cwd().parents]
    return next((parent for parent in parents if (parent / PACK_FILE).is_file()), None)


def _no_pack(path: Path) -> Finding:
    if not path.exists():
        return Finding(
            Code.UNREADABLE, "there is no such file or folder", Location(str(path), 1, 1)
        )
    where = "in this folder" if path.is_dir() else "in a folder above this file"
    advice = "a pack is a folder with pack.yaml: name, version, currency, timezone"
    return Finding(
        Code.UNREADABLE, f"there is no pack.yaml {where}", Location(str(path), 1, 1), "", advice
    )


def rule_file(path: Path) -> Path:
    """The rule file that a file stands for: its case file does, and its file of mutants."""
    for suffix in BESIDE_RULES:
        if path.name.endswith(suffix):
            return path.with_name(path.name.removesuffix(suffix) + ".yaml")
    return path


def _rule_files(root: Path, folder: Path) -> tuple[Path, ...]:
    others = {root / name for name in (PACK_FILE, TUNING_FILE, EXCEPTIONS_FILE)}
    return tuple(
        path
        for path in _visible(folder, "*.yaml")
        if path not in others and not path.name.endswith(BESIDE_RULES)
    )


def _visible(root: Path, pattern: str) -> list[Path]:
    """The files below a folder, but those in hidden folders and in packs of their own."""
    packs = {path.parent for path in root.rglob(PACK_FILE)} - {root}
    return sorted(
        path
        for path in root.rglob(pattern)
        if path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(root).parts)
        and packs.isdisjoint(path.parents)
    )


def _misnamed(root: Path) -> list[Finding]:
    message = "this file would be left out: rules end in .yaml"
    return [
        Finding(Code.UNREADABLE, message, Location(str(path), 1, 1))
        for path in _visible(root, "*.yml")
    ]
