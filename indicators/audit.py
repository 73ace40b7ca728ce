"""The access journal: who signed in, who took unmasked figures out, which received files were removed, what was restored.

`acces.jsonl` in the folder of the base, one JSON object per line, only appended to. Each carries the SHA-256 of the line
before (`precedent`) and its own (`empreinte`): one that is edited, removed or moved is found. Who empties the end of the file is
found by the last line that the backups remember.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from indicators.errors import BaseOccupee, EcritureImpossible
from indicators.model import Trace

ATTENTE = 10.0  # seconds; a line is written in a few milliseconds
MORCEAU = 65536


@dataclass(frozen=True)
class Acces:
    """One line of the journal: when (UTC, ISO), who, what, and about what."""

    le: str
    qui: str
    quoi: str
    detail: str


@dataclass(frozen=True)
class BilanAcces:
    """How many lines the journal holds, the SHA-256 of the last one, and the first bad link in French (None when all hold)."""

    lignes: int
    derniere: str
    defaut: str | None


def record(base: Path, who: str, what: str, detail: str = "") -> None:
    """Add one line and wait until the disk has it; several processes may do it at once.

    Raises `EcritureImpossible` or `BaseOccupee`: what must be recorded and cannot be must not be done either.
    """
    fichier = get_path(base)
    verrou = FileLock(base / "acces.verrou", timeout=ATTENTE)
    try:
        verrou.acquire()
    except Timeout:
        raise BaseOccupee(ATTENTE) from None
    except OSError as erreur:
        raise _refused(fichier, erreur) from erreur
    try:
        with fichier.open("a+b") as f:
            debut, derniere = _read_end(f.fileno())
            os.ftruncate(f.fileno(), debut)  # a line that a kill left without its end was never acknowledged
            try:
                f.write(_build_line(derniere, who, what, detail))
                f.flush()
                os.fsync(f.fileno())
            except OSError:
                os.ftruncate(f.fileno(), debut)
                raise
    except OSError as erreur:
        raise _refused(fichier, erreur) from erreur
    finally:
        verrou.release()


def check(base: Path) -> BilanAcces:
    """Follow the chain from the first line to the last; a line whose writing was interrupted (without its end) is left out."""
    precedent, defaut, numero = "", None, 0
    for numero, ligne in enumerate(_lines(get_path(base)), 1):
        if defaut is None and not _holds(ligne, precedent):
            defaut = f"la ligne {numero} du journal des accès a été modifiée, ou celle qui la précédait a été retirée"
        precedent = hashlib.sha256(ligne).hexdigest()
    return BilanAcces(numero, precedent, defaut)


def list_acces(base: Path) -> list[Acces]:
    """The lines of the journal, the oldest first; one that can no longer be read is left out, and `check` names it."""
    trouves = []
    for ligne in _lines(get_path(base)):
        lu = _parse(ligne)
        if lu is not None:
            trouves.append(Acces(lu["le"], lu["qui"], lu["quoi"], lu["detail"]))
    return trouves


def list_removed(base: Path) -> set[str]:
    """SHA-256 of the received files that were removed because their time had passed."""
    return {empreinte for a in list_acces(base) if a.quoi == Trace.RETRAIT for empreinte in a.detail.split()}


def read_whole(base: Path) -> bytes:
    """The whole lines of the journal, as bytes."""
    return b"".join(_lines(get_path(base)))


def list_links(journal: bytes) -> list[str]:
    """SHA-256 of each line of a journal, in order."""
    return [hashlib.sha256(ligne).hexdigest() for ligne in journal.splitlines(keepends=True)]


def get_path(base: Path) -> Path:
    """Where the journal of that base is."""
    return base / "acces.jsonl"


def _lines(fichier: Path) -> Iterator[bytes]:
    if fichier.exists():
        with fichier.open("rb") as f:
            yield from (ligne for ligne in f if ligne.endswith(b"\n"))


def _build_line(precedente: bytes, who: str, what: str, detail: str) -> bytes:
    contenu = {"le": datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="microseconds"), "qui": who, "quoi": what,
               "detail": detail, "precedent": hashlib.sha256(precedente).hexdigest() if precedente else ""}
    return _dump(contenu | {"empreinte": hashlib.sha256(_dump(contenu)).hexdigest()}) + b"\n"


def _dump(contenu: dict[str, str]) -> bytes:
    return json.dumps(contenu, ensure_ascii=True).encode()


def _parse(ligne: bytes) -> dict[str, str] | None:
    try:
        lu = json.loads(ligne)
    except ValueError:
        return None
    champs = {"le", "qui", "quoi", "detail", "precedent", "empreinte"}
    return lu if isinstance(lu, dict) and lu.keys() == champs and all(isinstance(v, str) for v in lu.values()) else None


def _holds(ligne: bytes, precedent: str) -> bool:
    lu = _parse(ligne)
    if lu is None:
        return False
    empreinte = lu.pop("empreinte")
    return lu["precedent"] == precedent and hashlib.sha256(_dump(lu)).hexdigest() == empreinte and (
        _dump(lu | {"empreinte": empreinte}) + b"\n" == ligne)


def _read_end(descripteur: int) -> tuple[int, bytes]:
    """(offset after the last whole line, that line); (0, b'') in a file without any."""
    place, fin = os.fstat(descripteur).st_size, b""
    while place > 0 and fin.count(b"\n") < 2:
        pas = min(MORCEAU, place)
        place -= pas
        os.lseek(descripteur, place, os.SEEK_SET)
        fin = os.read(descripteur, pas) + fin
    entieres = fin[:fin.rfind(b"\n") + 1]
    return place + len(entieres), entieres[entieres.rfind(b"\n", 0, -1) + 1:]


def _refused(fichier: Path, erreur: OSError) -> EcritureImpossible:
    plein = erreur.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return EcritureImpossible(
        f"Le journal des accès ({fichier}) n’a pas pu être écrit : {'le disque est plein' if plein else erreur.strerror}.",
        "Ce qui devait y être noté n’a pas été fait. Rétablissez l’écriture dans ce dossier, puis recommencez.")
