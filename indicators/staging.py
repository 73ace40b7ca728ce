"""The text received, in the base: `recu_<table>`, where each number is read once and a word in place of one becomes a state."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

import duckdb

from indicators.quick_look import has_rows, is_plain
from indicators.reading import Bloc, Tableau
from indicators.rules import list_columns, list_texts
from indicators.tables import NOMBRE, Table

BLANCS = "".join(c for c in map(chr, range(0x3001)) if c.isspace())  # what str.strip() takes away


def stage(cur: duckdb.DuckDBPyConnection, table: Table, lots: list[tuple[int, Tableau]], remplies: set[str]) -> str:
    """`recu_<table>`: the text as received, trimmed, an empty cell being NULL.

    It is a view of `texte_<table>`, which has only the columns that a file fills and, in `nombre_<column>`, the numbers that
    their texts are: each is read once. Returns the condition of the rows of `texte_<table>` whose texts must be looked at, '' for
    none: what comes of a bloc, or of a file, that holds nothing that a text may not hold needs no more.
    """
    noms = [c.nom for c in list_columns(table)]
    tenues = [n for n in noms if n in remplies or (table.nom == "mesure" and n in ("valeur", "etat"))]
    nombres = [c.nom for c in list_columns(table) if c.type == NOMBRE]
    cur.execute(f"create or replace temp table texte_{table.nom} (fichier integer, ligne integer, "
                + ", ".join([*(f'"{n}" varchar' for n in tenues), *(f"nombre_{n} double" for n in nombres if n in tenues)]) + ")")
    absentes = [*(f'null::varchar as "{n}"' for n in noms if n not in tenues),
                *(f"null::double as nombre_{n}" for n in nombres if n not in tenues)]
    cur.execute(f"create or replace temp view recu_{table.nom} as select {', '.join(['*', *absentes])} from texte_{table.nom}")
    textes = {c.nom for c in list_texts(table, remplies)}
    a_lire, propres = [], 0
    for rang, tableau in lots:
        places = {c: i for i, c in enumerate(tableau.colonnes) if c}
        if bloc := tableau.bloc:
            posees = _load(cur, table, rang, bloc, places)
            if not bloc.caches and not any(i in bloc.blancs | bloc.formules for c, i in places.items() if c in textes):
                propres += posees
            else:
                a_lire.append(_find_last(cur, table, posees))
        colonnes = {c: [cellules[i].strip() for _, cellules in tableau.lignes] for c, i in places.items()}
        liste = ", ".join(f'nullif(unnest($c{i}::varchar[]), \'\') as "{c}"' for c, i in places.items())
        cur.execute(f"insert into texte_{table.nom} by name select *{_read_numbers(table, places)} from ("
                    f"select $rang::integer as fichier, unnest($lignes::integer[]) as ligne, {liste})",
                    {"rang": rang, "lignes": [n for n, _ in tableau.lignes]} | {f"c{places[c]}": x for c, x in colonnes.items()})
        if is_plain(table, remplies, colonnes):
            propres += len(tableau.lignes)
        else:
            a_lire.append(_find_last(cur, table, len(tableau.lignes)))
    return " or ".join(a_lire) if propres else "true"


def _find_last(cur: duckdb.DuckDBPyConnection, table: Table, posees: int) -> str:
    """The condition of the last rows put in `texte_<table>`, and of some before when the last ones were taken out.

    Their ids start anywhere, far from 0 within a transaction.
    """
    fin = cur.execute(f"select coalesce(max(rowid) + 1, 0) from texte_{table.nom}").fetchone()[0]
    return f"rowid in (select unnest(range({fin - posees}, {fin})))"  # a bare comparison would look at every row


def _load(cur: duckdb.DuckDBPyConnection, table: Table, rang: int, bloc: Bloc, places: dict[str, int]) -> int:
    """The lines of a large file, read by DuckDB itself from a file beside the base (the only place where it may read).

    Every line has the same number of cells and no quote: all options are given, nothing is guessed. They come in their order,
    from which they are numbered once there: to count them on the way, DuckDB would read them with one thread. Returns how many
    were put in, those that stand for a line read apart too, which are then taken out.
    """
    base = Path(cur.execute("select path from duckdb_databases() where not internal").fetchone()[0])
    types = ", ".join([f"'c{i}': 'varchar'" for i in range(bloc.largeur)] + ["'numero': 'integer'"] * (bloc.pli is not None))
    numero = "numero" if bloc.pli else "null"
    liste = ", ".join(f"nullif(trim({_unfold(bloc, i)}, $blancs), '') as \"{c}\"" if i in bloc.blancs else f'c{i} as "{c}"'
                      for c, i in places.items())
    with tempfile.TemporaryDirectory(dir=base.parent) as dossier:
        texte = Path(dossier) / "lignes.csv"
        with texte.open("wb", buffering=1 << 20) as f:
            f.writelines(bloc.list_parts())
        (posees,) = cur.execute(f"""insert into texte_{table.nom} by name select *{_read_numbers(table, places)} from (
            select if(c0 is null, null, {rang}) as fichier, {numero} as ligne, {liste}
            from read_csv($texte, auto_detect = false, header = false, delim = $separateur, quote = '', escape = '', nullstr = '',
                columns = {{{types}}}))""",
            {"texte": str(texte), "separateur": bloc.separateur} | ({"blancs": BLANCS} if "$blancs" in liste else {})).fetchone()
    if not bloc.pli:
        premier = cur.execute(f"select coalesce(min(rowid), 0) from texte_{table.nom} where ligne is null").fetchone()[0]
        cur.execute(f"update texte_{table.nom} set ligne = rowid - {premier} + {bloc.premiere} where ligne is null")
    cur.execute(f"delete from texte_{table.nom} where fichier is null")
    return int(posees)


def _read_numbers(table: Table, places: Mapping[str, int]) -> str:
    """SQL of `nombre_<column>`: most cells are of a form that a cast reads, faster than what reads all forms."""
    return "".join(f", coalesce(nombre_simple({c.nom}), nombre_lu({c.nom})) as nombre_{c.nom}"
                   for c in list_columns(table) if c.type == NOMBRE and c.nom in places)


def _unfold(bloc: Bloc, i: int) -> str:
    """SQL of the text of this column, when the cells of a text read again stand for others."""
    texte = f"c{i}"
    for pli, vrai in bloc.pli.paires if bloc.pli and i in bloc.pli.colonnes else ():
        texte = f"replace({texte}, chr({ord(pli)}), chr({ord(vrai)}))"
    return texte


def settle_words(cur: duckdb.DuckDBPyConnection, plan: str | None, remplies: set[str]) -> None:
    """A word in place of a number becomes the state of its row, a mark after a number too; the sign of the unit is dropped.

    A state that the row gives itself, other than « définitif », is kept: what it says is more precise than the word. Most cells
    are plain numbers: the others are taken out first, and only those that change are put back.
    """
    nombres = [c for c in ("valeur", "numerateur", "denominateur") if c in remplies]
    mots = " or ".join(f"{c} is not null and nombre_{c} is null" for c in nombres) or "false"
    tenues = [c for c in ("plan", "indicateur") if c in remplies] + nombres
    cur.execute(f"""create or replace temp table mot as select rowid as place, false as change, fichier, ligne, etat,
        {", ".join(tenues)} from texte_mesure where {mots}""")
    if not has_rows(cur, "mot"):
        return
    for c in nombres:
        cur.execute(f"insert into constat select fichier, ligne, '{c}', {c}, 'mot_ambigu', null from mot where mot_ambigu({c})")
    dans_les_autres = "".join(f", etat_du_mot({c})" for c in nombres if c != "valeur")
    cur.execute(f"""update mot set etat = if(coalesce(mot_de_liste(etat), 'definitif') = 'definitif', coalesce(
            if(valeur is null, coalesce(null{dans_les_autres}), etat_du_mot(valeur)), etat_de_la_marque(valeur), etat), etat),
        change = {" or ".join(f"etat_du_mot({c}) is not null or etat_de_la_marque({c}) is not null" for c in nombres)},
        {", ".join(f"{c} = if(etat_du_mot({c}) is null, sans_marque({c}), null)" for c in nombres)}""")
    leur_plan = "coalesce(r.plan, $plan)" if "plan" in remplies else "$plan"
    cur.execute(f"""update mot r set valeur = trim(left(r.valeur, length(r.valeur) - length(i.unite))), change = true
        from pret_ou_connu_indicateur i where i.plan = {leur_plan} and i.code = r.indicateur
        and i.unite in ('%', '‰', '€', 'k€', 'M€') and ends_with(r.valeur, i.unite)""", {"plan": plan})
    if has_rows(cur, "mot where change"):
        lus = ", ".join(f"{c} = m.{c}, nombre_{c} = nombre_lu(m.{c})" for c in nombres)
        cur.execute(f"update texte_mesure r set etat = m.etat, {lus} from mot m where m.place = r.rowid and m.change")
