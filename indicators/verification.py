"""What `verify` looks at: can every figure of the base still be trusted and rebuilt?"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import duckdb

from indicators import audit, bordereaux, chaine
from indicators.derived import VUES, stage_vue
from indicators.meetings.pages import read_page
from indicators.queries.seances import list_etat
from indicators.secrecy.replay import list_masques
from indicators.store import Store, is_intact
from indicators.tables import TABLES


@dataclass(frozen=True)
class Controle:
    """One thing verified: its name, how many objects were looked at, and what was found wrong (French sentences)."""

    nom: str
    vus: int
    defauts: tuple[str, ...]


def verify(store: Store) -> list[Controle]:
    """Every check on the served version and its folder; a sound base gives no `defauts`. Migrations are checked by opening."""
    snapshot = store.snapshot()
    cur = snapshot.cursor()
    return [
        _versions(store),
        Controle("migrations", _count(cur, "select count(*) from _migration"), ()),
        Controle("orphelins", _count(cur, "select count(*) from mesure"), tuple(
            f"{table} « {cle} » attend {vers} « {valeur} » (dépôt {depot})" for table, cle, vers, valeur, depot in
            cur.execute('select "table", cle, vers, valeur, depot_id from orphelin order by all').fetchall())),
        _conflits(cur),
        _derivees(cur),
        Controle("valeurs masquées", _count(cur, "select count(*) from secret"), ()),
        Controle("valeurs masquées mais déductibles", _count(cur, "select count(*) from secret where exposee"), ()),
        _seances(cur),
        _fichiers(store, cur),
        _chaine(cur),
        _bordereaux(store, cur),
        _acces(store),
    ]


def _count(cur: duckdb.DuckDBPyConnection, sql: str) -> int:
    return int(cur.execute(sql).fetchone()[0])


def _versions(store: Store) -> Controle:
    versions = store.list_versions()
    endommagees = tuple(f"la version {v.name} ne correspond plus à son empreinte" for v in versions if not is_intact(v))
    probleme = (f"{store.probleme.message}",) if store.probleme and not endommagees else ()
    return Controle("versions", len(versions), endommagees + probleme)


def _conflits(cur: duckdb.DuckDBPyConnection) -> Controle:
    defauts: list[str] = []
    for t in TABLES.values():
        for depot, cle in cur.execute(f"select depot_id, concat_ws(' ', {t.cle_sql}) from {t.nom} "
                                      f"group by depot_id, {t.cle_sql} having count(*) > 1").fetchall():
            defauts.append(f"{t.nom} : la clé « {cle} » apparaît deux fois dans le dépôt {depot}")
    return Controle("conflits", len(TABLES), tuple(defauts))


def _derivees(cur: duckdb.DuckDBPyConnection) -> Controle:
    """`depot_vie`, `mesure_visible`, `secret` and the default view, computed again and compared row by row."""
    defauts = []
    ecart = "select count(*) from ((from {a} except all from {b}) union all (from {b} except all from {a}))"
    stockes = {tuple(x) for x in cur.execute("from secret").fetchall()}
    if n := len(stockes ^ set(list_masques(cur, None))):
        defauts.append(f"secret : {n} lignes diffèrent de leur recalcul")
    for table in ("depot_vie", "mesure_visible"):
        if n := _count(cur, ecart.format(a=table, b=f"(select * from {table}_calcul)")):
            defauts.append(f"{table} : {n} lignes diffèrent de leur recalcul")
    vues = cur.execute("select distinct vue_plan, vue_observe_au, vue_connu_au from dernier_action").fetchall()
    for plan, observe, connu in vues:
        stage_vue(cur, plan, observe, connu)
        for table, (recalculee, _) in VUES.items():
            stockee = f"(select * exclude (vue_plan, vue_observe_au, vue_connu_au) from {table} where vue_plan = $plan)"
            n = cur.execute(ecart.format(a=stockee, b=recalculee), {"plan": plan}).fetchone()[0]
            if n:
                defauts.append(f"{table} : {n} lignes du plan {plan} diffèrent de leur recalcul")
    return Controle("tables dérivées", 3 + 3 * len(vues), tuple(defauts))


def _seances(cur: duckdb.DuckDBPyConnection) -> Controle:
    """Frozen meetings: their pages are there, have not moved, and can all be read by this release."""
    figees = cur.execute("from seance_figee(timestamp '9999-12-31') order by plan, code").fetchall()
    defauts = []
    for plan, code, empreinte, pages, calculee in figees:
        nom = f"la séance « {code} » du plan {plan}"
        if not pages:
            defauts.append(f"{nom} est dite figée, mais aucune de ses pages n’est gardée")
        elif calculee != empreinte:
            defauts.append(f"{nom} ne correspond plus à son empreinte")
        for ordre, contenu in list_etat(cur, plan, code):
            try:
                read_page(contenu)
            except ValueError as erreur:
                defauts.append(f"{nom}, page {ordre} : elle ne peut pas être relue ({erreur})")
    return Controle("séances figées", len(figees), tuple(defauts))


def _fichiers(store: Store, cur: duckdb.DuckDBPyConnection) -> Controle:
    """Received files still there and unchanged, but those that the journal says were removed after their time."""
    defauts = []
    attendus = cur.execute("select distinct sha256, any_value(nom), min(depot) from fichier group by sha256").fetchall()
    retires = audit.list_removed(store.settings.base)
    for empreinte, nom, depot in attendus:
        fichier = store.recus / empreinte
        if not fichier.exists():
            if empreinte not in retires:
                defauts.append(f"le fichier « {nom} » du dépôt {depot} manque dans {store.recus.name}")
        elif hashlib.sha256(fichier.read_bytes()).hexdigest() != empreinte:
            defauts.append(f"le fichier « {nom} » du dépôt {depot} a été modifié")
    return Controle("fichiers reçus", len(attendus), tuple(defauts))


def _chaine(cur: duckdb.DuckDBPyConnection) -> Controle:
    vus, defaut = chaine.check(cur)
    return Controle("chaîne des dépôts", vus, (defaut,) if defaut else ())


def _bordereaux(store: Store, cur: duckdb.DuckDBPyConnection) -> Controle:
    """Is each dépôt in one, so that a backup can be carried on to the last? Their content is proved when they are replayed."""
    attendu, (dernier, _) = 1, chaine.get_last(cur)
    for premier, fin, dossier in bordereaux.list_bordereaux(store.depots):
        if premier != attendu or not (dossier / "depot.parquet").is_file():
            break
        attendu = fin + 1
    defauts = () if attendu > dernier else (f"le bordereau du dépôt {attendu} manque dans {store.depots.name}",)
    return Controle("bordereaux", dernier, defauts)


def _acces(store: Store) -> Controle:
    bilan = audit.check(store.settings.base)
    return Controle("journal des accès", bilan.lignes, (bilan.defaut,) if bilan.defaut else ())
