"""The rules that received rows are held to, as SQL over `recu_<table>` (text) and `pret_<table>` (typed).

Each rule is a SELECT of (fichier, ligne, colonne, valeur, code, detail); the codes are those of `errors.CATALOGUE`.
"""

from __future__ import annotations

from typing import NamedTuple

from indicators.tables import DATE, ENTIER, HORODATAGE, NOMBRE, OUI_NON, RACCOURCIS, TEXTE, TRACE, Colonne, Table

LECTEURS = {TEXTE: "{c}", NOMBRE: "nombre_lu({c})", ENTIER: "entier_lu({c})", DATE: "date_lue({c})",
            OUI_NON: "oui_non_lu({c})", HORODATAGE: "horodatage_lu({c})"}
ILLISIBLES = {NOMBRE: "nombre_illisible", ENTIER: "entier_illisible", DATE: "date_impossible", OUI_NON: "oui_non_illisible",
              HORODATAGE: "date_impossible"}


class Regle(NamedTuple):
    """A condition that accuses the cell `colonne` of a row called r, under this code; `detail` is SQL."""

    condition: str
    colonne: str
    code: str
    detail: str = "null::varchar"


def list_columns(table: Table) -> tuple[Colonne, ...]:
    """Every column that a file of this table may carry: its own, its shorthands, the trace."""
    return (*table.colonnes, *RACCOURCIS.get(table.nom, ()), *TRACE)


def list_rules(table: Table, remplies: set[str]) -> list[str]:
    """SELECTs of (fichier, ligne, colonne, valeur, code, detail): the rules on cells first, then one per rule on rows."""
    t, cle = table.nom, table.cle_expressions()
    regles = []
    colonnes = [c for c in list_columns(table) if c.nom in remplies]
    if cellules := [r for c in colonnes for r in (*_text_rules(c), *_type_rules(c))]:
        regles.append(_select_cells(t, cellules))
    for c in table.colonnes:
        if c.vers == "plan" and t != "plan":
            regles.append(f"""select fichier, ligne, 'plan', plan, 'plan_inconnu', null from pret_{t}
                where plan is null or plan not in (select plan from pret_ou_connu_plan)""")
        elif c.vers and c.vers != t and c.nom in remplies | {"territoire"}:
            regles.append(f"""select e.fichier, e.ligne, '{c.nom}', e."{c.nom}", 'code_inconnu', concat('{c.vers}|', e.plan)
                from pret_{t} e anti join pret_ou_connu_{c.vers} p on p.plan = e.plan and p.code = e."{c.nom}"
                where e."{c.nom}" is not null and not e.retire and e.plan in (select plan from pret_ou_connu_plan)""")
    regles.append(f"""select * exclude (rang) from (
        select e.fichier, e.ligne, null, concat_ws(' · ', {", ".join(table.cle_expressions("e"))}), 'cle_en_double',
            first(e.ligne) over meme::varchar, row_number() over meme as rang
        from pret_{t} e join (select {", ".join(f"{x} as k{i}" for i, x in enumerate(cle))} from pret_{t}
            where {" and ".join(f'"{c}" is not null' for c in table.cle if c != "date_jalon")}
            group by all having count(*) > 1) d
            on {" and ".join(f"d.k{i} is not distinct from {x}" for i, x in enumerate(table.cle_expressions("e")))}
        window meme as (partition by {", ".join(table.cle_expressions("e"))} order by e.fichier, e.ligne)) where rang > 1""")
    return regles + _rules_of(t)


def _select_cells(table: str, regles: list[Regle]) -> str:
    """The findings of these rules; a row is taken apart only when one of them accuses it."""
    trouves = ", ".join(f"if({condition}, {{colonne: '{c}', valeur: r.\"{c}\", code: '{code}', detail: {detail}}}, null)"
                        for condition, c, code, detail in regles)
    return f"""select fichier, ligne, k.colonne, k.valeur, k.code, k.detail from (
        select fichier, ligne, unnest(list_filter([{trouves}], lambda x: x is not null)) as k from recu_{table} r
        where {" or ".join(f"({condition})" for condition, *_ in regles)})"""


def _text_rules(c: Colonne) -> list[Regle]:
    """What the text of each cell of this column is held to."""
    brut, regles = f'r."{c.nom}"', []
    if c.requise:
        regles.append(Regle(f"{brut} is null", c.nom, "valeur_manquante"))
    if c.choix is not None:
        admises = ", ".join(f"'{m.value}'" for m in c.choix)
        regles.append(Regle(f"{brut} not in ({admises}) and lower({brut}) not in ({admises})", c.nom, "choix_inconnu",
                            f"'{', '.join(m.value for m in c.choix)}'"))
    if c.longueur:
        regles.append(Regle(f"length({brut}) > {c.longueur}", c.nom, "texte_trop_long", f"'{c.longueur}'"))
    return regles


