"""What a frozen meeting would show otherwise today: the values and targets that changed since, and what follows from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from indicators import evolution
from indicators.errors import DemandeInvalide
from indicators.formats import MASQUE, format_date, format_exact, format_nombre, format_periode
from indicators.meetings.composition import show_plan
from indicators.meetings.deck import ActionMontree, Deck, LigneMontree
from indicators.meetings.pages import read_frozen
from indicators.model import RoleCible
from indicators.queries import Cible, Cursor, Ligne, Valeur, Vue, get_plan, get_vue
from indicators.queries.comparaison import Changement, find_changement
from indicators.queries.seances import Seance, get_seance
from indicators.queries.series import list_valeurs_principales
from indicators.sentences import write_valeur


@dataclass(frozen=True)
class Ecart:
    """One value or one target that is not today what the meeting knew; None: there was none, or there is none any more.

    `objet` is its period or its place among the targets; `ancien` and `nouveau` are as a person writes them, `valeur_avant` and
    `valeur_apres` the same as numbers, None where there is none (a state, two bounds, the statistical secret). Who changed it:
    the dépôt, its author, its reason, the file; no file when a dépôt was cancelled.
    """

    indicateur: str
    intitule: str
    genre: str
    objet: str
    ancien: str | None
    nouveau: str | None
    valeur_avant: float | None
    valeur_apres: float | None
    depot: int | None
    auteur: str | None
    motif: str | None
    fichier: str | None


@dataclass(frozen=True)
class Consequence:
    """One word, date or figure of a line or of an action that would be another one, though nobody typed it."""

    objet: str
    intitule: str
    quoi: str
    ancien: str
    nouveau: str


@dataclass(frozen=True)
class Difference:
    """All that differs: what people changed, then what follows."""

    seance: Seance
    ecarts: tuple[Ecart, ...]
    consequences: tuple[Consequence, ...]


def compare_seance(cur: Cursor, plan: str, seance: str, voit_tout: bool = True) -> Difference:
    """The pages of that frozen meeting against what is known today of the same periods, for that right to see.

    Raises `DemandeInvalide` when it is not frozen.
    """
    lue = get_seance(cur, plan, seance)
    if not lue.figee_le:
        raise DemandeInvalide(f"La séance « {seance} » n’est pas figée : elle suit encore la base.",
                              "Figez-la : ce qui changera ensuite sera listé ici.")
    deck = read_frozen(cur, plan, lue, voit_tout)
    vue = replace(get_vue(cur, get_plan(cur, plan), deck.entete.observe_au), voit_tout=voit_tout)
    _, lignes, actions = show_plan(cur, vue)
    return Difference(deck.entete.seance, tuple(_list_ecarts(cur, deck, vue, lignes)),
                      (*_compare_lignes(deck.lignes, lignes), *_compare_actions(deck.actions, actions)))


# -- what people changed -------------------------------------------------------------------------------------------------


def _list_ecarts(cur: Cursor, deck: Deck, vue: Vue, lignes: tuple[LigneMontree, ...]) -> Iterator[Ecart]:
    figee = replace(vue, observe_au=deck.entete.observe_au, connu_au=deck.entete.connu_au, stockee=False)
    avant, apres = (list_valeurs_principales(cur, v) for v in (figee, replace(vue, stockee=False)))
    montrees, connues = ({x.ligne.indicateur: x for x in tous} for tous in (deck.lignes, lignes))
    for code in sorted(montrees | connues):
        x = (connues.get(code) or montrees[code]).ligne
        anciennes, nouvelles = avant.get(code, {}), apres.get(code, {})
        for periode in sorted(anciennes.keys() | nouvelles.keys()):
            a, b = anciennes.get(periode), nouvelles.get(periode)
            if _terms(a) != _terms(b):
                cle = {"indicateur": code, "territoire": x.territoire, "ventilation": "", "debut": periode[0], "fin": periode[1]}
                qui = find_changement(cur, vue.plan, "mesure", cle, figee.connu_au)
                yield _build_ecart(x, "valeur", format_periode(*periode), _write_mesure(x, a), _write_mesure(x, b),
                                   a, b, qui)
        cibles = ({_key(c): c for c in m.cibles} if m else {} for m in (montrees.get(code), connues.get(code)))
        anciennes, nouvelles = cibles
        for role, jour in sorted(anciennes.keys() | nouvelles.keys(), key=str):
            a, b = anciennes.get((role, jour)), nouvelles.get((role, jour))
            if _bornes(a) != _bornes(b):
                cle = {"indicateur": code, "territoire": x.territoire, "ventilation": "", "role": role.value}
                qui = find_changement(cur, vue.plan, "cible", cle | ({"date": jour} if jour else {}), figee.connu_au)
                objet = f"{role.label} au {format_date((b or a).date)}"
                yield _build_ecart(x, "cible", objet, _write_cible(x, a), _write_cible(x, b), a, b, qui)


def _build_ecart(x: Ligne, genre: str, objet: str, ancien: str | None, nouveau: str | None, a: Valeur | Cible | None,
                 b: Valeur | Cible | None, qui: Changement | None) -> Ecart:
    return Ecart(x.indicateur, x.intitule, genre, objet, ancien, nouveau, a and a.valeur, b and b.valeur, *(
        (qui.depot, qui.auteur, qui.motif, qui.fichier) if qui else (None,) * 4))


def _terms(v: Valeur | None) -> tuple[object, ...]:
    """What a value says; of a hidden one, only which dépôt holds it."""
    if v is None:
        return ()
    return (v.depot_id,) if v.masque else (v.valeur, v.numerateur, v.denominateur, v.etat)


def _write_mesure(x: Ligne, v: Valeur | None) -> str | None:
    if v is None:
        return None
    if v.masque:
        return MASQUE
    if v.valeur is None:
        return v.etat.label
    if v.numerateur is None or v.denominateur is None:
        return format_exact(v.valeur, x.unite)
    return f"{format_nombre(v.valeur, x.decimales, x.unite)} ({format_exact(v.numerateur)} ÷ {format_exact(v.denominateur)})"


def _key(c: Cible) -> tuple[RoleCible, object]:
    """A jalon is known by its date, the other roles are not."""
    return c.role, c.date if c.role is RoleCible.JALON else None


def _bornes(c: Cible | None) -> tuple[object, ...]:
    return (c.date, c.valeur, c.valeur_min, c.valeur_max) if c else ()


def _write_cible(x: Ligne, c: Cible | None) -> str | None:
    """« 40 % », « au moins 10 % »; hidden as the value of its date is."""
    if c is None:
        return None
    bornes = (("", c.valeur), ("au moins ", c.valeur_min), ("au plus ", c.valeur_max))
    dits = [f"{mot}{format_exact(v, x.unite)}" for mot, v in bornes if v is not None]
    return ", ".join(dits) or MASQUE


# -- what follows --------------------------------------------------------------------------------------------------------


def _compare_lignes(montrees: tuple[LigneMontree, ...], connues: tuple[LigneMontree, ...]) -> Iterator[Consequence]:
    avant, apres = ({x.ligne.indicateur: _describe_ligne(x) for x in tous} for tous in (montrees, connues))
    noms = {x.ligne.indicateur: x.ligne.intitule for x in (*connues, *montrees)}
    yield from _compare(avant, apres, noms, "Indicateur")


def _compare_actions(montrees: tuple[ActionMontree, ...], connues: tuple[ActionMontree, ...]) -> Iterator[Consequence]:
    avant, apres = ({a.action.action: _describe_action(a) for a in toutes} for toutes in (montrees, connues))
    noms = {a.action.action: a.action.intitule for a in (*connues, *montrees)}
    yield from _compare(avant, apres, noms, "Action")


def _compare(avant: dict[str, dict[str, str]], apres: dict[str, dict[str, str]], noms: dict[str, str],
             objet: str) -> Iterator[Consequence]:
    for code in sorted(avant | apres):
        if code not in avant or code not in apres:
            dits = ("absent du plan", "au plan")
            ancien, nouveau = dits if code in apres else dits[::-1]
            yield Consequence(code, noms[code], objet, ancien, nouveau)
            continue
        for quoi, ancien in avant[code].items():
            if ancien != apres[code][quoi]:
                yield Consequence(code, noms[code], quoi, ancien, apres[code][quoi])


def _describe_ligne(x: LigneMontree) -> dict[str, str]:
    """What a line says, label by label."""
    ligne = x.ligne
    seuils = " ; ".join(format_nombre(v * 100, 1, "%") for v in (ligne.seuil_dans_les_temps, ligne.seuil_retard_leger))
    return {
        "Intitulé": ligne.intitule, "Statut": x.mot, "Verdict": ligne.verdict.label if ligne.verdict else "",
        "Réalisé": evolution.write_realise(ligne), "Attendu": write_valeur(ligne, ligne.attendu),
        "Chemin parcouru": evolution.write_part(ligne), "Seuils du plan": seuils,
    }


def _describe_action(a: ActionMontree) -> dict[str, str]:
    x = a.action
    return {"Intitulé": x.intitule, "Statut": a.mot, "Statut de l’action": x.statut.label,
            "Échéance": format_date(x.echeance) if x.echeance else "", "Pilotes": a.pilotes}
