"""Matrix of the actions by the partners: who plays which part in what, as an HTML table that is read aloud and prints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from indicators.model import Role
from indicators.queries import Action
from indicators.queries.plan import Participation

LETTRES = {Role.PILOTE: "P", Role.COPILOTE: "CP", Role.CONTRIBUTEUR: "C"}

CSS_MATRICE = """
.matrice{border-collapse:collapse;font-size:.875rem;line-height:1.25;--trait:rgba(128,140,160,.35)}
.matrice :is(th,td){position:relative;border:1px solid var(--trait);padding:.25rem .3rem;font-weight:400;text-align:center}
.matrice thead th{vertical-align:bottom}
.matrice thead th > a{writing-mode:vertical-rl;transform:rotate(180deg);max-height:14rem;text-align:left;color:inherit;
  text-underline-offset:.15em}
.matrice th[scope=row]{text-align:left;min-width:13rem;position:sticky;left:0;background:var(--papier)}
.matrice a{color:inherit;text-underline-offset:.15em}
.matrice td{min-width:1.9rem;font-weight:600}
.matrice .vide{opacity:.6;font-weight:400}
.matrice .choisi{background:rgba(64,120,200,.16)}
.matrice td.pilote{box-shadow:inset 0 0 0 2px currentColor}
@media(max-width:640px){.matrice th[scope=row]{min-width:8.5rem;max-width:8.5rem;font-size:.8125rem}}
"""


def build_matrice(actions: Sequence[Action], participations: Sequence[Participation], choisi: str | None,
                  adresse_action: Callable[[str], str], adresse_partenaire: Callable[[str], str], note: str) -> str:
    """HTML table, a row for each action and a column for each partner; the column of `choisi` is marked."""
    noms = {p.partenaire: p.nom for p in participations}
    roles: dict[tuple[str, str], list[Role]] = {}
    for p in participations:
        roles.setdefault((p.action, p.partenaire), []).append(p.role)
    entetes = "".join(
        f'<th scope="col"{_mark(code, choisi)}><a href="{escape(adresse_partenaire(code))}" target="_self" title="{escape(nom)}">'
        f'{escape(code)}<span class="cache"> {escape(nom)}</span></a></th>' for code, nom in noms.items())
    corps = []
    for a in actions:
        cellules = "".join(_write_cell(roles.get((a.action, code), ()), code == choisi) for code in noms)
        corps.append(f'<tr><th scope="row"><a href="{escape(adresse_action(a.action))}" target="_self">{escape(a.action)} '
                     f"{escape(a.libelle_court)}</a></th>{cellules}</tr>")
    return (f'<table class="matrice"><caption class="cache">{escape(note)}</caption><thead><tr><th scope="col">Action</th>'
            f"{entetes}</tr></thead><tbody>{''.join(corps)}</tbody></table>")


def _mark(code: str, choisi: str | None) -> str:
    return ' class="choisi"' if code == choisi else ""


def _write_cell(roles: Sequence[Role], choisie: bool) -> str:
    classes = " ".join(["choisi"] * choisie + ["pilote"] * (Role.PILOTE in roles))
    marque = f' class="{classes}"' if classes else ""
    if not roles:
        return f'<td{marque}><span class="vide" aria-hidden="true">·</span></td>'
    lettres, mots = "+".join(LETTRES[r] for r in roles), ", ".join(r.label for r in roles)
    return f'<td{marque} title="{mots}"><span aria-hidden="true">{lettres}</span><span class="cache">{mots}</span></td>'
