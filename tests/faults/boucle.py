"""Kill a writer again and again, and look at what is left.

    python -m tests.faults.boucle --morts 100

Each round starts `tests.faults.ecrivain` on the same base, waits for one of its markers, lets a random delay pass and sends
SIGKILL. Then, as a newcomer would: the base opens without trouble, `verify` finds nothing, every acknowledged dépôt is there,
at most one that was not acknowledged, each of them whole, and nothing but the lock and the versions is left once the next
write has begun. The last marker says where the kill landed.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from indicators import deposits
from indicators.settings import RACINE, Settings
from indicators.store import Store
from indicators.verification import verify
from tests.conftest import plan_minimal
from tests.faults.ecrivain import LIGNES, build_file

FENETRE = {"V": "verrou pris", "C": "copie faite, transaction en cours", "T": "lignes écrites, contrôles et commit",
           "P": "copie fermée, vidée sur le disque", "R": "renommage", "F": "publié, avant la réponse"}
HORS = {"A": "entre deux dépôts", "": "avant le premier marqueur"}
ATTENTE = {"V": 0.15, "C": 0.9, "T": 0.05, "P": 0.04, "R": 0.002}  # longest delay after each marker, in seconds


@dataclass
class Bilan:
    """What the loop saw: where kills landed, how many dépôts were acknowledged, published unacknowledged, and every defect."""

    morts: Counter[str] = field(default_factory=Counter)
    acquittes: int = 0
    publies_sans_reponse: int = 0
    restes: int = 0
    defauts: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """Kills in all."""
        return sum(self.morts.values())

    @property
    def en_ecriture(self) -> int:
        """Kills between « writing begins » and « published »."""
        return sum(self.morts[m] for m in ("V", "C", "T", "P", "R"))

    def __str__(self) -> str:
        lieux = "\n".join(f"  {n:>5}  {(FENETRE | HORS)[m]}" for m, n in self.morts.most_common())
        part = 100 * self.en_ecriture / max(1, self.total)
        return (f"{self.total} morts, dont {self.en_ecriture} pendant l’écriture ({part:.0f} %)\n{lieux}\n"
                f"{self.acquittes} dépôts acquittés, {self.publies_sans_reponse} publiés sans réponse, {self.restes} morts "
                f"avec des restes balayés ensuite, {len(self.defauts)} défauts"
                + "".join(f"\n  DÉFAUT {d}" for d in self.defauts))


def create_base(dossier: Path) -> Store:
    """A base with a small plan of eight indicators."""
    store = Store(Settings(base=dossier))
    store.prepare()
    recus = plan_minimal(indicateur=[{"code": f"I{i}"} for i in range(8)])
    store.write(lambda cur: deposits.import_files(cur, recus, deposits.Demande(), store.keep_file))
    return store


def kill_once(dossier: Path, hasard: random.Random, marqueur: str) -> tuple[str, int]:
    """Run a writer, kill it after this marker; returns the last marker it gave and the last dépôt that it acknowledged."""
    passages = 1 + (hasard.random() < 0.2)
    with subprocess.Popen([sys.executable, "-m", "tests.faults.ecrivain", str(dossier)], cwd=RACINE, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as ecrivain:
        assert ecrivain.stdout is not None and ecrivain.stderr is not None
        lus: list[str] = []
        for ligne in ecrivain.stdout:
            lus.append(ligne)
            passages -= ligne.startswith(marqueur)
            if not passages:
                break
        time.sleep(hasard.random() * ATTENTE[marqueur])
        ecrivain.kill()
        lus += ecrivain.stdout.readlines()
        if passages:
            raise RuntimeError(f"l’écrivain s’est arrêté seul : {ecrivain.stderr.read()}")
    acquittes = [int(x[2:]) for x in lus if x.startswith("A")]
    return (lus[-1][0] if lus else ""), (acquittes[-1] if acquittes else 0)


def inspect(dossier: Path, bilan: Bilan, connus: int, acquitte: int) -> int:
    """Look at the base as a newcomer; returns the number of dépôts it holds."""
    store = Store(Settings(base=dossier))
    cur = store.read()
    if store.probleme:
        bilan.defauts.append(f"ouverture : {store.probleme}")
    # a kill after the publication may cost the bordereau of that dépôt: the next write makes it again (see check_swept)
    bilan.defauts += [f"verify {c.nom} : {d}" for c in verify(store) for d in c.defauts if c.nom != "bordereaux"]
    ids = [n for (n,) in cur.execute("select id from depot order by id").fetchall()]
    if ids != list(range(1, len(ids) + 1)):
        bilan.defauts.append(f"numéros troués : {ids}")
    attendu = max(connus, acquitte)
    if len(ids) < attendu:
        bilan.defauts.append(f"dépôt acquitté perdu : {len(ids)} présents pour {attendu}")
    if len(ids) > attendu + 1:
        bilan.defauts.append(f"plus d’un dépôt sans réponse : {len(ids)} présents pour {attendu} acquittés")
    partiels = cur.execute("""select depot_id, count(*), min(valeur) from mesure group by depot_id
        having count(*) <> $1 or round(min(valeur), 2) <> depot_id""", [LIGNES]).fetchall()
    absents = cur.execute("""select id from depot where id > 1 and (id not in (select depot_id from mesure)
        or id not in (select depot from fichier))""").fetchall()
    if partiels or absents:
        bilan.defauts.append(f"dépôts partiels : {partiels} {absents}")
    bilan.acquittes += max(0, acquitte - connus)
    bilan.publies_sans_reponse += max(0, len(ids) - attendu)
    bilan.restes += any(store.ecriture.iterdir())
    return len(ids)


def check_swept(dossier: Path, bilan: Bilan) -> None:
    """After one more write, nothing is left of the dead writers."""
    store = Store(Settings(base=dossier))
    numero = int((store.read().execute("select max(id) from depot").fetchone() or (0,))[0]) + 1
    store.write(lambda cur: deposits.import_files(cur, [build_file(numero)], deposits.Demande(plan="essai"), store.keep_file))
    bilan.defauts += [f"verify {c.nom} : {d}" for c in verify(store) for d in c.defauts]
    noms = {v.name for v in store.list_versions()}
    gardes = [f for f in dossier.rglob("*") if f.is_file() and f.parent.name != "recus" and f.parent.parent.name != "depots"]
    restes = [str(f.relative_to(dossier)) for f in gardes if f.name != "verrou" and f.name.removesuffix(".sha256") not in noms]
    attendus = {s for (s,) in store.read().execute("select distinct sha256 from fichier").fetchall()}
    orphelins = {f.name for f in store.recus.iterdir()} - attendus
    if restes or any(store.ecriture.iterdir()):
        bilan.defauts.append(f"restes : {restes}")
    if any(len(nom) != 64 for nom in orphelins):
        bilan.defauts.append(f"fichiers reçus inachevés : {orphelins}")


def run(morts: int, dossier: Path, graine: int = 1) -> Bilan:
    """The loop, on a new base in this folder."""
    hasard = random.Random(graine)
    marqueurs = ["C", "P", "T", "P", "V", "P", "R", "C", "P", "T"]  # half of the kills aim at the publication itself
    bilan = Bilan()
    create_base(dossier)
    connus = 1
    for k in range(morts):
        dernier, acquitte = kill_once(dossier, hasard, marqueurs[k % len(marqueurs)])
        bilan.morts[dernier] += 1
        connus = inspect(dossier, bilan, connus, acquitte)
        if k % 10 == 9 or k == morts - 1:
            check_swept(dossier, bilan)
            connus += 1
        if bilan.defauts:
            break
    return bilan


def main() -> int:
    """Exit code 0 when nothing was lost and at least 60 % of the kills landed during a write."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.boucle")
    parser.add_argument("--morts", type=int, default=100)
    parser.add_argument("--graine", type=int, default=1)
    options = parser.parse_args()
    dossier = Path(tempfile.mkdtemp(prefix="morts-"))
    bilan = run(options.morts, dossier / "base", options.graine)
    print(bilan)
    if bilan.defauts:
        print(f"La base est gardée dans {dossier}.")
        return 1
    shutil.rmtree(dossier)
    return 0 if bilan.en_ecriture >= 0.6 * bilan.total else 1


if __name__ == "__main__":
    sys.exit(main())
