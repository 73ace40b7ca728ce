"""Statistical secrecy in the base: the attacker reads what the queries really give, on two dates; the pages hold nothing more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from google.protobuf.text_format import MessageToString

from indicators import access, bilans, deposits, propositions, queries
from indicators.access import LOCALE, Acces, Personne
from indicators.derived import rebuild_derived
from indicators.effects import hide_from
from indicators.model import Attribution, Etat, Habilitation, Statut
from indicators.queries.comparaison import list_passages
from indicators.queries.indicateur import list_revisions
from indicators.queries.modeles import Destinataire, get_besoins
from indicators.reading import FichierRecu
from indicators.store import Store
from indicators.ui import donnees
from indicators.ui.server import PAGES
from indicators.verification import verify
from tests.attaquant import Affichage, intervalles, largeur
from tests.conftest import copier_base, deposer, fichier, plan_minimal
from tests.test_pages import ouvrir, sain

pytestmark = pytest.mark.usefixtures("cadre")
SEUIL = 5
Place = tuple[str, str, str]  # territoire, ventilation, periode
Comptes = dict[Place, tuple[int, ...]]


# -- random indicators ---------------------------------------------------------------------------------------------------


@dataclass
class Tirage:
    """One random indicator: its card, its counts at each of two dépôts, which are published, and the sums that hold."""

    fiche: dict[str, Any]
    avant: Comptes
    apres: Comptes
    publiees: set[Place]
    sommes: list[tuple[Place, list[Place]]]


def tirer(r: Random, code: str, enfants: list[str], publies: float) -> Tirage:
    """A list of territories, a cross of territories and breakdowns, a rate, a sum of territories, quarters of a year."""
    genre = r.choice(["liste", "liste", "liste", "taux", "somme", "croise", "trimestres"])
    vents, periodes = [""], ["2022"]
    if genre == "croise":
        enfants, vents = enfants[:2], ["", "filles", "garçons"]
    if genre == "trimestres":
        enfants, periodes = enfants[:2], ["2022", *(f"T{k} 2022" for k in range(1, 5))]
    fines = [(t, v, p) for t in enfants for v in vents[1:] or vents for p in periodes[1:] or periodes]
    sommes = [((t, "", "2022"), [(t, v, "2022") for v in vents[1:]]) for t in enfants if len(vents) > 1]
    sommes += [((t, "", "2022"), [(t, "", p) for p in periodes[1:]]) for t in enfants if len(periodes) > 1]
    sommes += [(("38", v, p), [(t, v, p) for t in enfants]) for v in vents for p in periodes]
    if len(vents) > 1:
        sommes.append((("38", "", "2022"), [("38", v, "2022") for v in vents[1:]]))
    if len(periodes) > 1:
        sommes.append((("38", "", "2022"), [("38", "", p) for p in periodes[1:]]))
    fiche = {"code": code, "unite": "enfants", "nature": "stock", "type_cible": "atteindre", "sens": "hausse", "decimales": 0}
    if genre == "taux":
        fiche |= {"unite": "%", "nature": "taux", "numerateur": "Enfants suivis", "denominateur": "Enfants", "decimales": 1}
    if genre == "somme":
        fiche["agregation"] = "somme"
    if genre == "trimestres":
        fiche |= {"nature": "flux", "periodicite": "trimestrielle"}
    petit = 25 if genre in ("croise", "trimestres") else 40

    def count() -> tuple[int, ...]:
        n = r.choice([r.randint(0, 8), r.randint(0, petit)])
        return (n, n + r.choice([r.randint(0, 9), r.randint(0, 60)])) if genre == "taux" else (n,)

    def add(comptes: Comptes) -> Comptes:
        for total, parties in sommes:
            comptes[total] = tuple(sum(x) for x in zip(*(comptes[p] for p in parties), strict=True))
        return comptes

    avant = add({place: count() for place in fines})
    apres = add({place: count() if r.random() < 0.35 else avant[place] for place in fines})
    publiees = {place for place in avant if r.random() < publies}
    if genre == "somme":
        publiees.discard(("38", "", "2022"))
    return Tirage(fiche, avant, apres, publiees, sommes)


def lignes(x: Tirage, comptes: Comptes, places: list[Place]) -> list[dict[str, Any]]:
    """Rows of a file of measures."""
    termes = ("numerateur", "denominateur") if len(next(iter(comptes.values()))) == 2 else ("valeur",)
    return [{"indicateur": x.fiche["code"], "territoire": t, "ventilation": v, "periode": p,
             **dict(zip(termes, comptes[t, v, p], strict=True)),
             "provenance": "publie" if (t, v, p) in x.publiees else "saisi"}
            for t, v, p in places if "agregation" not in x.fiche or t != "38"]


def remplir(store: Store, r: Random, plan: str, nombre: int, publies: float) -> list[Tirage]:
    """A plan of random indicators in two dépôts: the second one sends all again, or only what changes."""
    enfants = [f"T{k}" for k in range(r.randint(2, 4))]
    tirages = [tirer(r, f"I{k}", enfants, publies) for k in range(nombre)]
    territoires = [{"code": "38", "nom": "Isère"}, *({"code": t, "nom": t, "parent": "38"} for t in enfants)]
    cibles = [{"indicateur": x.fiche["code"], "territoire": t, "role": role, "date": d, "valeur": v} for x in tirages
              for t in ("38", *enfants) for role, d, v in (("reference", "2019-12-31", 1), ("finale", "2024-12-31", 90))]
    deposer(store, [*plan_minimal(plan, territoire=territoires, indicateur=[x.fiche for x in tirages], cible=cibles),
                    fichier("mesure", [m for x in tirages for m in lignes(x, x.avant, list(x.avant))])], plan=plan)
    seconde = []
    for x in tirages:
        change = [p for p in x.apres if x.apres[p] != x.avant[p]]
        seconde += lignes(x, x.apres, change if r.random() < 0.5 else list(x.apres))
    deposer(store, [fichier("mesure", seconde)], plan=plan)
    return tirages


# -- what a reader makes of it -------------------------------------------------------------------------------------------


def name(v: queries.Valeur) -> Place:
    periode = "2022" if (v.fin - v.debut).days > 300 else f"T{v.fin.month // 3} 2022"
    return v.territoire, v.ventilation, periode


def read(cur: queries.Cursor, vue: queries.Vue, x: Tirage) -> dict[Place, tuple[float, ...] | None]:
    """What the table of values shows: the counts, None when they are hidden; nothing may be half hidden."""
    lues: dict[Place, tuple[float, ...] | None] = {}
    for v in queries.list_valeurs(cur, vue, x.fiche["code"]):
        termes = (v.numerateur, v.denominateur) if x.fiche["nature"] == "taux" else (v.valeur,)
        if v.masque:
            assert (v.valeur, v.numerateur, v.denominateur, v.etat) == (None, None, None, Etat.SECRET)
        lues[name(v)] = None if v.masque else termes
    return lues


def attack(x: Tirage, vus: list[dict[Place, Any]], vrais: list[Comptes]) -> tuple[set[Place], bool]:
    """Places of hidden counts that all the displays together give back, and whether anything is hidden."""
    valeurs, sommes, caches = {}, [], set()
    for vu, vrai in zip(vus, vrais, strict=True):
        def cles(place: Place, vrai: Comptes = vrai) -> list[tuple[Any, ...]]:
            return [(place, rang, n) for rang, n in enumerate(vrai[place])]  # not revised, it keeps its key

        for place in vrai:
            for cle in cles(place):
                if vu[place] is None:
                    caches.add(cle)
                else:
                    valeurs[cle] = cle[2]
            if len(vrai[place]) == 2:
                n, d = cles(place)
                sommes.append((d, (n, ("reste", n, d))))
        for total, parties in x.sommes:
            if total in vrai:
                sommes += [(t, tuple(p)) for t, p in zip(cles(total), zip(*map(cles, parties), strict=True), strict=True)]
    caches -= valeurs.keys()
    if not caches:
        return set(), False
    trouves = intervalles(Affichage(valeurs, tuple(dict.fromkeys(sommes))))
    return {cle[0] for cle in caches if cle in trouves and largeur(trouves[cle]) < SEUIL}, True


def naif(x: Tirage, comptes: Comptes) -> dict[Place, Any]:
    """What is shown by a tool that only looks at the threshold."""
    return {place: None if place not in x.publiees and (place[0] != "38" or place[1]) and min(n) < SEUIL else n
            for place, n in comptes.items()}


@pytest.fixture(scope="module", params=[12, pytest.param(80, marks=pytest.mark.long)])
def plans(request: pytest.FixtureRequest, modele_base: Store,
          tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, dict[str, list[Tirage]]]]:
    """Random plans of so many indicators, half of them with published values."""
    store = copier_base(modele_base, tmp_path_factory.mktemp("secret") / "base")
    r = Random(11)
    yield store, {f"p{k}": remplir(store, r, f"p{k}", request.param, 0.0 if k % 2 else 0.2) for k in range(3)}


def test_what_the_queries_give_on_two_dates_gives_nothing_back(plans: tuple[Store, dict[str, list[Tirage]]]) -> None:
    store, tirages = plans
    cur = store.read()
    vues = brises = tables = 0
    for plan in queries.list_plans(cur):
        depots = [n for n, p in queries.list_plans_touches(cur) if p == plan.plan]
        connus = [d.connu_le for d in reversed(queries.list_depots(cur)) if d.id in depots]
        dates = [queries.get_vue(cur, plan, connu_au=t) for t in connus]
        exposees: dict[str, set[Place]] = {}
        for code, t, v, debut, fin in queries.list_exposees(cur, plan.plan):
            periode = "2022" if (fin - debut).days > 300 else f"T{fin.month // 3} 2022"
            exposees.setdefault(code, set()).add((t, v, periode))
        for x in tirages[plan.plan]:
            vrais = [x.avant, x.apres]
            caches = [read(cur, replace(vue, voit_tout=False), x) for vue in dates]
            for vrai, vu in zip(vrais, caches, strict=True):
                assert all(vu[p] is None or vu[p] == vrai[p] for p in vrai)
                assert not [p for p in x.publiees if vu[p] is None], "a published value is never hidden"
                assert vu["38", "", "2022"] is not None
                assert not [p for p, n in naif(x, vrai).items() if n is None and vu[p] is not None]
            assert not [p for p in caches[0] if caches[0][p] is None and caches[1][p] is not None], "hidden stays hidden"
            trahies, masque = attack(x, caches, vrais)
            assert trahies <= exposees.get(x.fiche["code"], set()), (plan.plan, x)
            tables += masque
            vues += len(trahies)
            if masque:
                brises += bool(attack(x, [naif(x, v) for v in vrais], vrais)[0])
    assert tables > 1.5 * len(tirages["p0"]) and brises > tables / 2


def test_verify_finds_the_same_and_counts_what_is_hidden_in_vain(plans: tuple[Store, dict[str, list[Tirage]]]) -> None:
    store, _ = plans
    controles = {c.nom: c for c in verify(store)}
    assert not any(c.defauts for c in controles.values())
    assert controles["valeurs masquées"].vus > controles["valeurs masquées mais déductibles"].vus > 0


# -- one plan whose hidden figures are easy to find ----------------------------------------------------------------------

EMPREINTE = r"[0-9a-f]{32}"  # of a form's field or of a page: among its digits, any four come up some day
CACHES = ("4173", "3391", "2207", "1789", "4421")  # below their threshold, found nowhere else


def list_seen(texte: str) -> list[str]:
    """The hidden values that this text of rows holds; a moment has more digits."""
    return [c for c in CACHES if re.search(rf"(?<!\d){c}(?!\d)", texte)]


def plan_cache(r: tuple[int, int, int] = (4173, 3391, 90000)) -> list[Any]:
    """Three territories, two of them below a threshold of 5000; breakdowns that do not add up; a rate; all with targets."""
    nord, sud, est = r
    territoires = [{"code": "38", "nom": "Isère"}, *({"code": c, "nom": c, "parent": "38"} for c in ("NORD", "SUD", "EST"))]
    indicateurs = [
        {"code": "I1", "unite": "enfants", "sens": "hausse", "seuil_secret": 5000, "responsable": "UDAF"},
        {"code": "I2", "unite": "%", "nature": "taux", "numerateur": "Enfants suivis", "denominateur": "Places", "sens": "hausse",
         "seuil_secret": 5000, "type_cible": "rester_au_dessus"}]
    cibles = [{"indicateur": "I1", "territoire": t, "role": role, "date": d, "valeur": v} for t in ("38", "NORD")
              for role, d, v in (("reference", "2019-12-31", 100), ("finale", "2024-12-31", 200000))]
    cibles.append({"indicateur": "I2", "territoire": "NORD", "role": "finale", "date": "2024-12-31", "valeur_min": 2})
    mesures = [{"indicateur": "I1", "territoire": t, "periode": "2022", "valeur": v, "commentaire": f"dont {v} suivis"}
               for t, v in (("NORD", nord), ("SUD", sud), ("EST", est))]
    mesures += [{"indicateur": "I1", "periode": "2022", "valeur": sum(r)},
                {"indicateur": "I1", "ventilation": "filles", "periode": "2022", "valeur": 2207},
                {"indicateur": "I1", "ventilation": "0-5 ans", "periode": "2022", "valeur": 44210},
                {"indicateur": "I2", "territoire": "NORD", "periode": "2022", "numerateur": 1789, "denominateur": 60000},
                {"indicateur": "I2", "periode": "2022", "numerateur": 50000, "denominateur": 160000}]
    return plan_minimal(territoire=territoires, indicateur=indicateurs, cible=cibles, mesure=mesures,
                        action_indicateur=[{"action": "A1", "indicateur": i} for i in ("I1", "I2")])


def list_masquees(store: Store) -> set[tuple[str, str, str]]:
    return set(store.read().execute("select indicateur, territoire, ventilation from secret").fetchall())


@pytest.fixture(scope="module")
def modele_cache(modele_base: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The base with that plan, which the tests copy."""
    store = copier_base(modele_base, tmp_path_factory.mktemp("cache") / "base")
    deposer(store, plan_cache())
    return store


