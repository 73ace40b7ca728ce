"""The access journal: several processes add to it, nobody edits it unseen, and what cannot be written is said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from indicators import audit
from indicators.errors import EcritureImpossible
from indicators.settings import RACINE
from indicators.store import Store


def lines(dossier: Path) -> list[bytes]:
    """The lines of the journal as they are on the disk."""
    return audit.get_path(dossier).read_bytes().splitlines(keepends=True)


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """A folder whose journal holds five lines."""
    for i in range(5):
        audit.record(tmp_path, f"agent{i}@exemple.fr", "connexion", f"essai « {i} »\nseconde ligne")
    return tmp_path


def test_each_line_says_when_who_what_and_holds_the_one_before(journal: Path) -> None:
    lus = audit.list_acces(journal)
    assert [(a.qui, a.quoi, a.detail) for a in lus] == [
        (f"agent{i}@exemple.fr", "connexion", f"essai « {i} »\nseconde ligne") for i in range(5)]
    assert [a.le for a in lus] == sorted(a.le for a in lus)
    bilan = audit.check(journal)
    assert (bilan.lignes, bilan.defaut) == (5, None)
    assert bilan.derniere == audit.list_links(audit.read_whole(journal))[-1]


def test_no_journal_is_an_empty_one(tmp_path: Path) -> None:
    assert audit.check(tmp_path) == audit.BilanAcces(0, "", None)
    assert audit.list_acces(tmp_path) == [] and audit.read_whole(tmp_path) == b""


@pytest.mark.parametrize(("abimer", "ligne"), [
    (lambda x: [x[0], x[1].replace(b"agent1", b"agent9"), *x[2:]], 2),
    (lambda x: [*x[:4], x[4].replace(b"agent4", b"agent9")], 5),
    (lambda x: x[1:], 1),
    (lambda x: [*x[:2], *x[3:]], 3),
    (lambda x: [x[0], x[2], x[1], *x[3:]], 2),
    (lambda x: [*x[:3], x[1], *x[3:]], 4),
    (lambda x: [*x[:2], b"\n", *x[2:]], 3),
    (lambda x: [*x[:2], b"{}\n", *x[3:]], 3),
    (lambda x: [*x[:2], bytes([x[2][0] ^ 1]) + x[2][1:], *x[3:]], 3),
    (lambda x: [*x[:2], x[2].replace(b": ", b":", 1), *x[3:]], 3),
])
def test_a_line_edited_removed_added_or_moved_is_named(journal: Path, abimer, ligne: int) -> None:
    audit.get_path(journal).write_bytes(b"".join(abimer(lines(journal))))
    assert f"la ligne {ligne} du journal des accès" in (audit.check(journal).defaut or "")


def test_a_line_signed_again_breaks_the_next_one(journal: Path) -> None:
    ecrites = lines(journal)
    faux = json.loads(ecrites[1]) | {"qui": "personne"}
    del faux["empreinte"]
    ecrites[1] = audit._dump(faux | {"empreinte": audit.hashlib.sha256(audit._dump(faux)).hexdigest()}) + b"\n"
    audit.get_path(journal).write_bytes(b"".join(ecrites))
    assert "la ligne 3 " in (audit.check(journal).defaut or "")


def test_what_follows_a_damaged_line_is_still_recorded_and_the_damage_still_named(journal: Path) -> None:
    audit.get_path(journal).write_bytes(b"".join([*lines(journal)[:4], b"illisible\n"]))
    audit.record(journal, "agent", "connexion")
    assert "la ligne 5 " in (audit.check(journal).defaut or "")
    assert audit.list_acces(journal)[-1].qui == "agent"


@pytest.mark.parametrize("reste", [b'{"le": "2026', b"x" * 200_000])
def test_a_line_cut_by_a_kill_is_left_out_then_replaced(journal: Path, reste: bytes) -> None:
    with audit.get_path(journal).open("ab") as f:
        f.write(reste)
    assert (audit.check(journal).lignes, audit.check(journal).defaut) == (5, None)
    audit.record(journal, "suivant", "connexion")
    assert (audit.check(journal).lignes, audit.check(journal).defaut) == (6, None)


def test_a_very_long_line_does_not_hide_where_it_starts(tmp_path: Path) -> None:
    for taille in (10, 300_000, 10):
        audit.record(tmp_path, "agent", "export", "x" * taille)
    assert (audit.check(tmp_path).lignes, audit.check(tmp_path).defaut) == (3, None)


def test_four_processes_add_without_losing_a_line(tmp_path: Path) -> None:
    script = textwrap.dedent("""
        import sys
        from pathlib import Path
        from indicators import audit
        for i in range(25):
            audit.record(Path(sys.argv[1]), sys.argv[2], "connexion", str(i))
    """)
    fils = [subprocess.Popen([sys.executable, "-c", script, str(tmp_path), f"p{n}"], cwd=RACINE) for n in range(4)]
    assert [f.wait(60) for f in fils] == [0] * 4
    assert (audit.check(tmp_path).lignes, audit.check(tmp_path).defaut) == (100, None)
    for n in range(4):
        assert [a.detail for a in audit.list_acces(tmp_path) if a.qui == f"p{n}"] == [str(i) for i in range(25)]


def test_a_full_disk_is_said_and_leaves_the_journal_whole(journal: Path) -> None:
    avant = audit.get_path(journal).read_bytes()
    script = textwrap.dedent("""
        import resource, signal, sys
        from pathlib import Path
        from indicators import audit
        from indicators.errors import EcritureImpossible
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        try:
            audit.record(Path(sys.argv[1]), "agent", "export", "y" * 5000)
        except EcritureImpossible as erreur:
            print(erreur.message)
    """)
    fini = subprocess.run([sys.executable, "-c", script, str(journal), str(len(avant) + 100)], cwd=RACINE, capture_output=True,
                          text=True, timeout=60)
    assert "n’a pas pu être écrit : le disque est plein." in fini.stdout, fini.stderr
    assert audit.get_path(journal).read_bytes() == avant
    audit.record(journal, "agent", "export")
    assert (audit.check(journal).lignes, audit.check(journal).defaut) == (6, None)


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    (tmp_path / "fichier").write_text("")
    with pytest.raises(EcritureImpossible, match="journal des accès"):
        audit.record(tmp_path / "fichier", "agent", "connexion")


def test_verify_names_a_bad_line(base: Store, cli) -> None:
    for qui in ("a", "b", "c"):
        audit.record(base.settings.base, qui, "connexion")
    assert cli("verify")[0] == 0
    audit.get_path(base.settings.base).write_bytes(b"".join(lines(base.settings.base)[::2]))
    code, document, _ = cli("verify")
    (defaut,) = next(c for c in document if c["nom"] == "journal des accès")["defauts"]
    assert code == 1 and "la ligne 2 " in defaut


def test_recording_copies_nothing_of_the_base(base: Store) -> None:
    versions = sorted(f.name for f in base.versions.iterdir())
    for _ in range(3):
        audit.record(base.settings.base, "agent", "connexion")
    assert sorted(f.name for f in base.versions.iterdir()) == versions
    assert os.path.getsize(audit.get_path(base.settings.base)) < 2000
