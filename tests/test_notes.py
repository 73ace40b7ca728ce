"""Notes and explanations as laws: every number is one of the row, written as its table writes it; words agree; silence on what
is missing."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators import evolution, explanations, sentences
from indicators.formats import (
    ABSENT,
    FINE,
    INSECABLE,
    MASQUE,
    format_date,
    format_date_longue,
    format_ecart,
    format_nombre,
    participe,
    pluriel,
)
from indicators.model import Etat, Nature, Provenance, Sens, Statut, TypeCible
from indicators.queries import Ligne, Point
from indicators.queries.territoires import Place, Territoire, rank_territoires
from indicators.settings import RACINE
from tests.test_charts import ligne, point

# Units in use: (singular, plural, a participle that agrees with « 2 » of them).
FORMES = {
    "%": ("%", "%", "visés"), "‰": ("‰", "‰", "visés"), "k€": ("k€", "k€", "visés"), "jours": ("jour", "jours", "visés"),
    "enfants": ("enfant", "enfants", "visés"), "jeunes": ("jeune", "jeunes", "visés"),
    "familles": ("famille", "familles", "visées"),
    "habitants": ("habitant", "habitants", "visés"), "informations": ("information", "informations", "visées"),
    "professionnels": ("professionnel", "professionnels", "visés"), "places": ("place", "places", "visées"),
    "visites": ("visite", "visites", "visées"), "places pour 100": ("place pour 100", "places pour 100", "visées"),
    "pour 100 accueils": ("pour 100 accueils", "pour 100 accueils", "visés"), "jalon": ("jalon", "jalons", "visés"),
    "assistants familiaux": ("assistant familial", "assistants familiaux", "visés"), "nombre": ("", "", "visés"),
    "ratio": ("", "", "visés"),
}
FINIS = st.floats(-1e6, 1e6).map(lambda x: round(x, 6))
INTERDIT = re.compile(rf"None|\bnan\b|\binf\b|{re.escape(ABSENT)}|  |\.\.|[;,:] ?[;,:.]|\( ?\)|\bà \.|\ben \.")
CHIFFRES = ("reference", "cible", "attendu", "realise", "tendance", "tendance_bas", "tendance_haut", "cible_min", "cible_max",
            "seuil_bas", "seuil_haut")


def read_units() -> set[str]:
    fichiers = [*(RACINE / "data" / "plans").glob("*/indicateur.csv"), RACINE / "data" / "national" / "catalogue_indicateurs.csv"]
    unites = set()
    for fichier in fichiers:
        with fichier.open(encoding="utf-8-sig", newline="") as flux:
            unites |= {r["unite"] for r in csv.DictReader(flux, delimiter=";")}
    return unites


def test_every_unit_in_use_has_its_forms_here():
    assert read_units() <= FORMES.keys()


@pytest.mark.parametrize("unite", FORMES)
@pytest.mark.parametrize("n, un", [(0, True), (1, True), (1.5, True), (1.96, False), (2, False), (-1, True), (-1.5, True),
                                   (-2, False), (1200, False)])
def test_a_unit_agrees_with_its_number_as_it_is_written(unite, n, un):
    decimales = 1
    singulier, plusieurs, participes = FORMES[unite]
    mot = singulier if un else plusieurs
    espace = "" if not mot else FINE if mot in "%‰" else INSECABLE
    assert format_nombre(n, decimales, unite) == format_nombre(n, decimales) + espace + mot
    assert participe(n, "visé", unite, decimales) == (participes.removesuffix("s") if un else participes)
    ecart = format_ecart(n, decimales, unite)
    if unite in "%‰":
        assert ecart.endswith((f"{INSECABLE}point", f"{INSECABLE}point pour mille") if un else
                              (f"{INSECABLE}points", f"{INSECABLE}points pour mille")) and "%" not in ecart
    else:
        assert ecart.lstrip("+") == format_nombre(n, decimales, unite)


@given(st.floats(-1e4, 1e4))
def test_a_count_agrees_with_the_number_that_is_read(n):
    ecrit, mot = pluriel(n, "action").split(INSECABLE)
    lu = float(ecrit.replace(FINE, "").replace("−", "-").replace(",", "."))
    assert (mot == "action") == (abs(lu) < 2)


# -- one line ------------------------------------------------------------------------------------------------------------


@st.composite
def lignes(draw: st.DrawFn, **fixes: Any) -> Ligne:
    """Any line that the views may give: without a value it is not judged, each other figure may be missing."""
    type_cible, masque = draw(st.sampled_from(TypeCible)), draw(st.booleans())
    un = FINIS if type_cible is not TypeCible.REALISER else st.sampled_from([0.0, 1.0])
    champs: dict[str, Any] = {c: draw(st.none() | un) for c in CHIFFRES}
    realise, attendu = champs["realise"], champs["attendu"]
    if masque:
        realise = champs["realise"] = None
    juge = [s for s in Statut if s not in explanations.NON_EVALUES and (s is Statut.SUIVI) == (type_cible is TypeCible.SUIVRE)]
    jours = st.dates(date(2015, 1, 1), date(2030, 12, 31))
    champs |= {
        "unite": draw(st.sampled_from(sorted(FORMES))), "decimales": draw(st.integers(0, 2)), "type_cible": type_cible,
        "nature": draw(st.sampled_from(Nature)), "sens": draw(st.sampled_from(Sens)), "masque": masque,
        "statut": draw(st.sampled_from(juge if realise is not None else explanations.NON_EVALUES)),
        "motif": draw(st.none() | st.sampled_from(["cible absente", "aucune valeur utilisable"])),
        "provisoire": draw(st.booleans()), "provenance": draw(st.sampled_from(Provenance)),
        "date_reference": draw(jours) if champs["reference"] is not None else None,
        "date_cible": draw(jours) if any(champs[c] is not None for c in ("cible", "cible_min", "cible_max")) else None,
        "date_realise": draw(jours) if realise is not None or masque else None,
        "ecart": realise - attendu if realise is not None and attendu is not None else None, "intitule": "Indicateur essai",
        "avancement": draw(st.none() | FINIS) if None not in (realise, champs["reference"], champs["cible"]) else None,
        "part_attendue": None, "rythme": None, "depot_id": None,
    }
    if champs["avancement"] is not None:
        champs |= {"part_attendue": draw(st.none() | st.floats(0.05, 1)), "rythme": draw(st.none() | FINIS)}
        if champs["part_attendue"] is None:
            champs["rythme"] = None
    return ligne(**(champs | fixes))


def accept(x: Ligne, points: Iterable[Point] = ()) -> list[str]:
    """Every way a reader may meet a number of this row: as its table writes it, alone or with its unit, or as a day."""
    valeurs = [getattr(x, c) for c in CHIFFRES] + [p.valeur for p in points]
    parts = [v * 100 for v in (x.avancement, x.part_attendue, x.rythme, x.seuil_dans_les_temps, x.seuil_retard_leger)
             if v is not None]
    jours = [d for d in (x.date_reference, x.date_cible, x.date_realise) if d is not None]
    return [
        *(f(v, x.decimales, u) for v in valeurs if v is not None for f in (format_nombre,) for u in (x.unite, "")),
        *(format_ecart(v, x.decimales, x.unite) for v in (x.ecart,) if v is not None),
        *(format_nombre(v, k, "%") for v in parts for k in (0, 1)),
        *(f(d) for d in jours for f in (format_date, format_date_longue)), *(f"en {d.year}" for d in jours),
        f"intervalle à 80{FINE}%"]  # the method of every trend, no figure of the row


def check(texte: str, admis: Iterable[str]) -> None:
    """No digit is left once the numbers of the row are taken out, whole: « 12,3 » is not « 2,3 »."""
    assert not INTERDIT.search(texte.replace(MASQUE, "masqué")), texte
    reste = texte
    for ecrit in sorted({e for e in admis if e}, key=len, reverse=True):
        reste = re.sub(rf"(?<![\d,−{FINE}]){re.escape(ecrit)}(?!\w|{FINE}\d|,\d)", "#", reste)
    assert not re.search(r"\d", reste), f"{texte}\nnot of the row: {reste}"


LIBRES = settings(max_examples=40, deadline=None)


@LIBRES
@given(lignes())
def test_a_line_says_its_own_numbers_and_nothing_of_what_it_lacks(x):
    for texte in (explanations.write_statut(x), sentences.describe_trajectoire(x, []),
                  *(f"{k} {v}" for k, v in explanations.explain_statut(x))):
        check(texte, accept(x))
    if x.realise is not None:
        check(explanations.write_position(x), accept(x))


@LIBRES
@given(lignes(type_cible=TypeCible.ATTEINDRE, seuil_bas=None, seuil_haut=None))
def test_a_gap_is_in_points_for_a_percentage_only(x):
    textes = [explanations.write_statut(x), *(v for k, v in explanations.explain_statut(x) if k == "Écart à l’attendu")]
    if x.ecart is not None and x.statut is not Statut.SUIVI:
        assert all(("point" in t) == (x.unite in ("%", "‰")) for t in textes), textes


@LIBRES
@given(lignes(), st.lists(st.tuples(st.integers(2016, 2024), st.none() | FINIS, st.sampled_from(Etat)), unique_by=lambda t: t[0]))
def test_the_note_of_a_trajectory_counts_its_points(x, donnees):
    points = [point(an, v, etat=e) for an, v, e in donnees]
    presents = sorted(p.fin.year for p in points if p.valeur is not None)
    comptes = [pluriel(len(presents), "valeur").capitalize(),
               pluriel(sum(p.valeur is None and p.etat is not Etat.SANS_OBJET for p in points), "période"),
               pluriel(sum(p.valeur is not None and p.etat in (Etat.PROVISOIRE, Etat.ESTIME) for p in points),
                       "valeur provisoire ou estimée", "valeurs provisoires ou estimées"),
               *(str(an) for an in presents)]
    note = sentences.describe_trajectoire(x, points)
    check(note, [*comptes, *accept(x, points)])
    absents = any(p.valeur is None and p.etat is not Etat.SANS_OBJET for p in points)
    assert "Statut" in note and ("sans valeur" in note) == absents


# -- several lines -------------------------------------------------------------------------------------------------------


@LIBRES
@given(st.lists(lignes(indicateur="code", libelle_court="Nom"), max_size=5))
def test_the_note_of_the_paths_says_both_ends_of_the_table(toutes):
    note = sentences.describe_chemin(toutes)
    parts = [x.avancement for x in toutes if x.avancement is not None]
    admis = [format_nombre(f(parts) * 100, 0, "%") for f in (max, min) if parts]
    comptes = [pluriel(n, "indicateur") for n in {len(parts), len(toutes) - len(parts)}] + [
        f"{s.label.lower()} {n}" for s in Statut if (n := sum(x.statut is s and x.avancement is not None for x in toutes))]
    check(note, [*admis, *comptes])


@LIBRES
@given(st.lists(st.tuples(lignes(indicateur="code", libelle_court="Nom"), st.none() | FINIS), max_size=5))
def test_the_note_of_a_move_says_the_points_that_its_table_shows(couples):
    deplacements = [evolution.Deplacement(x, replace(x, avancement=v if x.avancement is not None else None)) for x, v in couples]
    note = evolution.describe_haltere(deplacements)
    dits = re.findall(rf"soit ([^.]*?{INSECABLE}points?)", note)
    assert set(dits) <= {format_ecart(d.points, 0, "%") for d in deplacements if d.points}
    assert bool(dits) == any(d.points for d in deplacements)
    nombres = [pluriel(n, "indicateur") for n in range(len(couples) + 1)] + [f"Dont {n}" for n in range(1, 6)]
    parts = [evolution.write_part(x) for d in deplacements for x in (d.avant, d.apres)]
    check(note, [*dits, *nombres, *parts])
    for titre in (evolution.write_titre(deplacements), evolution.write_statuts(deplacements)):
        assert not INTERDIT.search(titre)


@LIBRES
@given(lignes(type_cible=TypeCible.ATTEINDRE, masque=False),
       st.lists(st.tuples(st.none() | FINIS, st.sampled_from([Etat.DEFINITIF, Etat.SECRET, Etat.NON_DISPONIBLE])), max_size=6),
       st.none() | FINIS)
def test_the_note_of_the_territories_says_their_own_numbers(x, donnees, dep):
    points = {chr(97 + k): point(2022, v if e is Etat.DEFINITIF else None, etat=e) for k, (v, e) in enumerate(donnees)}
    siens = [Territoire(t, f"Bassin {t}", "", Place.DESSOUS) for t in (*points, "z")]
    departement = point(2022, dep) if dep is not None else None
    rangs = rank_territoires(x, siens, points)
    tous = [*points.values(), *([departement] if departement else [])]
    comptes = [pluriel(n, *mots) for n in range(8) for mots in (
        ("territoire",), ("valeur connue", "valeurs connues"), ("valeur cachée", "valeurs cachées"))]
    admis = [*comptes, *accept(x, tous)]
    check(sentences.describe_territoires(x, rangs, departement, "Département"), admis)
    check(sentences.write_territoires(x, rangs), admis)
    caches = any(r.cache for r in rangs)
    assert not (caches and any(r.rang for r in rangs))
    montres = [r.classe for r in sorted((r for r in rangs if r.classe is not None), key=lambda r: r.point.valeur)]
    assert montres == sorted(montres) and set(montres) == set(range(len(sentences.name_classes(x, rangs))))
