"""A writer to be killed: deposits one file of measures after the other and says, instant by instant, where it is.

    python -m tests.faults.ecrivain FOLDER

Each line on standard output is one letter and the rank of the dépôt: `V` lock taken, `C` copy made, `T` rows stored,
`P` publication begins, `R` rename of the version begins, `F` published, `A` acknowledged to the caller. The markers are set
from outside, around the functions of the store: the product has no hook for this.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from indicators import deposits, store
from indicators.reading import FichierRecu
from indicators.settings import Settings

LIGNES = 40
rang = 0


def say(lettre: str) -> None:
    """One marker, written before the next instruction runs."""
    os.write(1, f"{lettre} {rang}\n".encode())


def build_file(numero: int) -> FichierRecu:
    """Values of that dépôt: every row of every dépôt differs from the one before."""
    lignes = "".join(f"I{i};{annee};{numero + i / 100:.2f}\n" for i in range(8) for annee in range(2020, 2025))
    return FichierRecu("mesure.csv", f"indicateur;periode;valeur\n{lignes}".encode())


def instrument() -> None:
    """Put the markers around the steps of a write."""
    classe = store.Store
    verrouille, brouillon, publie, remplace = classe._locked, classe._draft, classe._publish, os.replace

    @contextmanager
    def locked(self: Any) -> Any:
        with verrouille(self):
            say("V")
            yield

    @contextmanager
    def draft(self: Any, modele: Path | None) -> Any:
        with brouillon(self, modele) as couple:
            say("C")
            yield couple

    def publish(self: Any, copie: Path, *reste: Any) -> None:
        say("P")
        publie(self, copie, *reste)

    def replace(source: Any, cible: Any) -> None:
        version = str(cible).endswith(".duckdb")
        if version:
            say("R")
        remplace(source, cible)
        if version:
            say("F")

    classe._locked, classe._draft, classe._publish, os.replace = locked, draft, publish, replace  # type: ignore[method-assign]


def deposit(magasin: store.Store, recu: FichierRecu) -> None:
    """One dépôt, as the command line makes it."""

    def apply(cur: Any) -> deposits.BilanDepot:
        keep: Callable[[bytes], str] = magasin.keep_file
        bilan = deposits.import_files(cur, [recu], deposits.Demande(plan="essai"), keep)
        say("T")
        return bilan

    bilan = magasin.write(apply)
    assert bilan.depot is not None and bilan.lues == LIGNES, bilan


def main(dossier: str) -> None:
    """Deposit for ever."""
    global rang
    instrument()
    magasin = store.Store(Settings(base=Path(dossier)))
    while True:
        rang = int((magasin.read().execute("select max(id) from depot").fetchone() or (0,))[0]) + 1
        deposit(magasin, build_file(rang))
        say("A")


if __name__ == "__main__":
    main(sys.argv[1])
