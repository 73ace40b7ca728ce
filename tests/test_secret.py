"""Statistical secrecy, judged by an attacker that searches everything: naive masking falls, ours holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import product
from random import Random

import pytest

from indicators.secrecy import Cellule, Decision, Famille, Taux, decide
from tests.attaquant import Affichage, Incompatible, TauxMontre, arrondir, intervalles, largeur

SEUIL = 5
Tableau = tuple[list[Cellule], list[Famille]]


# -- tables --------------------------------------------------------------------------------------------------------------


def liste(r: Random, publies: float = 0.0) -> Tableau:
    """One total and its parts, as a territory level gives them; the total of the département is never hidden for itself."""
    valeurs = [r.choice([r.randint(0, 9), r.randint(0, 40)]) for _ in range(r.randint(2, 7))]
    parties = [Cellule(rang, v, SEUIL, publie=r.random() < publies) for rang, v in enumerate(valeurs)]
    return ([*parties, Cellule("total", sum(valeurs), SEUIL, sensible=False, publie=r.random() < publies)],
            [Famille("total", tuple(range(len(valeurs))))])


def croise(r: Random, publies: float = 0.0) -> Tableau:
    """Territories by breakdown, with both margins: each cell belongs to two sums, each margin as well."""
    lignes, colonnes = range(r.randint(2, 3)), range(r.randint(2, 3))
    valeurs = {(i, j): r.choice([r.randint(0, 6), r.randint(0, 25)]) for i in lignes for j in colonnes}
    comptes = dict(valeurs) | {("territoire", i): sum(valeurs[i, j] for j in colonnes) for i in lignes}
    comptes |= {("modalite", j): sum(valeurs[i, j] for i in lignes) for j in colonnes}
    cellules = [Cellule(cle, v, SEUIL, publie=r.random() < publies) for cle, v in comptes.items()]
    return ([*cellules, Cellule("total", sum(valeurs.values()), SEUIL, sensible=False, publie=r.random() < publies)],
            [*(Famille(("territoire", i), tuple((i, j) for j in colonnes)) for i in lignes),
             *(Famille(("modalite", j), tuple((i, j) for i in lignes)) for j in colonnes),
             Famille("total", tuple(("territoire", i) for i in lignes)),
             Famille("total", tuple(("modalite", j) for j in colonnes))])


def naif(cellules: Iterable[Cellule]) -> frozenset:
    """What a tool hides that only looks at the threshold."""
    return frozenset(c.cle for c in cellules if c.sensible and not c.publie and c.valeur is not None and c.valeur < c.seuil)


def montrer(tableau: Tableau, masquees: Iterable, taux: Iterable[Taux] = ()) -> Affichage:
    """All that is read on the screen once these keys are hidden."""
    cellules, familles = tableau
    masquees = set(masquees)
    return Affichage({c.cle: c.valeur for c in cellules if c.valeur is not None and c.cle not in masquees},
                     tuple((f.total, f.parties) for f in familles),
                     tuple(TauxMontre(t.numerateur, t.denominateur, t.facteur, t.decimales, t.valeur) for t in taux))


def trahies(tableau: Tableau, masquees: Iterable, taux: Iterable[Taux] = ()) -> set:
    """Hidden keys whose interval the attacker finds narrower than their threshold."""
    seuils = {c.cle: c.seuil for c in tableau[0]}
    trouves = intervalles(montrer(tableau, masquees, taux))
    return {cle for cle in masquees if cle in trouves and largeur(trouves[cle]) < seuils[cle]}


def connus_de_tous(tableau: Tableau) -> list:
    """Every key that could be hidden: the attacker keeps only what is published or was shown."""
    return [c.cle for c in tableau[0] if c.valeur is not None and not c.publie and not c.montre]


# -- the attacker --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fabrique", ["liste", "croise", "taux"])
def test_the_attacker_finds_exactly_what_a_full_enumeration_finds(fabrique: str) -> None:
    r = Random(7)
    for _ in range(60):
        if fabrique == "croise":
            cles = [(i, j) for i in range(2) for j in range(2)]
            sommes = (("a", cles[:2]), ("b", cles[2:]), ("c", cles[::2]), ("d", cles[1::2]))
        else:
            cles = list(range(r.randint(2, 4)))
            sommes = (("total", cles),)
        sommes = tuple((total, tuple(parties)) for total, parties in sommes)
        vrai = {cle: r.randint(0, 4) for cle in cles}
        vrai |= {total: sum(vrai[p] for p in parties) for total, parties in sommes}
        visibles = {cle: v for cle, v in vrai.items() if cle not in cles or r.random() < 0.3}
        taux = (TauxMontre(0, 7, 100, 0, arrondir(vrai[0], 7, 100, 0)),) if fabrique == "taux" else ()
        vu = Affichage(visibles, sommes, taux)
        mondes = []
        for essai in product(range(max(vrai.values()) + 1), repeat=len(cles)):
            monde = dict(zip(cles, essai, strict=True))
            monde |= {total: sum(monde[p] for p in parties) for total, parties in sommes}
            if all(monde[cle] == v for cle, v in visibles.items()) and all(
                    arrondir(monde[t.numerateur], t.denominateur, t.facteur, t.decimales) == t.valeur for t in taux):
                mondes.append(monde)
        attendu = {cle: (min(m[cle] for m in mondes), max(m[cle] for m in mondes)) for cle in vrai if cle not in visibles}
        assert intervalles(vu) == attendu


def test_the_attacker_sees_no_limit_where_there_is_none_and_no_table_where_there_is_none() -> None:
    assert intervalles(Affichage({"a": 7}, (("total", ("a", "b")),))) == {"b": (0, None), "total": (7, None)}
    with pytest.raises(Incompatible):
        intervalles(Affichage({"total": 3, "a": 7}, (("total", ("a", "b")),)))


# -- naive masking falls, ours holds -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("fabrique", "nombre"), [(liste, 3000), (croise, 100)])
def test_naive_masking_is_broken_more_than_half_of_the_time_and_ours_never(fabrique: Callable[[Random], Tableau],
                                                                           nombre: int) -> None:
    r = Random(1)
    brise = total = 0
    for _ in range(nombre):
        tableau = fabrique(r)
        if not (petites := naif(tableau[0])):
            assert decide(*tableau) == Decision(frozenset(), frozenset())
            continue
        total += 1
        brise += bool(trahies(tableau, petites))
        decision = decide(*tableau)
        assert petites <= decision.masquees and not decision.exposees
        assert not trahies(tableau, decision.masquees), tableau
    assert brise > total / 2


@pytest.mark.parametrize(("fabrique", "nombre"), [(liste, 1500), (croise, 100)])
def test_published_values_are_never_hidden_and_known_to_the_attacker(fabrique: Callable[[Random, float], Tableau],
                                                                     nombre: int) -> None:
    r = Random(2)
    exposees = 0
    for _ in range(nombre):
        tableau = fabrique(r, 0.3)
        decision = decide(*tableau)
        assert not decision.masquees & {c.cle for c in tableau[0] if c.publie}
        assert naif(tableau[0]) <= decision.masquees
        assert trahies(tableau, decision.masquees) <= decision.exposees, tableau
        perdues = trahies(tableau, connus_de_tous(tableau))
        assert decision.exposees <= perdues, "given back by what is published, whatever is hidden"
        exposees += len(decision.exposees)
    assert exposees


def test_a_published_rate_bounds_its_numerator() -> None:
    r = Random(3)
    brise = total = 0
    for _ in range(400):
        cellules, familles = liste(r)
        taux = []
        for c in cellules[:-1]:
            if r.random() < 0.3 and c.valeur is not None:
                denominateur, decimales = r.choice([60, 800, 5000]), r.choice([0, 1])
                taux.append(Taux(c.cle, denominateur, 100, decimales, arrondir(c.valeur, denominateur, 100, decimales)))
        tableau = (cellules, familles)
        if not taux or not (petites := naif(cellules)):
            continue
        total += 1
        brise += bool(trahies(tableau, petites, taux))
        decision = decide(*tableau, taux)
        assert trahies(tableau, decision.masquees, taux) <= decision.exposees
        assert decision.exposees <= trahies(tableau, connus_de_tous(tableau), taux)
    assert total > 100 and brise > total / 2


def test_a_value_that_nobody_gave_is_unknown_to_the_attacker_too() -> None:
    r = Random(4)
    for _ in range(600):
        cellules, familles = liste(r)
        tableau = ([replace(c, valeur=None) if r.random() < 0.25 else c for c in cellules], familles)
        decision = decide(*tableau)
        assert not decision.exposees and not trahies(tableau, decision.masquees)
        assert not decision.masquees & {c.cle for c in tableau[0] if c.valeur is None}


def test_without_a_known_total_nothing_more_than_the_small_counts_is_hidden() -> None:
    cellules = [Cellule("nord", 3), Cellule("sud", 30), Cellule("974", None, sensible=False)]
    assert decide(cellules, [Famille("974", ("nord", "sud"))]).masquees == {"nord"}


# -- the steps of the rule, by hand --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("valeurs", "masquees"),
    [
        ([12, 20, 30], ""),
        ([3, 12, 30, 40], "ab"),       # the small one and the next smallest
        ([0, 12, 30, 40], "ab"),       # a zero is a small count like the others
        ([3, 4, 30, 40], "ab"),        # 7 to share: two small ones protect each other
        ([1, 2, 30, 40], "abcd"),      # 3 to share is not enough, and the next smallest is the third: all
        ([3, 7, 8, 40], "abcd"),       # 8 left visible would tell that the other two are smaller: all
        ([3, 40], "ab"),
        ([2, 1], "abt"),               # even all of them leave 0 to 3: the total too
    ],
)
def test_what_one_family_hides(valeurs: list[int], masquees: str) -> None:
    noms = tuple("abcd"[:len(valeurs)])
    cellules = [*map(Cellule, noms, valeurs), Cellule("t", sum(valeurs), sensible=False)]
    assert decide(cellules, [Famille("t", noms)]).masquees == set(masquees)


def test_the_two_terms_of_a_rate_are_hidden_together_and_protected_apart() -> None:
    def rang(nom: str, n: int, d: int, sensible: bool = True) -> list[Cellule]:
        return [Cellule((nom, "n"), n, sensible=sensible, ligne=nom), Cellule((nom, "d"), d, sensible=sensible, ligne=nom)]

    cellules = [*rang("nord", 3, 60), *rang("sud", 20, 70), *rang("est", 30, 90), *rang("974", 53, 220, sensible=False)]
    familles = [Famille(("974", t), tuple((nom, t) for nom in ("nord", "sud", "est"))) for t in "nd"]
    decision = decide(cellules, familles)
    assert decision.masquees == {("nord", "n"), ("nord", "d"), ("sud", "n"), ("sud", "d")}
    assert not trahies((cellules, familles), decision.masquees)


def test_hiding_in_one_family_forces_the_other() -> None:
    familles = [Famille("filles", ("f1", "f2")), Famille("garcons", ("g1", "g2")), Famille("nord", ("f1", "g1")),
                Famille("sud", ("f2", "g2"))]
    comptes = {"f1": 3, "f2": 30, "g1": 20, "g2": 40, "filles": 33, "garcons": 60, "nord": 23, "sud": 70}
    assert decide([Cellule(cle, v) for cle, v in comptes.items()], familles).masquees == {"f1", "f2", "g1", "g2"}


# -- two dates -----------------------------------------------------------------------------------------------------------


def redeposer(r: Random, avant: Tableau, masquees: frozenset) -> Tableau:
    """The same family after a later dépôt: some parts revised. Both displays together, as the attacker remembers them."""
    cellules, (famille,) = avant
    anciennes = [replace(c, montre=c.cle not in masquees, sensible=False) for c in cellules]
    parties, nouvelles = [], []
    for c in anciennes[:-1]:
        if r.random() < 0.35:
            nouvelles.append(Cellule((c.cle, "revise"), r.choice([r.randint(0, 9), r.randint(0, 40)]), SEUIL))
            parties.append(nouvelles[-1])
        else:
            parties.append(c)
    if not nouvelles:
        return anciennes, [famille]
    somme = Cellule(("total", "revise"), sum(c.valeur or 0 for c in parties), SEUIL, sensible=False)
    return [*anciennes, *nouvelles, somme], [famille, Famille(somme.cle, tuple(c.cle for c in parties))]


def test_a_revised_table_seen_before_and_after_gives_nothing_back() -> None:
    brise = oublis = total = 0
    for graine in range(800):
        tableau = liste(Random(graine))
        premiere = decide(*tableau)
        ensemble = redeposer(Random(graine), tableau, premiere.masquees)
        seconde = decide(*ensemble, deja=premiere.masquees)
        assert premiere.masquees <= seconde.masquees, "never lifted by a later dépôt"
        assert not trahies(ensemble, seconde.masquees - seconde.exposees), ensemble
        assert seconde.exposees <= trahies(ensemble, connus_de_tous(ensemble))

        petites = naif(tableau[0])
        naivement = redeposer(Random(graine), tableau, petites)
        masquees = petites | naif(naivement[0])
        total += bool(masquees)
        brise += bool(masquees) and bool(trahies(naivement, masquees))

        apres, cellules = ensemble[1][-1], {c.cle: c for c in ensemble[0]}
        actuelles = (*apres.parties, apres.total)
        seule = decide([replace(cellules[cle], montre=False, sensible=cle != apres.total) for cle in actuelles], [apres])
        gardees = {cle for cle, c in cellules.items() if not c.montre and (cle in seule.masquees or cle not in actuelles)}
        oublis += bool(trahies(ensemble, gardees))
    assert brise > total / 2
    assert oublis, "without the memory of what was shown, the same rule falls"


def test_the_same_depot_again_hides_the_same() -> None:
    r = Random(6)
    for _ in range(300):
        tableau = liste(r)
        decision = decide(*tableau)
        assert decide(*tableau, deja=decision.masquees) == decision


def test_a_hidden_count_that_grows_stays_hidden_and_a_published_one_comes_back() -> None:
    cellules = [Cellule("a", 25), Cellule("b", 20), Cellule("c", 30), Cellule("t", 75, sensible=False)]
    famille = [Famille("t", ("a", "b", "c"))]
    assert decide(cellules, famille, deja={"a", "b"}).masquees == {"a", "b"}
    assert decide([replace(cellules[0], publie=True), *cellules[1:]], famille, deja={"a", "b"}).masquees == {"b", "c"}


def test_a_value_already_shown_protects_nothing() -> None:
    cellules = [Cellule("a", 3), Cellule("b", 20, montre=True), Cellule("c", 30), Cellule("t", 53, sensible=False)]
    assert decide(cellules, [Famille("t", ("a", "b", "c"))]).masquees == {"a", "c"}


# -- one who knows the rule ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("parties", "plus_grand", "seuil"), [(2, 14, 3), (3, 11, 3), (4, 8, 3)])
def test_knowing_the_rule_tells_no_more_than_the_small_count_itself(parties: int, plus_grand: int, seuil: int) -> None:
    """Every table that would have been shown alike leaves each hidden count as many values as there are small ones."""
    vus: dict[tuple, list[tuple[int, ...]]] = {}
    noms = tuple(range(parties))
    for valeurs in product(range(plus_grand + 1), repeat=parties):
        cellules = [Cellule(nom, v, seuil) for nom, v in zip(noms, valeurs, strict=True)]
        masquees = decide([*cellules, Cellule("t", sum(valeurs), seuil, sensible=False)], [Famille("t", noms)]).masquees
        montre = tuple(None if nom in masquees else v for nom, v in zip(noms, valeurs, strict=True))
        vus.setdefault((montre, None if "t" in masquees else sum(valeurs)), []).append(valeurs)
    for (montre, total), mondes in vus.items():
        if total is not None and total > plus_grand:
            continue  # tables with a larger count than those drawn here would look the same
        for nom in noms:
            if montre[nom] is None:
                possibles = [m[nom] for m in mondes]
                assert max(possibles) - min(possibles) + 1 >= seuil, (montre, total, mondes)