def _type_rules(c: Colonne) -> list[Regle]:
    """A cell that is there and is no value of its type."""
    if c.type not in ILLISIBLES:
        return []
    brut = f'r."{c.nom}"'
    vide = f"{brut} is not null and {LECTEURS[c.type].format(c=brut)} is null"
    if c.type == NOMBRE:
        vide = f"r.vite_{c.nom} is null and {vide}"
    erreur = f"coalesce(est_erreur_tableur({brut}), false)"
    return [Regle(f"{vide} and not {erreur}", c.nom, ILLISIBLES[c.type]), Regle(f"{vide} and {erreur}", c.nom, "erreur_tableur")]


def _rules_of(t: str) -> list[str]:
    """The rules that belong to one table."""
    if t == "mesure":
        return [
            """select fichier, ligne, 'periode', null, 'periode_manquante', null from recu_mesure
                where periode is null and (debut is null or fin is null)""",
            """select r.fichier, r.ligne, 'periode', r.periode, 'periode_impossible', null from recu_mesure r
                join pret_mesure m using (fichier, ligne) where r.periode is not null and m.fin is null""",
            """select m.fichier, m.ligne, 'fin', strftime(m.fin, '%d/%m/%Y'), 'fin_avant_debut', strftime(m.debut, '%d/%m/%Y')
                from pret_mesure m where m.fin < m.debut""",
            """select m.fichier, m.ligne, 'periode', strftime(m.fin, '%d/%m/%Y'), 'periode_hors_periodicite', i.periodicite
                from pret_mesure m join pret_ou_connu_indicateur i on i.plan = m.plan and i.code = m.indicateur
                where m.debut = m.fin""",
            """select m.fichier, m.ligne, 'valeur', null, 'mesure_sans_valeur', null from pret_mesure m join recu_mesure r
                using (fichier, ligne) where not m.retire and r.valeur is null
                and (r.numerateur is null or r.denominateur is null)
                and coalesce(lower(r.etat), 'definitif') in ('definitif', 'provisoire', 'estime')""",
            """select m.fichier, m.ligne, 'valeur', r.valeur, 'hors_bornes',
                concat_ws(', ', 'minimum ' || borne_ecrite(i.borne_min), 'maximum ' || borne_ecrite(i.borne_max))
                from pret_mesure m join recu_mesure r using (fichier, ligne)
                join pret_ou_connu_indicateur i on i.plan = m.plan and i.code = m.indicateur
                where m.valeur < i.borne_min or m.valeur > i.borne_max""",
            """select m.fichier, m.ligne, 'numerateur', concat(r.numerateur, ' / ', r.denominateur), 'hors_bornes',
                concat_ws(', ', 'minimum ' || borne_ecrite(i.borne_min), 'maximum ' || borne_ecrite(i.borne_max))
                from pret_mesure m join recu_mesure r using (fichier, ligne)
                join pret_ou_connu_indicateur i on i.plan = m.plan and i.code = m.indicateur
                where i.nature = 'taux' and facteur_lu(i.facteur, i.unite) * m.numerateur / nullif(m.denominateur, 0)
                    not between coalesce(i.borne_min, '-infinity'::double) and coalesce(i.borne_max, 'infinity'::double)""",
            """select fichier, ligne, 'denominateur', r.denominateur, 'denominateur_nul', null
                from pret_mesure m join recu_mesure r using (fichier, ligne) where m.denominateur = 0""",
            """select m.fichier, m.ligne, 'millesime', m.millesime, 'millesime_ancien', c.millesime
                from pret_mesure m join connu_mesure c
                using (plan, indicateur, territoire, ventilation, debut, fin) where m.millesime < c.millesime""",
        ]
    if t == "cible":
        return ["""select fichier, ligne, 'valeur', null, 'cible_sans_valeur', null from pret_cible
            where not retire and valeur is null and valeur_min is null and valeur_max is null"""]
    if t in ("plan", "action"):
        fin = "fin" if t == "plan" else "echeance"
        return [f"""select fichier, ligne, '{fin}', strftime({fin}, '%d/%m/%Y'), 'fin_avant_debut', strftime(debut, '%d/%m/%Y')
            from pret_{t} where {fin} < debut"""]
    return []