@pytest.fixture
def cache(modele_cache: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A copy of it for one test."""
    monkeypatch.setenv("INDICATORS_BASE", str(tmp_path / "base"))
    return copier_base(modele_cache, tmp_path / "base")


def test_who_sees_all_sees_all_and_the_others_nothing_that_gives_the_value_back(cache: Store) -> None:
    cur = cache.read()
    (plan,) = queries.list_plans(cur)
    vue = queries.get_vue(cur, plan)
    assert list_masquees(cache) == {("I1", "NORD", ""), ("I1", "SUD", ""), ("I1", "38", "filles"), ("I1", "38", "0-5 ans"),
                                    ("I2", "NORD", "")}
    tout = {(x.indicateur, x.territoire): x for x in queries.list_lignes(cur, vue, True)}
    assert tout["I1", "NORD"].realise == 4173 and not any(x.masque for x in tout.values())

    lecteur = replace(vue, voit_tout=False)
    vues = {(x.indicateur, x.territoire): x for x in queries.list_lignes(cur, lecteur, True)}
    assert vues["I1", "38"] == tout["I1", "38"], "the département is always shown"
    x = vues["I1", "NORD"]
    assert x.masque and {x.realise, x.avancement, x.rythme, x.ecart, x.tendance, x.pas_annuel, x.verdict} == {None}
    assert x.statut is Statut.NON_EVALUABLE and x.gravite == 0 and "secret" in (x.motif or "")
    taux = vues["I2", "NORD"]
    assert taux.masque and taux.realise is None and taux.statut is tout["I2", "NORD"].statut is Statut.SEUIL_RESPECTE

    points = list(queries.get_detail(cur, lecteur, "I1").points["NORD", ""])
    assert [(p.masque, p.valeur, p.statut, p.etat) for p in points] == [(True, None, None, Etat.SECRET)]
    texte = repr([queries.list_valeurs(cur, lecteur, i) for i in ("I1", "I2")] + queries.list_connues(cur, lecteur, "mesure")
                 + queries.list_mesures(cur, "essai", "I1", voit_tout=False) + points + list(vues.values())
                 + list(queries.get_detail(cur, lecteur, "I2").points["NORD", ""]))
    assert not list_seen(texte)
    assert all(c in repr(queries.list_connues(cur, vue, "mesure")) for c in CACHES[:4])


def test_a_later_depot_or_a_cancellation_lifts_nothing_and_publication_does(cache: Store) -> None:
    def revise(**champs: Any) -> deposits.BilanDepot:
        return deposer(cache, [fichier("mesure", [{"indicateur": "I1", "territoire": "NORD", "periode": "2022", **champs}])],
                       plan="essai")

    def shown() -> float | None:
        cur = cache.read()
        vue = replace(queries.get_vue(cur, queries.list_plans(cur)[0]), voit_tout=False)
        return next(v.valeur for v in queries.list_valeurs(cur, vue, "I1") if v.territoire == "NORD")

    avant = list_masquees(cache)
    grand = revise(valeur=80000)
    assert shown() is None and avant <= list_masquees(cache)
    cache.write(lambda cur: deposits.cancel(cur, grand.depot, "essai"))
    assert shown() is None and avant <= list_masquees(cache)
    revise(valeur=4421, provenance="publie")
    assert shown() == 4421 and avant <= list_masquees(cache)
    assert not [c.defauts for c in verify(cache) if c.defauts]


LIMITEE = Personne("lea@exemple.fr", "Léa", attributions=(Attribution(Habilitation.DEPOT, "essai", "UDAF"),))


def nord(valeur: object, territoire: str = "NORD", **champs: Any) -> FichierRecu:
    """A file of one value of I1."""
    return fichier("mesure", [{"indicateur": "I1", "territoire": territoire, "periode": "2022", "valeur": valeur, **champs}])


def look(store: Store, recus: list[FichierRecu], personne: Personne = LIMITEE) -> deposits.BilanDepot:
    """The preview of these files for that person."""
    return store.rehearse(lambda cur: access.run_as(
        cur, personne, deposits.import_files, recus, deposits.Demande(plan="essai"), deposits.keep_nothing))


def test_a_preview_tells_no_hidden_old_value(cache: Store) -> None:
    recus = [nord(95000), replace(nord(91000, "EST"), nom="est.csv")]

    def tell(personne: Personne) -> list[tuple[str | None, str | None]]:
        return [(x.avant, x.apres) for x in look(cache, recus, personne).changements if x.colonne == "valeur"]

    assert tell(LOCALE) == [("90000.0", "91000.0"), ("4173.0", "95000.0")]
    assert tell(LIMITEE) == [("90000.0", "91000.0"), ("s.", "95000.0")]
    assert not list_seen(repr(look(cache, recus))), "nor do the anomalies"


@pytest.mark.parametrize("champs", [{}, {"commentaire": "dont 4173 suivis"}, {"supprimer": "oui"}])
def test_a_preview_answers_the_same_to_a_right_guess_and_to_a_wrong_one(cache: Store, champs: dict[str, str]) -> None:
    def answer(essai: str, personne: Personne = LIMITEE) -> str:
        commente = {c: v.replace("4173", essai) for c, v in champs.items()}
        bilan = look(cache, [nord(essai, source="x", **commente)], personne)
        assert personne is LOCALE or (bilan.masquees, bilan.inchangees, bilan.effets) == (1, 0, [])
        return repr(bilan).replace(essai, "?")

    assert answer("4173") == answer("4174")
    assert answer("4173", LOCALE) != answer("4174", LOCALE)


def test_a_right_guess_is_written_like_any_other_value(cache: Store) -> None:
    ecrits = [cache.write(lambda cur, essai=essai: access.run_as(
        cur, LIMITEE, deposits.import_files, [nord(essai)], deposits.Demande(plan="essai"), cache.keep_file))
        for essai in (4173, 4173, 4421)]
    assert [(b.depot, b.modifiees, b.inchangees, b.cellules_changees) for b in ecrits] == [(n, 1, 0, 1) for n in (2, 3, 4)]


def test_the_status_of_a_sum_does_not_bound_its_hidden_part(base: Store) -> None:
    fiche = {"code": "I1", "unite": "enfants", "seuil_secret": 5000, "responsable": "UDAF", "agregation": "somme"}
    territoires = [{"code": "38", "nom": "Isère"}, *({"code": c, "nom": c, "parent": "38"} for c in ("NORD", "SUD"))]
    cibles = [{"indicateur": "I1", "role": r, "date": d, "valeur": v}
              for r, d, v in (("reference", "2019-12-31", 0), ("finale", "2024-12-31", 10000))]
    mesures = [{"indicateur": "I1", "territoire": t, "periode": "2022", "valeur": v} for t, v in (("NORD", 4173), ("SUD", 3391))]
    deposer(base, plan_minimal(territoire=territoires, indicateur=[fiche], cible=cibles, mesure=mesures))
    assert len(look(base, [nord(6609)], LOCALE).effets) == 1
    bilan = look(base, [nord(6609)])
    assert bilan.effets == [] and "secret statistique" in " ".join(bilans.write_effets([], "x", bilan.masquees))


def test_neither_a_cancellation_nor_a_proposal_tells_a_hidden_value(cache: Store) -> None:
    deposer(cache, [nord(4421)], plan="essai")
    annule = cache.rehearse(lambda cur: access.run_as(cur, LIMITEE, deposits.cancel_with_effects, 2, "erreur"))
    assert [(x.avant, x.apres) for x in annule.changements] == [("s.", "s.")] and annule.masquees == 1
    deposer(cache, [fichier("plan", [{"plan": "essai", "departement": "38", "intitule": "Plan", "debut": "2020-01-01",
                                      "fin": "2024-12-31", "validation": "oui"}])])
    propose = deposer(cache, [nord(3391)], plan="essai", auteur="Ana")
    bilan = cache.rehearse(lambda cur: access.run_as(cur, LIMITEE, propositions.rehearse_acceptance, propose.depot))
    assert [(x.avant, x.apres) for x in bilan.changements] == [("s.", "s.")]
    assert not list_seen(repr((annule, bilan)))


def test_the_preview_of_an_acceptance_hides_what_it_would_hide(cache: Store) -> None:
    deposer(cache, [fichier("plan", [{"plan": "essai", "departement": "38", "intitule": "Plan", "debut": "2020-01-01",
                                      "fin": "2024-12-31", "validation": "oui"}])])
    propose = deposer(cache, [nord(3377, "EST")], plan="essai", auteur="Ana")

    def tell(personne: Personne) -> deposits.BilanDepot:
        return cache.rehearse(lambda cur: access.run_as(cur, personne, propositions.rehearse_acceptance, propose.depot))

    assert ("90000.0", "3377.0") in [(x.avant, x.apres) for x in tell(LOCALE).changements]
    bilan = tell(LIMITEE)
    assert [(x.avant, x.apres) for x in bilan.changements] == [("s.", "s.")] and bilan.masquees == 1
    assert "3377" not in repr(bilan) and "sous_seuil_secret" in repr(tell(LOCALE).anomalies)
    assert bilan.anomalies == [], "nor that it is a small number"


@pytest.mark.parametrize("publie", [False, True])
def test_what_moved_lists_a_right_guess_like_a_wrong_one(cache: Store, publie: bool) -> None:
    trace = {"provenance": "publie", "source": "DREES"} if publie else {}

    def tell(essai: int, voit_tout: bool) -> tuple[int, int]:
        store = copier_base(cache, cache.settings.base.with_name(f"{essai}-{voit_tout}"))
        avant = queries.get_vue(store.read(), queries.list_plans(store.read())[0])
        deposer(store, [nord(essai, **trace)], plan="essai")
        cur = store.read()
        vues = [replace(v, voit_tout=voit_tout) for v in (avant, queries.get_vue(cur, queries.list_plans(cur)[0]))]
        return len(list_passages(cur, *vues)), len(list_revisions(cur, vues[1], "I1", "NORD"))

    assert tell(4173, False) == tell(4174, False) == (1, 1)
    assert (tell(4173, True), tell(4174, True)) == ((0, 0), (1, 1))


def test_a_reference_goes_with_the_value_of_its_date(cache: Store) -> None:
    cible = {"indicateur": "I1", "territoire": "NORD", "role": "reference", "date": "2022-12-31"}
    deposer(cache, [fichier("cible", [cible | {"valeur": 4173}])], plan="essai")
    recus = [fichier("cible", [cible | {"valeur": 50}])]

    def tell(*plans: str) -> list[str | None]:
        def essai(cur: queries.Cursor) -> deposits.BilanDepot:
            hide_from(cur, plans)
            return deposits.import_files(cur, recus, deposits.Demande(plan="essai"), deposits.keep_nothing)
        return [x.avant for x in cache.rehearse(essai).changements]

    assert tell() == ["4173.0"] and tell("essai") == ["s."]


def test_history_taken_over_is_hidden_at_every_moment_that_it_shows(base: Store) -> None:
    deposer(base, plan_cache((60000, 70000, 90000)), connu_le=datetime(2023, 1, 1))
    assert ("I1", "NORD", "") not in list_masquees(base)
    deposer(base, [fichier("mesure", [{"indicateur": "I1", "territoire": "NORD", "periode": "2022", "valeur": 3391}])],
            plan="essai", connu_le=datetime(2023, 6, 1))
    cur = base.read()
    for jour, vu in ((date(2023, 3, 1), 60000), (date(2023, 7, 1), None)):
        vue = replace(queries.get_vue(cur, queries.list_plans(cur)[0], connu_au=jour), voit_tout=False)
        assert next(v.valeur for v in queries.list_valeurs(cur, vue, "I1") if v.territoire == "NORD") == vu


def test_the_command_line_reads_as_a_reader_without_the_right(cache: Store, cli: Any) -> None:
    _, tout, _ = cli("status", "--territoires")
    _, masque, _ = cli("status", "--territoires", "--masque")
    assert "4173" in repr(tout) and not list_seen(repr(masque))
    _, texte, _ = cli("status", "--territoires", "--masque", texte=True)
    assert sum(" s." in ligne for ligne in texte.splitlines()) == sum(x["realise"] is None for x in masque) - sum(
        x["realise"] is None for x in tout) > 0


# -- pages ---------------------------------------------------------------------------------------------------------------


AUTRES = {("NORD", ""): 4000, ("SUD", ""): 3564, ("38", "filles"): 2100, ("38", "0-5 ans"): 41000}  # the same total


@pytest.fixture(scope="module")
def jumelles(modele_cache: Store, tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, Store]:
    """Two bases that differ by what is hidden only: every hidden value is another one."""
    dossier = tmp_path_factory.mktemp("jumelles")
    une = copier_base(modele_cache, dossier / "une")
    deposer(une, [nord(4421)], plan="essai")
    autre = copier_base(une, dossier / "autre")

    def change(cur: queries.Cursor) -> None:
        for (territoire, ventilation), valeur in AUTRES.items():
            cur.execute("""update mesure set valeur = $3 + 10 * depot_id, commentaire = if(commentaire is null, null, $3::int)
                where indicateur = 'I1' and territoire = $1 and ventilation = $2""", [territoire, ventilation, valeur])
        cur.execute("update mesure set numerateur = 2500, denominateur = 61000 where indicateur = 'I2' and territoire = 'NORD'")
        rebuild_derived(cur, None)

    une.write(lambda cur: rebuild_derived(cur, None))  # the number of the version is in what the pages send
    autre.write(change)
    assert list_masquees(une) == list_masquees(autre) != set()
    vraies = [{m.valeur for m in queries.list_mesures(x.read(), "essai", "I1")} for x in (une, autre)]
    assert vraies[0] & vraies[1] == {90000, 4173 + 3391 + 90000}, "who sees all tells them apart"
    return une, autre


@pytest.mark.parametrize("page", PAGES)
def test_no_page_depends_on_a_hidden_figure(jumelles: tuple[Store, Store], page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it shows, writes, draws or describes: the same to the letter when the hidden values are others."""
    monkeypatch.setattr(Acces, "voit_tout", lambda self, plan: False)
    vus = [see(page, store, monkeypatch) for store in jumelles]
    assert vus[0] == vus[1]
    assert not [c for c in CACHES if c in re.sub(EMPREINTE, "", vus[0])]
    assert "bdata" not in vus[0], "numbers packed in base 64 would escape the eye"
    if page == "indicateur":
        assert ">s.</abbr>" in vus[0] and "secret statistique" in vus[0]


def test_neither_a_query_nor_a_template_depends_on_a_hidden_figure(jumelles: tuple[Store, Store]) -> None:
    def ask(store: Store) -> str:
        cur = store.read()
        (plan,) = queries.list_plans(cur)
        lignes = queries.list_lignes(cur, replace(queries.get_vue(cur, plan), voit_tout=False), True)
        assert [x for x in lignes if x.masque]
        return repr((lignes, get_besoins(cur, plan, Destinataire(), plan.fin)))

    une, autre = map(ask, jumelles)
    assert une == autre


def see(page: str, store: Store, monkeypatch: pytest.MonkeyPatch) -> str:
    """All that the browser is sent of that page, its tables and forms opened; without the spaces that do not break."""
    monkeypatch.setenv("INDICATORS_BASE", str(store.settings.base))
    donnees.open_store.cache_clear()
    donnees._read.cache_clear()
    vu = []
    for adresse in ({"code": "I1"}, {"code": "I2"}) if page == "indicateur" else ({"depot": "2"},):
        at = ouvrir(page, deplie=True, **adresse)
        for cle in ("corriger_I1", "annuler_2", "fichiers_2"):
            at.session_state[cle] = True
        sain(at.run())
        vu += [MessageToString(e.proto, as_utf8=True) for bloc in (at.main, at.sidebar) for e in bloc if e.proto is not None]
    return re.sub(r"[\u202f\u00a0]", "", "\n".join(vu))
