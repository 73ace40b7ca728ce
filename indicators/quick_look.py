"""A quick look at the rows received, before the rules: most rows, and most rules, need no more than that.

What it sees is never less than what the rules accuse: it may send a right row to them, never keep a wrong one away.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import duckdb

from indicators.rules import (
    CACHES,
    OUVERTURE,
    get_jump_rule,
    get_key_rule,
    hash_key,
    is_choice,
    list_cell_rules,
    list_columns,
    list_row_rules,
    list_series_rules,
    list_suspects,
    list_texts,
)
from indicators.tables import DATE, ENTIER, HORODATAGE, NOMBRE, OUI_NON, Table

# What is surely not the most usual form of a type, without any look at the others; « c » is the name of the column.
USUELS = {NOMBRE: "nombre_{c} is null", ENTIER: "not regexp_full_match(\"{c}\", '[0-9]{{1,9}}')",
          DATE: "try_strptime(\"{c}\", '%Y-%m-%d') is null", OUI_NON: "\"{c}\" not in ('oui', 'non')",
          HORODATAGE: "try_strptime(\"{c}\", '%Y-%m-%d %H:%M:%S') is null"}
DONNE = "l.facteur * m.numerateur / nullif(m.denominateur, 0)"  # what the terms of a rate give
# What one doubtful measure m at least must show, with the row l of its period, before the rule of this code accuses any.
LEVENT = {
    "plan_inconnu": "l.connu is distinct from true",
    "code_inconnu": "l.connu is distinct from true"
                    " or (m.plan, m.territoire) not in (select plan, code from pret_ou_connu_territoire)",
    "periode_manquante": "m.debut is null or m.fin is null",
    "periode_impossible": "m.fin is null",
    "fin_avant_debut": "m.fin < m.debut",
    "periode_hors_periodicite": "m.debut = m.fin",
    "mesure_sans_valeur": "m.valeur is null and (m.numerateur is null or m.denominateur is null)",
    "hors_bornes": f"m.valeur < l.bas or m.valeur > l.haut or {DONNE} < l.bas or {DONNE} > l.haut",
    "denominateur_nul": "m.denominateur = 0",
    "periode_future": "m.debut > today()",
    "periode_inachevee": "m.fin > today()",
    "taux_incoherent": f"abs(m.valeur - {DONNE}) > 1e-9 * greatest(1, abs({DONNE}))",
    "sous_seuil_secret": "m.valeur < l.bas or m.numerateur < l.seuil or m.denominateur < l.seuil",
}
ENTRE = "\ue000"  # a character of nobody's, between two texts looked at together
SUSPECT = re.compile(f"{ENTRE}{OUVERTURE}|" + re.sub(r"\\x\{(\w+)\}", lambda m: chr(int(m[1], 16)), CACHES))
PAR_PART = 1_500_000  # hashes sorted together: more would be what takes the most memory
NOMBREUSES = 50_000  # rows from which numpy, which small files need not load, and SQL are worth what they cost to start


def has_rows(cur: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Does this table hold anything?"""
    return cur.execute(f"select 1 from {table} limit 1").fetchone() is not None


def write_doubt(expressions: dict[str, str], remplies: set[str]) -> str:
    """Whether the rules on rows must look at this one: where it is false, none of `list_rules` of a row alone accuses it.

    It is worked out while the rows are typed, and costs far less than the rules.
    """
    termes = "".join(f" or r.{c} is not null" for c in ("numerateur", "denominateur") if c in remplies)
    plan, territoire, valeur, etat = (expressions[c] for c in ("plan", "territoire", "valeur", "etat"))
    return (f"coalesce(lue.doute, true) or {valeur} is null and {etat} in ('definitif', 'provisoire', 'estime')"
            f" or coalesce({valeur} < lue.bas or {valeur} > lue.haut, false)"
            f" or coalesce(({plan}, {territoire}) not in (select plan, code from pret_ou_connu_territoire), true){termes}")


def list_useful_rules(cur: duckdb.DuckDBPyConnection, table: Table, remplies: set[str], a_lire: str, renomme: bool) -> list[str]:
    """The rules that may accuse something: a quick look tells which ones cannot, and planning them costs more than the look.

    It leaves the tables that they start from: `suspect_<table>`, `double_<table>`, `doute_mesure` and `recu_doute` (the rows
    that are not plainly right), `serie_suspecte` (hashes of series).
    """
    t, regles = table.nom, []
    if _stage_suspects(cur, table, remplies, a_lire):
        regles += list_cell_rules(table, remplies)
    if _stage_doubles(cur, table):
        regles.append(get_key_rule(table, remplies))
    if t != "mesure":
        return regles + list_row_rules(table, remplies)
    if _count(cur, "create or replace temp table doute_mesure as from tout_mesure where doute"):
        cur.execute("""create or replace temp table recu_doute as
            select fichier, ligne, periode, debut, fin, valeur, numerateur, denominateur, etat from recu_mesure
            where ligne in (select ligne from doute_mesure)""")
        lignes = list_row_rules(table, remplies)
        regles += lignes if renomme else _list_raised(cur, lignes)  # the row of a period is that of the code before its new name
    if _count(cur, "create or replace temp table serie_suspecte as " + list_suspects(remplies)):
        regles.append(get_jump_rule())
    return regles + list_series_rules(remplies)


