"""A writer killed at any instant leaves a base that opens, holds every acknowledged dépôt, and none by half."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import boucle


@pytest.mark.parametrize("morts", [10, pytest.param(150, marks=[pytest.mark.long, pytest.mark.timeout(1200)])])
def test_a_killed_writer_loses_nothing(tmp_path: Path, morts: int, capsys: pytest.CaptureFixture[str]) -> None:
    bilan = boucle.run(morts, tmp_path / "base", graine=morts)
    with capsys.disabled():
        print(f"\n{bilan}")
    assert bilan.defauts == []
    assert bilan.total == morts
    assert bilan.en_ecriture >= 0.6 * morts
