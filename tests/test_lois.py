"""Laws: the engine agrees with an independent judge in exact fractions, and what must not change an answer does not.

Many generated indicators go into one deposit, rehearsed on a private copy, so that an example costs a second or two. An example
is not shrunk: the message of a failure gives the one indicator at fault, whole. `make test-long` draws many more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from indicators import deposits, queries
from indicators.cli import CHAMPS_STATUS
from indicators.deposits import Demande
from indicators.errors import Renoncement
from indicators.queries import Ligne
from indicators.reading import FichierRecu
from indicators.store import Store
from tests.conftest import fichier, plan_minimal
from tests.oracle import SEUILS, Cas, Jalon, Jugement, Mesure, Regles, fin_de_mois, juger, trajectoire

JOURS = [date(2021, 12, 31), date(2022, 12, 31), date(2023, 6, 30), date(2024, 12, 31), date(2025, 12, 31)]
TOUJOURS = datetime(2100, 1, 1)
LOT = 40
MANQUES = ["secret", "non_disponible", "non_repondu", "sans_objet"]
JALONS = [date(2020, 12, 31), date(2021, 6, 30), date(2021, 12, 31), date(2022, 3, 15), date(2022, 12, 31), date(2023, 8, 31)]


def examples(nombre: int, long: bool = False) -> Callable[[Any], Any]:
    """Settings of a law: a fixed draw for every change, a fresh one for the long run."""
    return settings(max_examples=nombre, deadline=None, derandomize=not long, database=None,
                    phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))


hasards = st.randoms(use_true_random=True)  # a seed by example: forty indicators are too much to draw choice by choice


# -- generated indicators ------------------------------------------------------------------------------------------------


def nombre(r: Random) -> Fraction:
    return Fraction(r.randint(-300, 600), 10 ** r.choice([0, 0, 1, 2]))


def point(r: Random, type_cible: str, jour: date, positif: bool, est_reference: bool = False) -> Jalon:
    """One point of the path: a value, or bounds of which one is missing at times."""
    if type_cible == "realiser":
        return Jalon(jour, Fraction(0 if est_reference else r.randint(1, 3)))
    v = abs(nombre(r)) if positif else nombre(r)
    if type_cible not in SEUILS or est_reference or (type_cible != "rester_entre" and r.random() < 0.5):
        return Jalon(jour, v)
    manque = r.choice(["", "", "", "bas", "haut"])
    return Jalon(jour, None, None if manque == "bas" else v, None if manque == "haut" else v + abs(nombre(r)))


def cas(r: Random) -> Cas:
    """One indicator line, its reference or its target absent at times; values often fall exactly on a threshold of the rules."""
    type_cible = r.choice(["atteindre"] * 6 + ["realiser", "suivre", *SEUILS])
    nature = "stock" if type_cible == "realiser" else r.choice(["stock"] * 4 + ["taux", "taux", "flux", "cumul"])
    if type_cible in SEUILS and nature == "cumul":
        nature = "stock"
    cumul = nature == "cumul"
    periodicite = "trimestrielle" if nature == "flux" and r.random() < 0.5 else "annuelle"
    debut = date(2019, 12, 31) if cumul else r.choice([date(2019, 12, 31)] * 3 + [date(2020, 6, 30), date(2018, 12, 31)])
    fin = r.choice([date(2024, 12, 31)] * 3 + [date(2023, 12, 31), date(2022, 6, 30)])
    reference = point(r, type_cible, debut, cumul, True) if cumul or r.random() < 0.9 else None
    finale = point(r, type_cible, fin, cumul) if r.random() < 0.93 else None
    if finale and reference and r.random() < 0.04 and type_cible == "atteindre" and not cumul:
        finale = replace(finale, valeur=reference.valeur)
    if cumul and finale and reference and finale.valeur == reference.valeur:
        finale = replace(finale, valeur=(reference.valeur or 0) + Fraction(100))
    jours = [j for j in sorted(r.sample(JALONS, r.choice([0, 0, 1, 2, 3]))) if finale and debut < j < fin]
    depart, arrivee = reference.valeur if reference else None, finale.valeur if finale else None
    montee = depart is None or arrivee is None or arrivee >= depart
    lu = Cas(type_cible, "hausse" if montee != (r.random() < 0.08) else "baisse", nature, periodicite,
             0 if type_cible == "realiser" else r.randint(0, 2), r.choice([Fraction(1), Fraction(100)]), reference,
             tuple(point(r, type_cible, j, cumul) for j in jours), finale)
    trimestriel = periodicite == "trimestrielle"
    fins = [fin_de_mois(a, m) for a in range(2019, 2026) for m in ((3, 6, 9, 12) if trimestriel else (12,))]
    present = 0.94 if trimestriel else 0.85 if cumul else 0.7
    return replace(lu, mesures=tuple(mesure(r, lu, f) for f in fins if r.random() < present))


def mesure(r: Random, lu: Cas, fin: date) -> Mesure:
    """A value of the period that ends there, or the reason why there is none."""
    debut = date(fin.year, fin.month - 2 if lu.periodicite == "trimestrielle" else 1, 1)
    etat = r.choice(["definitif"] * 16 + ["provisoire", "estime"]) if r.random() < 0.92 else r.choice(MANQUES)
    if etat in MANQUES:
        return Mesure(debut, fin, etat=etat)
    if lu.nature == "taux" and r.random() < 0.5:
        return Mesure(debut, fin, None, Fraction(r.randint(-50, 300)), Fraction(r.choice([0, *range(1, 120)])), etat)
    if lu.type_cible == "realiser":
        return Mesure(debut, fin, Fraction(r.randint(0, 3)), etat=etat)
    if lu.nature == "cumul":
        return Mesure(debut, fin, abs(nombre(r)), etat=etat)
    return Mesure(debut, fin, r.choice([*_pile(lu, fin), nombre(r)]), etat=etat)


def _pile(lu: Cas, fin: date) -> list[Fraction]:
    """Values that fall exactly on a threshold of the rules at that date."""
    bornes = [b for j in (*lu.jalons, *([lu.finale] if lu.finale else [])) for b in (j.valeur, j.bas, j.haut) if b is not None]
    attendu = trajectoire(lu, fin)
    if lu.type_cible != "atteindre" or attendu is None or lu.reference is None or lu.finale is None:
        return bornes
    depart, chemin = lu.reference.valeur or Fraction(0), (lu.finale.valeur or Fraction(0)) - (lu.reference.valeur or Fraction(0))
    demi = Fraction(1, 2) / 10**lu.decimales * (1 if lu.sens == "hausse" else -1)
    rythmes = [depart + Fraction(r, 100) * (attendu - depart) for r in (95, 60, 0, 80, 30)]
    return [*rythmes, attendu, attendu - demi, attendu - demi * Fraction(101, 100), depart - chemin * Fraction(2, 100),
            depart + chemin * Fraction(60, 100), depart + chemin, depart]


# -- the engine ----------------------------------------------------------------------------------------------------------


def files_of(lot: Mapping[str, Cas]) -> list[FichierRecu]:
    """The plan that holds these indicators."""
    indicateurs = [{"code": c, "type_cible": x.type_cible, "sens": x.sens, "nature": x.nature, "periodicite": x.periodicite,
                    "decimales": x.decimales, "facteur": x.facteur} for c, x in lot.items()]
    points = [{"indicateur": c, "role": role, "date": j.date, "valeur": j.valeur, "valeur_min": j.bas, "valeur_max": j.haut}
              for c, x in lot.items() for role, js in (
                  ("reference", (x.reference,)), ("jalon", x.jalons), ("finale", (x.finale,)))
              for j in js if j is not None]
    return plan_minimal(indicateur=indicateurs, cible=points, mesure=rows_of(lot))


def rows_of(lot: Mapping[str, Cas]) -> list[dict[str, Any]]:
    return [{"indicateur": c, "debut": m.debut, "fin": m.fin, "valeur": m.valeur, "numerateur": m.numerateur,
             "denominateur": m.denominateur, "etat": m.etat} for c, x in lot.items() for m in x.mesures]


def judge(modele: Store, lot: Mapping[str, Cas]) -> dict[tuple[str, date], Ligne]:
    """Every indicator at every day of judgement, by the engine: the real import, on a copy that is thrown away."""
    def run(cur: Any) -> dict[tuple[str, date], Ligne]:
        bilan = deposits.import_files(cur, files_of(lot), Demande(), deposits.keep_nothing)
        assert not bilan.bloque, bilan.anomalies
        plan = queries.get_plan(cur, "essai")
        vues = [queries.get_vue(cur, plan, jour, TOUJOURS) for jour in JOURS]
        return {(x.indicateur, vue.observe_au): x for vue in vues for x in queries.list_lignes(cur, vue)}

    return modele.rehearse(run)


def draw_lot(r: Random, nombre: int = LOT) -> list[Cas]:
    return [cas(r) for _ in range(nombre)]


def named(lot: Sequence[Cas], suite: str = "") -> dict[str, Cas]:
    return {f"I{i:03}{suite}": x for i, x in enumerate(lot)}


def explain(jour: date, lu: Cas, ligne: Ligne, attendu: object) -> str:
    return f"{jour}\n  {lu}\n  attendu : {attendu}\n  moteur  : {ligne}"


def disagreements(lu: Cas, jour: date, ligne: Ligne, juge: Jugement) -> list[str]:
    """Names of the answers on which the engine and the judge differ."""
    ecarts = [c for c in ("statut", "verdict") if getattr(ligne, c) != getattr(juge, c)]
    if juge.statut.startswith("non_") and not ligne.motif:
        ecarts.append("motif")
    derniere = max((m for m in lu.mesures if m.fin <= jour), key=lambda m: m.fin, default=None)
    sans_objet = derniere is not None and derniere.etat == "sans_objet"
    if juge.realise is None and not sans_objet:
        ecarts += [c for c in ("realise", "date_realise", "avancement", "rythme") if getattr(ligne, c) is not None]
    if juge.realise is not None:
        champs = {"realise", "avancement", "rythme", "provisoire", "date_realise"}
        if lu.type_cible not in (*SEUILS, "suivre") and lu.reference and lu.finale:
            champs.add("attendu")
        if lu.periodicite == "annuelle" and lu.type_cible != "suivre":
            champs.add("a_actualiser")
        if lu.type_cible == "suivre":
            champs.discard("provisoire")
        if lu.reference is None or juge.date_realise is None or juge.date_realise <= lu.reference.date:
            champs -= {"attendu", "rythme"}
        ecarts += [c for c in sorted(champs) if not _same(getattr(ligne, c), getattr(juge, c))]
    return ecarts


def _same(moteur: Any, juge: Any) -> bool:
    if isinstance(juge, Fraction | float) and isinstance(moteur, float):
        return abs(moteur - juge) <= 1e-6 * max(1, abs(juge))
    return bool(moteur == juge)


# -- the independent judge -----------------------------------------------------------------------------------------------


def _check_judge(modele: Store, lot: Sequence[Cas]) -> None:
    nommes = named(lot)
    for (code, jour), ligne in judge(modele, nommes).items():
        juge = juger(nommes[code], Regles(jour))
        ecarts = disagreements(nommes[code], jour, ligne, juge)
        assert not ecarts, f"{ecarts} " + explain(jour, nommes[code], ligne, juge)


@examples(5)
@given(hasards)
def test_le_moteur_juge_comme_l_oracle(modele_base: Store, r: Random) -> None:
    _check_judge(modele_base, draw_lot(r))


@pytest.mark.long
@pytest.mark.timeout(900)
@examples(100, long=True)
@given(hasards)
def test_le_moteur_juge_comme_l_oracle_longtemps(modele_base: Store, r: Random) -> None:
    _check_judge(modele_base, draw_lot(r))


# -- what changes no status ----------------------------------------------------------------------------------------------


def transform(lu: Cas, f: Callable[[Fraction], Fraction], g: Callable[[Fraction], Fraction] | None = None, **autres: Any) -> Cas:
    """The case with every value through `f`; `g` for the numerators of a rate (by default `f`)."""
    def turn(j: Jalon | None) -> Jalon | None:
        return j and Jalon(j.date, *(None if v is None else f(v) for v in (j.valeur, j.bas, j.haut)))

    mesures = tuple(replace(m, valeur=None if m.valeur is None else f(m.valeur),
                            numerateur=None if m.numerateur is None else (g or f)(m.numerateur)) for m in lu.mesures)
    return replace(lu, reference=turn(lu.reference), jalons=tuple(j for x in lu.jalons if (j := turn(x))),
                   finale=turn(lu.finale), mesures=mesures, **autres)


def _check_same(modele: Store, lot: Sequence[Cas], autre: Callable[[Cas], Cas]) -> None:
    avant, apres = named(lot), named([autre(x) for x in lot], "-B")
    lignes = judge(modele, avant | apres)
    for code, lu in avant.items():
        for jour in JOURS:
            a, b = lignes[code, jour], lignes[f"{code}-B", jour]
            assert (a.statut, a.verdict, a.a_actualiser) == (b.statut, b.verdict, b.a_actualiser), explain(jour, lu, a, b)
            assert _same(a.avancement, b.avancement) and _same(a.rythme, b.rythme), explain(jour, lu, a, b)


@examples(3)
@given(hasards, st.sampled_from([-2, 2, -3, -1, 1]))
def test_changer_d_unite_ne_change_pas_un_statut(modele_base: Store, r: Random, puissance: int) -> None:
    # the unit moves by a power of ten, and the last decimal with it: the same figures, written otherwise
    finesse = max(puissance, 0)

    def rewrite(x: Cas) -> Cas:
        echelle = Fraction(10) ** puissance
        return transform(x, lambda v: v * echelle, decimales=x.decimales + finesse - puissance)

    _check_same(modele_base, [replace(x, decimales=x.decimales + finesse) for x in draw_lot(r, LOT // 2)], rewrite)


@examples(2)
@given(hasards, st.sampled_from([Fraction(7), Fraction(1, 3), Fraction(12345, 10)]))
def test_une_unite_quelconque_ne_change_pas_un_statut(modele_base: Store, r: Random, echelle: Fraction) -> None:
    lot = [replace(x, decimales=6) for x in draw_lot(r, LOT // 2)]
    _check_same(modele_base, lot, lambda x: transform(x, lambda v: v * echelle))


@examples(3)
@given(hasards, st.sampled_from([Fraction(1000), Fraction(-617, 10), Fraction(1, 3)]))
def test_ajouter_une_constante_ne_change_aucun_statut_d_un_stock(modele_base: Store, r: Random, constante: Fraction) -> None:
    stocks = [x for x in draw_lot(r) if x.nature == "stock"]
    _check_same(modele_base, stocks, lambda x: transform(x, lambda v: v + constante))


MIROIR = {"hausse": "baisse", "baisse": "hausse",
          "rester_au_dessus": "rester_en_dessous", "rester_en_dessous": "rester_au_dessus"}


def mirror(lu: Cas) -> Cas:
    """Less becomes more: values change sign, a floor becomes a ceiling."""
    def turn(j: Jalon) -> Jalon:
        return replace(j, bas=j.haut, haut=j.bas)

    renverse = transform(lu, lambda v: -v)
    return replace(renverse, sens=MIROIR[lu.sens], type_cible=MIROIR.get(lu.type_cible, lu.type_cible),
                   jalons=tuple(map(turn, renverse.jalons)), finale=renverse.finale and turn(renverse.finale))


@examples(3)
@given(hasards)
def test_le_miroir_d_une_hausse_a_le_meme_statut(modele_base: Store, r: Random) -> None:
    _check_same(modele_base, draw_lot(r, LOT // 2), mirror)


# -- time ----------------------------------------------------------------------------------------------------------------

CLES = [(code, annee) for code in ("X", "Y") for annee in (2020, 2021, 2022)]
PLAN = plan_minimal(
    indicateur=[{"code": "X"}, {"code": "Y"}],
    cible=[{"indicateur": c, "role": r, "date": d, "valeur": v} for c in "XY" for r, d, v in (
        ("reference", "2019-12-31", 40), ("finale", "2024-12-31", 60))])


@dataclass
class Journal:
    """A naive model of the base: everything deposited is kept, an answer is searched among what was known and living."""

    lignes: list[tuple[int, datetime, tuple[str, int], float | None, bool]] = field(default_factory=list)
    evenements: list[tuple[datetime, int, int, bool]] = field(default_factory=list)  # moment, id, dépôt, alive from then

    def answer(self, moment: datetime) -> dict[tuple[str, int], float]:
        """Values by key: of the living rows, the last known; a withdrawn key has none."""
        vivants = {}
        for t, _, depot, vivant in sorted(self.evenements):
            if t <= moment:
                vivants[depot] = vivant
        gagnantes = {}
        for depot, _, cle, valeur, retire in sorted(self.lignes, key=lambda x: (x[1], x[0])):
            if vivants.get(depot):
                gagnantes[cle] = (valeur, retire)
        return {cle: v for cle, (v, retire) in gagnantes.items() if not retire and v is not None}


def draw_operations(r: Random) -> list[tuple[str, dict[tuple[str, int], int | None], bool]]:
    """Dépôts of a few values (None withdraws the key), some of them taking over history, cancellations and takings back."""
    suite = []
    for _ in range(r.randint(7, 9)):
        valeurs = {cle: None if r.random() < 0.2 else r.randint(40, 60) for cle in r.sample(CLES, r.randint(1, 4))}
        suite.append(("annuler" if suite and r.random() < 0.4 else "depot", valeurs, r.random() < 0.3))
    return suite


def _last_moment(cur: Any) -> tuple[int, datetime]:
    return cur.execute("select id, connu_le from depot order by id desc limit 1").fetchone()


def _values(cur: Any, moment: datetime) -> dict[tuple[str, int], float]:
    vue = queries.Vue("essai", date(2024, 12, 31), moment)
    return {(c, v.fin.year): v.valeur for c in "XY" for v in queries.list_valeurs(cur, vue, c) if v.valeur is not None}


def _answers(cur: Any, moment: datetime) -> tuple[dict[tuple[str, int], float], list[tuple[Any, ...]]]:
    vue = queries.Vue("essai", date(2024, 12, 31), moment)
    return _values(cur, moment), [tuple(getattr(x, c) for c in CHAMPS_STATUS) for x in queries.list_lignes(cur, vue)]


def _play(cur: Any, r: Random) -> None:
    """Run the operations; after each, the answers of every past moment are those given then (and those of the model)."""
    deposits.import_files(cur, PLAN, Demande(connu_le=datetime(2020, 1, 1)), deposits.keep_nothing)
    journal, donnees, vivants = Journal(), {}, {}
    suite, repris = draw_operations(r), datetime(2020, 2, 1)
    for quoi, contenu, reprise in suite:
        contradit = datetime.max
        if quoi == "depot":
            repris += timedelta(days=17)
            demande = Demande(connu_le=repris) if reprise else Demande()
            recu = fichier("mesure", [{"indicateur": c, "periode": a, "valeur": v, "supprimer": v is None}
                                      for (c, a), v in contenu.items()])
            try:
                deposits.import_files(cur, [recu], demande, deposits.keep_nothing)
            except Renoncement:
                continue
            numero, moment = _last_moment(cur)
            journal.lignes += [(numero, moment, cle, v, v is None) for cle, v in contenu.items()]
            journal.evenements.append((moment, numero, numero, True))
            vivants[numero] = None
            contradit = moment if reprise else datetime.max
        elif vivants:
            cible = r.choice(sorted(vivants))
            deposits.cancel(cur, vivants[cible] or cible, "essai")
            numero, moment = _last_moment(cur)
            journal.evenements.append((moment, numero, cible, vivants[cible] is not None))
            vivants[cible] = None if vivants[cible] else numero
        else:
            continue
        donnees = {m: d for m, d in donnees.items() if m < contradit}
        donnees[moment] = _answers(cur, moment)
        for m in (*donnees, TOUJOURS):
            assert _values(cur, m) == journal.answer(m), (suite, m)
    for moment, donnee in donnees.items():
        assert _answers(cur, moment) == donnee, (suite, moment)


@examples(2)
@given(hasards)
def test_un_depot_ne_change_aucune_reponse_passee(modele_base: Store, r: Random) -> None:
    modele_base.rehearse(lambda cur: _play(cur, r))


@pytest.mark.long
@pytest.mark.timeout(1800)
@examples(60, long=True)
@given(hasards)
def test_un_depot_ne_change_aucune_reponse_passee_longtemps(modele_base: Store, r: Random) -> None:
    modele_base.rehearse(lambda cur: _play(cur, r))


def test_annuler_puis_reprendre_rend_les_memes_reponses(modele_base: Store) -> None:
    def run(cur: Any) -> None:
        deposits.import_files(cur, PLAN, Demande(), deposits.keep_nothing)
        for annee, valeur in ((2020, 44), (2021, 47), (2020, 45)):
            deposits.import_files(cur, [fichier("mesure", [{"indicateur": "X", "periode": annee, "valeur": valeur},
                                                           {"indicateur": "Y", "periode": annee, "valeur": valeur + 9}])],
                                  Demande(), deposits.keep_nothing)
        avant = _answers(cur, TOUJOURS)
        for depot in (4, 2):
            (annulation,) = deposits.cancel(cur, depot, "essai")
            annule = _answers(cur, TOUJOURS)
            assert (annule != avant) == (depot != 2)  # the values of dépôt 2 are hidden by those of dépôt 4
            (reprise,) = deposits.cancel(cur, annulation, "essai")
            assert _answers(cur, TOUJOURS) == avant
            (encore,) = deposits.cancel(cur, depot, "essai")
            assert _answers(cur, TOUJOURS) == annule
            deposits.cancel(cur, encore, "essai")
            assert _answers(cur, TOUJOURS) == avant
            assert reprise == annulation + 1

    modele_base.rehearse(run)


@examples(2)
@given(hasards, st.sampled_from([(2, 1, 0), (1, 2, 0), (2, 0, 1)]))
def test_l_ordre_des_depots_de_cles_differentes_est_indifferent(modele_base: Store, r: Random, ordre: tuple[int, ...]) -> None:
    nommes = named(draw_lot(r, 10))
    lignes = rows_of(nommes)
    parts = [fichier("mesure", lignes[i::3]) for i in range(3)]

    def run(depots: Sequence[int]) -> Callable[[Any], list[tuple[Any, ...]]]:
        def deposit(cur: Any) -> list[tuple[Any, ...]]:
            structure = files_of({c: replace(x, mesures=()) for c, x in nommes.items()})
            deposits.import_files(cur, structure, Demande(), deposits.keep_nothing)
            for i in depots:
                deposits.import_files(cur, [parts[i]], Demande(), deposits.keep_nothing)
            vue = queries.get_vue(cur, queries.get_plan(cur, "essai"), date(2024, 12, 31), TOUJOURS)
            return [tuple(getattr(x, c) for c in CHAMPS_STATUS) for x in queries.list_lignes(cur, vue)]

        return deposit

    assert modele_base.rehearse(run((0, 1, 2))) == modele_base.rehearse(run(ordre))