def _list_raised(cur: duckdb.DuckDBPyConnection, regles: list[str]) -> list[str]:
    """The rules that a doubtful measure may break: planning them all takes longer than checking a small file."""
    conditions = ", ".join(f"coalesce(bool_or({c}), false)" for c in LEVENT.values())
    leves = cur.execute(f"select {conditions} from doute_mesure m left join lue_periode l on l.rang = m.rang_lu").fetchone()
    muettes = [f"'{code}'" for code, leve in zip(LEVENT, leves, strict=True) if not leve]
    return [r for r in regles if not any(code in r for code in muettes)]


def list_cell_doubts(table: Table, remplies: set[str]) -> list[str]:
    """SQL conditions, quick to plan and to run, one of which at least holds for each row where a rule on a cell accuses one."""
    doutes = []
    for c in (c for c in list_columns(table) if c.nom in remplies):
        x = f'"{c.nom}"'
        if c.requise:
            doutes.append(f"{x} is null")
        if c.choix is not None:
            courant = f"{x} <> '{c.defaut}' and " if c.defaut else ""  # nearly all of them: one comparison is enough
            doutes.append(f"({courant}not {is_choice(c, x)})")
        if c.longueur:
            doutes.append(f"strlen({x}) > {c.longueur}")
        if c.type in USUELS:
            doutes.append(f"({x} is not null and {USUELS[c.type].format(c=c.nom)})")
    return doutes


def list_text_doubts(table: Table, remplies: set[str]) -> list[str]:
    """The same for the rules on what a text may not hold; `is_plain` asks it of texts not yet in the base."""
    # a code that must be found elsewhere is told unknown whatever is wrong in it: only what does not show needs a word
    return [f'strlen("{c.nom}") <> length("{c.nom}")' if c.vers else f"regexp_matches(\"{c.nom}\", '^{OUVERTURE}|{CACHES}')"
            for c in list_texts(table, remplies)]


def is_plain(table: Table, remplies: set[str], colonnes: Mapping[str, Sequence[str]]) -> bool:
    """Do these texts, by column, hold nothing that `list_text_doubts` sees? On a small file it costs less than its SQL.

    A large one is never said plain here: the base looks at it faster, and in less memory.
    """
    if max(map(len, colonnes.values()), default=0) >= NOMBREUSES:
        return False
    textes = list_texts(table, remplies)
    codes = [x for c in textes if c.vers for x in colonnes.get(c.nom, ())]
    autres = [x for c in textes if not c.vers for x in colonnes.get(c.nom, ())]
    return "".join(codes).isascii() and not SUSPECT.search(ENTRE + ENTRE.join(autres))


def _stage_suspects(cur: duckdb.DuckDBPyConnection, table: Table, remplies: set[str], a_lire: str) -> bool:
    """`suspect_<table>`: the rows that the rules on cells may accuse, some perhaps twice; is there any?"""
    t = table.nom
    doutes, textes = list_cell_doubts(table, remplies), list_text_doubts(table, remplies)
    parts = [f"from texte_{t} where {' or '.join(doutes)}"] if doutes else []
    if textes and a_lire:
        parts.append(f"from texte_{t} where ({a_lire}) and ({' or '.join(textes)})")
    return bool(parts) and _count(cur, f"create or replace temp table suspect_{t} as {' union all '.join(parts)}") > 0


def _stage_doubles(cur: duckdb.DuckDBPyConnection, table: Table) -> bool:
    """`double_<table>`: the rows that have the hash of their key in common with another one; is there any?"""
    t, cle = table.nom, hash_key(table)
    rangees = cur.execute(f"select count(*) from type_{t}").fetchone()[0]
    if rangees < NOMBREUSES:
        if cur.execute(f"select count(*) = count(distinct {cle}) from tout_{t} p").fetchone() == (True,):
            return False
        doubles, valeurs = f"select {cle} from tout_{t} p group by all having count(*) > 1", None
    else:  # numpy sorts numbers much faster than anything groups them
        parts = 1 + rangees // PAR_PART
        vues = [v for part in range(parts) for v in _list_repeated(cur, f"select {cle} as cle from tout_{t} p", parts, part)]
        if not vues:
            return False
        doubles, valeurs = "select unnest($cles::ubigint[])", {"cles": vues}
    return _count(cur, f"create or replace temp table double_{t} as from tout_{t} p where {cle} in ({doubles})", valeurs) > 0


def _list_repeated(cur: duckdb.DuckDBPyConnection, hachees: str, parts: int, part: int) -> list[int]:
    """The hashes that this query gives more than once, among those of one part."""
    ici = f" where cle % {parts} = {part}" if parts > 1 else ""
    lues = cur.execute(f"select cle from ({hachees}){ici}").fetchnumpy()["cle"]
    lues.sort()
    return lues[1:][lues[1:] == lues[:-1]].tolist()


def _count(cur: duckdb.DuckDBPyConnection, creation: str, valeurs: dict[str, object] | None = None) -> int:
    """Make this table; how many rows it holds."""
    return int(cur.execute(creation, valeurs).fetchone()[0])
