"""What the base knows that helps to read a file: its codes, their names, and the columns that a person mapped before."""

from __future__ import annotations

import duckdb

from indicators.reading import Aide, Choix, Indices, normalize, read_memory


def get_aide(cur: duckdb.DuckDBPyConnection, plan: str | None) -> Aide:
    """The help for files of one plan, or of any."""
    return Aide(_list_indices(cur, plan), list_memory(cur))


def _list_indices(cur: duckdb.DuckDBPyConnection, plan: str | None) -> Indices:
    """Codes and names of one plan or of all, in any dépôt that counts; a name that means two codes names none.

    They are hints: the check decides what exists now, and the as-of views would cost more than reading the file.
    """
    noms = ("territoire", "partenaire")
    sources = [(t, "code", "nom" if t in noms else "null", t)
               for t in ("orientation", "action", "indicateur", *noms)] + [("territoire", "departement", "null", "plan")]
    requete = " union all ".join(f"select '{t}', {code}, {nom}, plan, depot_id from {source}" for t, code, nom, source in sources)
    codes: dict[str, set[str]] = {}
    sens: dict[tuple[str, str], set[str]] = {}
    for table, code, nom in cur.execute(f"""select distinct t, code, nom from ({requete}) as k(t, code, nom, plan, depot_id)
            join depot_vie v on v.depot = k.depot_id and v.vivant_au = timestamp 'infinity'
            where code is not null and ($plan is null or plan = $plan)""", {"plan": plan}).fetchall():
        codes.setdefault(table, set()).add(code)
        if nom:
            sens.setdefault((table, normalize(nom)), set()).add(code)
    return Indices({t: frozenset(c) for t, c in codes.items()},
                   {t: {nom: next(iter(c)) for (de, nom), c in sens.items() if de == t and len(c) == 1 and nom} for t in noms})


def list_memory(cur: duckdb.DuckDBPyConnection) -> list[Choix]:
    """The mappings corrected by hand of the dépôts that are not cancelled, the latest first."""
    lues = cur.execute("""select f.depot, f.correspondance from fichier f
        join depot_vie v on v.depot = f.depot and v.vivant_au = timestamp 'infinity'
        where contains(f.correspondance, '"origine": "choisie"') order by f.depot desc, f.ordre""").fetchall()
    return [read_memory(depot, texte) for depot, texte in lues]
