"""What the search box looks in: the actions, indicators and partners of a plan, found by code or by words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from indicators.queries import Cursor, Vue
from indicators.queries.plan import _fold


@dataclass(frozen=True)
class Objet:
    """Something that has a page of its own: `page` opens it by its code.

    `nom` and `textes` are what is looked in, without accents nor case: its code and title, then the rest.
    """

    page: str
    code: str
    intitule: str
    nom: str
    textes: str


def list_objets(cur: Cursor, vue: Vue) -> list[Objet]:
    """Every action, indicator and partner of the plan as known then, by page then by code."""
    lignes = cur.execute("""
        select 'action', code, intitule, coalesce(libelle_court, ''), concat_ws(' ', description, publics)
            from action_connu($connu::timestamp) where plan = $plan
        union all select 'indicateur', code, intitule, coalesce(libelle_court, ''), concat_ws(' ', definition, responsable)
            from indicateur_connu($connu::timestamp) where plan = $plan
        union all select 'partenaires', code, nom, '', coalesce(type, '')
            from partenaire_connu($connu::timestamp) where plan = $plan
        order by all""", {"plan": vue.plan, "connu": vue.connu_au}).fetchall()
    return [Objet(page, code, intitule, _fold(f"{code} {intitule} {court}"), _fold(suite))
            for page, code, intitule, court, suite in lignes]


def find_objets(objets: Sequence[Objet], texte: str) -> list[Objet]:
    """Those that hold every word, in any order: first the code typed, then the words of the title, then the other texts."""
    mots = _fold(texte).split()
    trouves = [(_rank(x, mots), x) for x in objets if mots and all(m in x.nom or m in x.textes for m in mots)]
    return [x for _, x in sorted(trouves, key=lambda t: t[0])]


def find_code(objets: Sequence[Objet], texte: str) -> Objet | None:
    """The only thing whose code is what is typed; None when there is none, or several."""
    siens = [x for x in objets if _fold(x.code) == _fold(texte.strip())]
    return siens[0] if len(siens) == 1 else None


def _rank(x: Objet, mots: Sequence[str]) -> int:
    code = _fold(x.code)
    if " ".join(mots) == code:
        return 0
    if code.startswith(mots[0]):
        return 1
    return 2 if all(m in x.nom for m in mots) else 3
