"""The mutants of `make mutate-stacks` are mistakes that can still be made; the run itself takes too long for here."""

from __future__ import annotations

import pytest

from tests.mutants_of_stacks.__main__ import MUTANTS, SURVIVORS
from tests.mutants_of_stacks.mutant import PROJECT, Mutant, StaleMutantError


def test_each_still_applies() -> None:
    for mutant in MUTANTS:
        assert mutant.applied() != (PROJECT / mutant.file).read_text(encoding="utf-8"), mutant.name


def test_one_that_does_not_says_what_to_do() -> None:
    with pytest.raises(StaleMutantError, match=r"^a table is gone: app\.py holds 'no such line' 0 times.*anew"):
        Mutant("a table is gone", "app.py", "no such line", "", "test_context.py").applied()


def test_there_are_many_and_each_has_a_name() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 100


def test_who_is_to_notice_it_exists_and_is_no_snapshot() -> None:
    for name in {mutant.noticed_by for mutant in MUTANTS}:
        path = PROJECT / (name if "/" in name else f"tests/infrastructure/{name}")
        assert path.is_file(), name
        assert "snapshot" not in name


def test_those_that_need_not_be_noticed_are_few_and_have_a_reason() -> None:
    assert SURVIVORS.keys() <= {mutant.name for mutant in MUTANTS}
    assert len(SURVIVORS) <= 5
    assert all(SURVIVORS.values())
