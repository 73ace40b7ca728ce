"""Codes of an action plan that came without any: those that the base already gives to the same titles, else free ones.

A sheet of actions seldom carries codes. Sent again, or sent after the plan was deposited otherwise, its rows must fall on those
that stand for the same orientation, action or partner, and must not empty the columns that the sheet does not have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count, groupby

import duckdb

from indicators.reading import Tableau, fold_title, split_number
from indicators.reading.received import ECRIT, RANG, Code
from indicators.tables import TABLES

TITRES = {"orientation": "intitule", "action": "intitule", "partenaire": "nom"}
# which columns hold a code of these tables
RENVOIS = {"orientation": "orientation", "action": "action", "partenaire": "partenaire"}
Rangee = dict[str, str]


@dataclass
class _Connu:
    """What stands for the plan: by table and key, the text of each column; what the sheets before have added to it."""

    rangees: dict[str, dict[tuple[str, ...], Rangee]] = field(default_factory=dict)
    deposees: set[tuple[str, tuple[str, ...]]] = field(default_factory=set)

    def codes(self, table: str) -> dict[str, Rangee]:
        return {cle[0]: rangee for cle, rangee in self.rangees[table].items()}


def keep_codes(cur: duckdb.DuckDBPyConnection, tableaux: Sequence[Tableau], plan: str | None) -> list[Tableau]:
    """The same tables, those of action plans with the codes of the base, and the columns that they lack as the base has them."""
    if not any(t.codes for t in tableaux):
        return list(tableaux)
    plan = plan or _find_plan(cur, tableaux)
    tables = {t.table.nom for t in tableaux if t.codes and t.table} | TITRES.keys()
    connu = _Connu({t: _read(cur, t, plan) for t in tables})
    sortis: list[Tableau] = []
    for feuille, groupe in groupby(tableaux, key=lambda t: id(t.codes) if t.codes else 0):
        lot = list(groupe)
        renommes = _rename(lot[0].codes, connu) if feuille else {}
        sortis += [_rewrite(t, renommes, connu) for t in lot] if feuille else lot
    return sortis


def _find_plan(cur: duckdb.DuckDBPyConnection, tableaux: Sequence[Tableau]) -> str | None:
    """The single plan of the dépôt, else of the base."""
    recus = {cellules[t.colonnes.index("plan")].strip() for t in tableaux if t.table is TABLES["plan"] and "plan" in t.colonnes
             for _, cellules in t.lignes}
    if not recus:
        recus = {p for (p,) in cur.execute("select plan from plan_connu(timestamp '9999-12-31')").fetchall()}
    return recus.pop() if len(recus) == 1 else None


def _key(table: str) -> list[str]:
    return [c for c in TABLES[table].cle if c != "plan"]


def _read(cur: duckdb.DuckDBPyConnection, table: str, plan: str | None) -> dict[tuple[str, ...], Rangee]:
    noms = [c.nom for c in TABLES[table].colonnes if c.nom != "plan"] + ["provenance", "source"]
    colonnes = ", ".join(f"""coalesce("{c}"::varchar, '')""" for c in noms)
    lus = cur.execute(f"select {colonnes} from {table}_connu(timestamp '9999-12-31') where plan = $1", [plan]).fetchall()
    rangees = [dict(zip(noms, r, strict=True)) for r in lus]
    return {tuple(r[c] for c in _key(table)): r for r in rangees}


def _rename(codes: dict[tuple[str, str], Code], connu: _Connu) -> dict[tuple[str, str], str]:
    """For each code of a sheet, the one to deposit it under: that of the same title, else its own, else a free one."""
    renommes: dict[tuple[str, str], str] = {}
    for table, titre in TITRES.items():
        places = connu.codes(table)
        rendus: set[str] = set()
        par_titre: dict[str, list[str]] = {}
        for code, rangee in places.items():
            par_titre.setdefault(_bare(rangee[titre]), []).append(code)
        for (t, code), c in codes.items():
            if t != table:
                continue
            parent = renommes.get(("orientation", c.parent), c.parent)
            propre = f"{parent}{code.removeprefix(c.parent)}"
            candidats = [x for x in par_titre.get(_bare(c.titre), []) if x not in rendus] if c.titre else []
            if table == "action" and len(candidats) > 1:
                candidats = [x for x in candidats if places[x]["orientation"] == parent]
            if table == "partenaire" and not candidats:
                candidats = [x for x in places if fold_title(x) == fold_title(c.titre) and x not in rendus]
            if c.origine == ECRIT:
                choisi = code
            elif len(candidats) == 1:
                choisi = candidats[0]
            elif c.origine == RANG and propre in places.keys() | rendus:
                choisi = _free(propre, places.keys() | rendus, table)
            else:
                choisi = propre
            rendus.add(choisi)
            renommes[table, code] = choisi
    return renommes


def _bare(titre: str) -> str:
    """A title without its number, in the form in which two titles are the same one."""
    return fold_title(split_number(titre)[1] or titre)


def _free(code: str, pris: set[str], table: str) -> str:
    """The first code like this one that nothing has: the next rank, or a mark after the name of a partner."""
    racine = f"{code}-" if table == "partenaire" else code.rstrip("0123456789")
    return next(f"{racine}{n}" for n in count(2) if f"{racine}{n}" not in pris)


def _rewrite(tableau: Tableau, renommes: dict[tuple[str, str], str], connu: _Connu) -> Tableau:
    """The rows of one table under these codes, completed with what the base holds of the columns that the sheet has not."""
    if tableau.table is None or not tableau.colonnes or "" in tableau.colonnes:
        return tableau
    nom = tableau.table.nom
    cle = _key(nom)
    rangees = connu.rangees[nom]
    absentes = [c for c in (*(c.nom for c in tableau.table.colonnes if c.nom != "plan"), "provenance", "source")
                if c not in tableau.colonnes]
    lignes = []
    deja = frozenset(connu.deposees)
    for numero, cellules in tableau.lignes:
        lue = dict(zip(tableau.colonnes, cellules, strict=True))
        tire = tableau.codes.get((nom, lue.get("code", "")))
        for colonne in lue:
            table = nom if colonne == "code" else RENVOIS.get(colonne, "")
            lue[colonne] = renommes.get((table, lue[colonne]), lue[colonne])
        if nom == "etape":
            lue["ordre"] = _order(lue, rangees)
        place = tuple(lue[c] for c in cle)
        if (nom, place) in deja and nom in ("orientation", "partenaire"):
            continue  # another sheet of the same dépôt has said it
        _settle(lue, rangees.get(place), absentes, nom, seul=tire is not None and not tire.titre and tire.origine != RANG)
        lignes.append((numero, [lue[c] for c in (*tableau.colonnes, *absentes)]))
        connu.deposees.add((nom, place))
        rangees.setdefault(place, lue)
    return replace(tableau, colonnes=(*tableau.colonnes, *absentes), lignes=lignes,
                   lues=tableau.lues - len(tableau.lignes) + len(lignes))


def _settle(lue: Rangee, avant: Rangee | None, absentes: list[str], nom: str, seul: bool) -> None:
    """Give a row what it lacks, its title too when the sheet names the code alone (`seul`).

    It keeps the provenance of the row that it confirms, never that of one that it changes.
    """
    if avant is None:
        lue.update(dict.fromkeys(absentes, ""))
        return
    titre = TITRES.get(nom, "")
    if titre and (seul or _bare(lue[titre]) == _bare(avant[titre]) or fold_title(lue[titre]) == fold_title(avant["code"])):
        lue[titre] = avant[titre]
    if nom == "orientation":
        lue["ordre"] = avant["ordre"]
    meme = all(lue[c] == avant[c] for c in lue)
    lue.update({c: avant[c] if meme or c not in ("provenance", "source") else "" for c in absentes})


def _order(lue: Rangee, rangees: dict[tuple[str, ...], Rangee]) -> str:
    """The place of a step: the one that the same title has in its action, else after those that are there."""
    tenues = [r for (action, _), r in rangees.items() if action == lue["action"]]
    meme = [r["ordre"] for r in tenues if fold_title(r["intitule"]) == fold_title(lue["intitule"])]
    return meme[0] if meme else str(max((int(r["ordre"]) for r in tenues), default=int(lue["ordre"]) - 1) + 1)
