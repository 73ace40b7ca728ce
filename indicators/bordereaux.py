"""What each write leaves outside the base: the rows of its dépôts, as they are, in `depots/<first>-<last>/<table>.parquet`.

A base brought back from a backup is carried to its last dépôt with them: nothing is read or checked again, and the chain proves
that each dépôt is the one that was recorded.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import duckdb

from indicators import chaine
from indicators.derived import check_integrity, get_last_depot, rebuild_derived
from indicators.errors import DemandeInvalide

SOURCES = {**chaine.SOURCES, "chaine": "depot"}


def list_bordereaux(dossier: Path) -> list[tuple[int, int, Path]]:
    """(first dépôt, last dépôt, folder) of each, in order."""
    trouves = [(re.fullmatch(r"(\d{6,})-(\d{6,})", d.name), d) for d in dossier.iterdir()] if dossier.is_dir() else []
    return sorted((int(m[1]), int(m[2]), d) for m, d in trouves if m)


def export(cur: duckdb.DuckDBPyConnection, avant: int, deja: Path, sortie: Path) -> Path | None:
    """Write into `sortie` the rows of the dépôts after `avant`, and of those before it that `deja` lacks; None without any."""
    connu = max((fin for _, fin, _ in list_bordereaux(deja) if fin <= avant), default=0)
    dernier = get_last_depot(cur)
    if dernier == connu:
        return None
    dossier = sortie / f"{connu + 1:06d}-{dernier:06d}"
    dossier.mkdir()
    for table in (*chaine.list_touched(cur, connu), "chaine"):
        cur.execute(f"copy (select * from {table} where \"{SOURCES[table]}\" > {connu}) "
                    f"to '{(dossier / table).as_posix()}.parquet' (format parquet)")
    return dossier


def replay(cur: duckdb.DuckDBPyConnection, recus: Path, brouillon: Path) -> int:
    """Carry the base on with the dépôts of `recus` (a folder of bordereaux) that follow its last one; how many were added.

    `brouillon` is the only folder that the cursor may read. Raises `DemandeInvalide` at the first dépôt that does not follow.
    """
    depart, _ = chaine.get_last(cur)
    for premier, fin, dossier in list_bordereaux(recus):
        dernier, _ = chaine.get_last(cur)
        if fin <= dernier:
            continue
        if premier > dernier + 1:
            raise DemandeInvalide(f"Le bordereau du dépôt {dernier + 1} manque dans {recus}.",
                                  "Donnez le dossier de la base d’où viennent ces dépôts, ou une sauvegarde plus récente.")
        for table, numero in SOURCES.items():
            fichier = dossier / f"{table}.parquet"
            if fichier.exists():
                copie = brouillon / f"{dossier.name}-{fichier.name}"
                shutil.copyfile(fichier, copie)
                cur.execute(f"insert into {table} by name select * from read_parquet('{copie.as_posix()}') "
                            f'where "{numero}" > ?', [dernier])
                copie.unlink()
    _, defaut = chaine.check(cur)
    if defaut:
        raise DemandeInvalide(f"Les bordereaux de {recus} ne prolongent pas cette base : {defaut}.",
                              "Rien n’a été remis. Recommencez sans --rejouer, ou avec la sauvegarde de la même base.")
    cur.execute("delete from depot_vie")
    cur.execute("insert into depot_vie from depot_vie_calcul")
    rebuild_derived(cur, None)
    check_integrity(cur)
    return chaine.get_last(cur)[0] - depart
