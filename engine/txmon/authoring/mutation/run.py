"""Which mutants of the rules of a pack their cases notice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from txmon.authoring.cases.bench import Bench, judge, lay_out
from txmon.authoring.cases.files import read_cases
from txmon.authoring.mutation.claims import check_claims, read_claims
from txmon.authoring.mutation.mutants import changed_alike, mutants_of
from txmon.authoring.mutation.places import placed
from txmon.authoring.mutation.telling import telling_case
from txmon.language.problems import WHOLE, Code, Fault, Problem
from txmon.packs import check_pack, read_document
from txmon.packs.cases import cases_beside
from txmon.packs.folder import rule_file, shipped_pack
from txmon.packs.validate import locate
from txmon.testing.expectations import differences

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from txmon.authoring.cases.case import Case
    from txmon.authoring.mutation.mutants import Mutant
    from txmon.errors import Finding
    from txmon.language.checked import Pack, Rule

    Alerts = Mapping[tuple[str, int], Sequence[Mapping[str, Any]]]
    """The alerts of each rule by its name here, and by the place of the case."""

    Tell = Callable[[str], None]

_OWN = "rule"
"""The name of the rule itself among its mutants; no hash has letters beyond f."""

_UNLIKE = frozenset({"alert_id", "logic_hash"})
"""What an alert of every mutant has of its own: an expectation that names it tells nothing."""

_ROWS_AT_ONCE = 100_000
"""Rows times rules of one evaluation at most, so that its memory is bounded."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A mutant with its place in the rule's file.

    ``killed_by`` is the name of the first case that notices it, None if none does; ``claim`` the
    reason why it means the same as the rule, if somebody wrote one down; ``case`` a case that
    would notice it, if one was asked for and found.
    """

    mutant: Mutant
    place: Finding
    killed_by: str | None = None
    claim: str | None = None
    case: str | None = None

    @property
    def survives(self) -> bool:
        """Whether no case notices it, and nobody says why."""
        return self.killed_by is None and self.claim is None


@dataclass(frozen=True, slots=True)
class RuleScore:
    """The mutants of one rule, in the order of its parts; ``cases`` is how many judged them."""

    rule: str
    file: str
    cases: int
    verdicts: tuple[Verdict, ...]

    @property
    def survivors(self) -> tuple[Verdict, ...]:
        """The mutants that no case notices."""
        return tuple(one for one in self.verdicts if one.survives)

    @property
    def killed(self) -> int:
        """How many mutants some case notices."""
        return sum(one.killed_by is not None for one in self.verdicts)

    @property
    def counted(self) -> int:
        """How many mutants there are but for those claimed to mean the same."""
        return self.killed + len(self.survivors)


@dataclass(frozen=True, slots=True)
class MutationReport:
    """The scores of rules in order of id, and what is wrong with the files."""

    rules: tuple[RuleScore, ...]
    findings: tuple[Finding, ...]

    @property
    def killed(self) -> int:
        """How many mutants some case notices."""
        return sum(rule.killed for rule in self.rules)

    @property
    def counted(self) -> int:
        """How many mutants there are but for those claimed to mean the same."""
        return sum(rule.counted for rule in self.rules)

    @property
    def score(self) -> float:
        """Mutants that are noticed, of 100; 100 if there are none."""
        return 100 * self.killed / self.counted if self.counted else 100.0


def _silent(_: str) -> None:
    """Tell nobody."""


def run_mutants(
    path: str | Path | None = None,
    *,
    name: str | None = None,
    streams: int = 0,
    tell: Tell = _silent,
) -> MutationReport:
    """Make the mutants of rules and judge each by all cases of its rule.

    Args:
        path: a pack, a folder of it, a rule file or a case file; by default the shipped pack.
        name: only rules with this in their id.
        streams: for so many of the survivors a case is looked for that would notice them.
        tell: told of each rule as it begins, and of each survivor for which a case is looked for.
    """
    where = shipped_pack() if path is None else Path(path)
    pack, wrong = check_pack(where, tuned=False)
    findings = [finding for finding in wrong if not finding.warning]
    scores: list[RuleScore] = []
    for rule in () if pack is None else _chosen(pack, where, name):
        assert pack is not None  # noqa: S101 - it has a rule
        tell(f"mutants of {rule.id}")
        trial = _Trial(rule, pack)
        score = trial.told(trial.score(), streams, tell)
        streams -= len(score.survivors)
        scores.append(score)
        findings += trial.findings
    return MutationReport(tuple(scores), tuple(findings))


def _chosen(pack: Pack, where: Path, name: str | None) -> Iterator[Rule]:
    """The rules at a path: a rule that only stands behind one of them is not asked for."""
    home = rule_file(where).resolve()
    for rule in pack.rules:
        if Path(rule.path).resolve().is_relative_to(home) and (name is None or name in rule.id):
            yield rule


class _Trial:
    """The mutants of one rule, judged by its cases in as few evaluations as memory allows."""

    def __init__(self, rule: Rule, pack: Pack) -> None:
        self._rule, self._pack = rule, pack
        self.findings: list[Finding] = []
        self._bench = self._laid_out()
        self._places = self._fit(judged_by(self._bench, {_OWN: rule}, pack))

    def score(self) -> RuleScore:
        """What became of each mutant."""
        rule, pack = self._rule, self._pack
        mutants = mutants_of(rule, pack)
        killed = self._killed(mutants)
        claims, wrong = read_claims(rule)
        self.findings += (*wrong, *check_claims(claims, rule, mutants, killed))
        reasons = {claim.id: claim.reason for claim in claims}
        tree, _ = read_document(rule.path)
        assert tree is not None  # noqa: S101 - the rule was read from it
        verdicts = (
            Verdict(
                one,
                placed(one, rule, tree),
                killed.get(one.id),
                None if one.id in killed else reasons.get(one.id),
            )
            for one in mutants
        )
        return RuleScore(rule.id, rule.path, len(self._places), tuple(verdicts))

    def told(self, score: RuleScore, most: int, tell: Tell) -> RuleScore:
        """The score with cases that would notice the first survivors."""
        wanted = {one.mutant.id for one in score.survivors[: max(0, most)]}
        verdicts = []
        for one in score.verdicts:
            case = None
            if one.mutant.id in wanted:
                tell(f"a case that tells {self._rule.id} from mutant {one.mutant.id}")
                case = telling_case(self._rule, one.mutant, self._pack, self._cases)
            verdicts.append(replace(one, case=case))
        return replace(score, verdicts=tuple(verdicts))

    @property
    def _cases(self) -> tuple[Case, ...]:
        """The cases that tell anything."""
        return tuple(self._bench.cases[place] for place in self._places)

    def _laid_out(self) -> Bench:
        file = cases_beside(self._rule.path)
        cases: tuple[Case, ...] = ()
        if file.is_file():
            cases, wrong = read_cases(file, self._pack)
            self.findings += wrong
        able = [plainly(case) for case in cases if case.todo is None]
        bench = lay_out(able, self._pack)
        self.findings += (finding for some in bench.refused.values() for finding in some)
        return bench

    def _fit(self, alerts: Alerts) -> tuple[int, ...]:
        """The places of the cases that the rule itself passes: the others can tell nothing."""
        failed = [place for place in self._bench.sound if self._notices(place, _OWN, alerts)]
        self.findings += (_failing(self._bench.cases[place]) for place in failed)
        return tuple(place for place in self._bench.sound if place not in failed)

    def _notices(self, place: int, name: str, alerts: Alerts) -> bool:
        case = self._bench.cases[place]
        found = alerts.get((f"{name}{case.variant}", place), ())
        return bool(differences(case.expected, found, case.start))

    def _killed(self, mutants: Sequence[Mutant]) -> dict[str, str]:
        """The first case that notices each mutant, by the mutant's id."""
        killed: dict[str, str] = {}
        size = max(1, _ROWS_AT_ONCE // max(1, self._bench.rows.height))
        for first in range(0, len(mutants) if self._places else 0, size):
            some = mutants[first : first + size]
            rules = {one.id: one.rule for one in some}
            alerts = judged_by(self._bench, rules, self._pack, {one.id: one.at for one in some})
            for one in some:
                found = (place for place in self._places if self._notices(place, one.id, alerts))
                place = next(found, None)
                if place is not None:
                    killed[one.id] = self._bench.cases[place].name
        return killed


def plainly(case: Case) -> Case:
    """The case without what it expects of fields that differ between mutants anyway."""
    expected = tuple(
        {name: text for name, text in one.items() if name not in _UNLIKE} for one in case.expected
    )
    return replace(case, expected=expected)


def judged_by(
    bench: Bench,
    rules: Mapping[str, Rule],
    pack: Pack,
    ways: Mapping[str, tuple[str | int, ...]] | None = None,
) -> Alerts:
    """The alerts of rules over cases; a case that sets params is judged by the rule with them.

    Args:
        bench: cases of one rule.
        rules: the rule or mutants of it, by name.
        pack: the pack of the rule.
        ways: where the mutants are changed; the rule with other params is changed there too.
    """
    named: dict[str, Rule] = {}
    for case in {one.variant: one for one in bench.cases}.values():
        alike = rules
        if case.changed is not None and ways is not None:
            changed = changed_alike(case.changed, pack, frozenset(ways.values()))
            alike = {name: changed.get(at, case.changed) for name, at in ways.items()}
        elif case.changed is not None:
            alike = dict.fromkeys(rules, case.changed)
        named |= {f"{name}{case.variant}": rule for name, rule in alike.items()}
    if not named:
        return {}
    judged = judge(bench, named, pack)
    return judged.by_case(judged.alerts)


def _failing(case: Case) -> Finding:
    message = "this case fails on the rule as it is, so it can tell no mutant apart"
    problem = Problem(Code.BAD_VALUE, message, 0, WHOLE, "run txmon test")
    return locate(case.tree, Fault((*case.path, "name"), problem))
