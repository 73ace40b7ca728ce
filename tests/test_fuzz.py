"""Anything at all, sent by anyone: it is read or refused in words, it never writes on a rehearsal, and a refusal changes nothing.

Reading takes thousands of cases, cheap ones; the whole way of an import takes hundreds. `make test-long` runs each law ten times.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import os
import re
import shutil
import zipfile
from collections.abc import Sequence
from datetime import date
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators import cli as ligne_de_commande
from indicators import deposits
from indicators.errors import ErreurMetier
from indicators.reading import FichierRecu, read_tableaux
from indicators.settings import RACINE
from indicators.store import Store
from indicators.tables import DATE, ENTIER, HORODATAGE, NOMBRE, OUI_NON, RACCOURCIS, TABLES, TEXTE, TRACE, Colonne
from indicators.verification import verify
from tests.conftest import copier_base, deposer, plan_minimal
from tests.test_reading import FEUILLE, SIMPLE, assert_nothing_lost, read, rewritten, workbook

pytestmark = pytest.mark.timeout(600)  # many cases in one test: on a busy machine, longer than any other
FOIS = pytest.mark.parametrize("passage", [0, *(pytest.param(n, marks=pytest.mark.long) for n in range(1, 10))])
CAS = RACINE / "tests" / "cases"
TEXTES = [f.read_bytes() for d in ("messy", "anomalies") for f in sorted((CAS / d).iterdir()) if f.suffix in (".csv", ".txt")]
CLASSEURS = [
    workbook(mesure=SIMPLE),
    workbook(a=[["indicateur", 2021, 2022], ["I1", "=1+1", "x"]], b=SIMPLE),
    *(f.read_bytes() for f in sorted((CAS / "anomalies").glob("*.xlsx"))),
]

MOTS = st.sampled_from([
    "indicateur", "Code", "periode", "valeur", "2021", "T1 2022", "Total", "n.d.", "", "I1", "38", "12,5", "Cible 2024",
    "Source : x", "numérateur", '"', "a\nb", "é", "territoire", "action", "intitule", "sep=;", "#N/A",
])  # fmt: skip
CELLULES = st.one_of(MOTS, st.text(max_size=8))
NOMS = st.sampled_from([None, "mesure", "action", "cible", "plan"])

# Cells as people and machines write them, then as nobody should.
VALEURS = st.one_of(
    st.sampled_from([
        "I1", "I2", "i1", "I9", "E1", "38", "O1", "A1", "essai", "autre", "2021", "2022", "T1 2021", "S2 2020", "2021-03", "oui",
        "2021/2022", "31/12/2022", "2024-12-31", "44926", "12", "1 234,5", "1\u00a0234,5", "12,5 %", "3\u202f€", "-4", "n.d.",
        "s.", "NR", "<5", "…", "#N/A", "#DIV/0!", "12 (p)", "finale", "reference", "jalon", "atteindre", "stock", "pilote",
        "secret", "definitif", "publie", "illustratif", "realisee", "places", "", "", "",
    ]),
    st.sampled_from([
        "NaN", "inf", "-0", "1e308", "1e309", "9" * 400, "1e-400", "0x1F", "１２", "٣", "²", "1_000", "--5", "1,2,3", "0000",
        "9999", "10000", "99999", "T1 9999", "9999-12", "0001-01-01", "31/12/9999", "29/02/2021", "31/12/0000", "294247-01-10",
        "5874898-01-01", "2021-02-30 25:61:61", "9999/10000", "S2 9999", "69999", "20000", "2147483648", "=1+1", "@x", "+33", "'",
        '"', "a;b", "a\nb", "\r", "\t", "\u202eI1", "I1\u200b", "\ufeff", "e\u0301", "\U0001f600", "x" * 5000, "{}", "{valeur}",
        "%s", "$plan", "I1|38", "'; drop table mesure; --", "\\", "\x7f", "\x85", "\u2028", "NULL", "nan", "Infinity", "1970",
    ]),
    st.text(max_size=6),
)  # fmt: skip


def to_csv(lignes: Sequence[Sequence[str]], sep: str = ";") -> str:
    """These cells as the text of a CSV file."""
    tampon = io.StringIO(newline="")
    csv.writer(tampon, delimiter=sep).writerows(lignes)
    return tampon.getvalue()


# -- reading -------------------------------------------------------------------------------------------------------------


@FOIS
@given(contenu=st.binary(max_size=300), table=NOMS)
@settings(max_examples=1500, deadline=None)
def test_any_bytes_are_read_or_refused(passage: int, contenu: bytes, table: str | None) -> None:
    assert_nothing_lost(read("x.csv", contenu, table))


@FOIS
@given(
    grille=st.lists(st.lists(CELLULES, max_size=6), max_size=12),
    table=NOMS,
    sep=st.sampled_from(";,\t|"),
    encodage=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    regulier=st.booleans(),
)
@settings(max_examples=500, deadline=None)
def test_any_grid_is_read_without_losing_a_row(
    passage: int, grille: list[list[str]], table: str | None, sep: str, encodage: str, regulier: bool
) -> None:
    if regulier:
        grille = [[*ligne, *[""] * 6][:6] for ligne in grille]
    t = read("x.csv", to_csv(grille, sep).encode(encodage, "replace"), table)
    assert_nothing_lost(t)
    assert t.lignes or t.anomalies


MORCEAUX = st.sampled_from([
    b"\x00", b"\xef\xbb\xbf", b"\xff\xfe", b'"', b'""', b";", b";;;;;;", b"\t", b"|", b",", b"\r", b"\n", b"\r\n\r\n", b"\x1a",
    b"\x0b", b"\x85", b"\x80", b"\x81", b"\xa0", b"\xc3", b"\xc3\xa9", b"\xe9", b"\xe2\x80\xae", b"\xc2\xa0", b"\xe2\x80\xaf",
    b"sep=,\r\n", b"Total;;;\r\n", b"=1+1", b"x" * 12_000, b"x" * 140_000, b";" * 300, b"\n" * 50, b"%PDF-1.7", b"PK\x03\x04",
])  # fmt: skip
PLACES = st.floats(0, 1, exclude_max=True)
COUPS = st.one_of(
    st.tuples(st.just("ajoute"), PLACES, MORCEAUX),
    st.tuples(st.just("remplace"), PLACES, st.binary(min_size=1, max_size=3)),
    st.tuples(st.just("retire"), PLACES, st.integers(1, 40)),
    st.tuples(st.just("repete"), PLACES, st.integers(1, 400)),
    st.tuples(st.just("coupe"), PLACES, st.none()),
    st.tuples(st.just("change"), st.sampled_from([b";", b",", b"\r\n", b"\n", b'"', b"."]),
              MORCEAUX.filter(lambda m: len(m) < 4)),
)


def damage(contenu: bytes, coups: Sequence[tuple[str, Any, Any]]) -> bytes:
    """The same bytes after these accidents."""
    for nom, ou, quoi in coups:
        if nom == "change":
            contenu = contenu.replace(ou, quoi)
            continue
        place = int(ou * len(contenu))
        avant, apres = contenu[:place], contenu[place:]
        match nom:
            case "ajoute":
                contenu = avant + quoi + apres
            case "remplace":
                contenu = avant + quoi + apres[len(quoi):]
            case "retire":
                contenu = avant + apres[quoi:]
            case "repete":
                contenu = avant + apres[:quoi] + apres
            case "coupe":
                contenu = avant
    return contenu


@st.composite
def accidents(draw: st.DrawFn) -> bytes:
    """A file of an office, in the encoding it came in or in another one, after one accident or a few."""
    contenu = draw(st.sampled_from(TEXTES))
    if draw(st.booleans()):
        texte = contenu.decode("utf-8" if b"\xc3" in contenu else "cp1252", "replace")
        contenu = texte.encode(draw(st.sampled_from(["cp1252", "utf-8", "utf-8-sig", "utf-16", "mac-roman"])), "replace")
    return damage(contenu, draw(st.lists(COUPS, min_size=1, max_size=4)))


@FOIS
@given(contenu=accidents(), table=NOMS)
@settings(max_examples=1000, deadline=None)
def test_any_accident_of_a_real_file_is_read_or_refused(passage: int, contenu: bytes, table: str | None) -> None:
    for t in read_tableaux(FichierRecu("valeurs 2022.csv", contenu), table):
        assert_nothing_lost(t)
        assert t.lignes or t.anomalies
        assert all(a.message and "{" not in a.conseil for a in t.anomalies)


@FOIS
@given(
    contenu=st.sampled_from(CLASSEURS),
    places=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=20),
    coupe=st.integers(0, 6000),
)
@settings(max_examples=200, deadline=None)
def test_any_damaged_workbook_is_read_or_refused(
    passage: int, contenu: bytes, places: list[tuple[int, int]], coupe: int
) -> None:
    abime = bytearray(contenu[:-coupe] if coupe > 3000 else contenu)
    for place, octet in places:
        abime[place % max(len(abime), 1) : place % max(len(abime), 1) + 1] = bytes([octet])
    for t in read_tableaux(FichierRecu("x.xlsx", bytes(abime))):
        assert_nothing_lost(t)


@FOIS
@given(contenu=st.sampled_from(CLASSEURS), rang=st.integers(0, 20), coups=st.lists(COUPS, min_size=1, max_size=3))
@settings(max_examples=150, deadline=None)
def test_any_damaged_part_of_a_workbook_is_read_or_refused(
    passage: int, contenu: bytes, rang: int, coups: list[tuple[str, Any, Any]]
) -> None:
    tampon = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(contenu)) as lu, zipfile.ZipFile(tampon, "w", zipfile.ZIP_DEFLATED) as ecrit:
        for n, nom in enumerate(lu.namelist()):
            ecrit.writestr(nom, damage(lu.read(nom), coups) if n == rang % len(lu.namelist()) else lu.read(nom))
    for t in read_tableaux(FichierRecu("x.xlsx", tampon.getvalue())):
        assert_nothing_lost(t)


@FOIS
@given(texte=st.text(alphabet='<>/="crvft sA1!&#;x', max_size=80))
@settings(max_examples=150, deadline=None)
def test_any_sheet_is_read_or_refused(passage: int, texte: str) -> None:
    for t in read_tableaux(FichierRecu("x.xlsx", rewritten(CLASSEURS[0], FEUILLE, "</sheetData>", texte + "</sheetData>"))):
        assert_nothing_lost(t)


@FOIS
@given(
    grille=st.lists(
        st.lists(
            st.one_of(
                CELLULES.map(lambda c: re.sub(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]", "", c)),
                st.integers(),
                st.floats(allow_nan=False, allow_infinity=False),
                st.booleans(),
                st.none(),
                st.dates(min_value=date(1900, 3, 1)),
            ),
            max_size=6,
        ),
        max_size=8,
    ),
    table=NOMS,
)
@settings(max_examples=150, deadline=None)
def test_any_workbook_is_read_without_losing_a_row(passage: int, grille: list[list[Any]], table: str | None) -> None:
    for t in read_tableaux(FichierRecu("x.xlsx", workbook(Feuille=grille)), table):
        assert_nothing_lost(t)
        assert t.lignes or t.anomalies


# -- the whole way of an import ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def plan(modele_base: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A base with one plan and a few values."""
    store = copier_base(modele_base, tmp_path_factory.mktemp("fuzz") / "base")
    deposer(store, plan_minimal(
        indicateur=[{"code": "I1", "unite": "%", "borne_min": 0, "borne_max": 100}, {"code": "I2"},
                    {"code": "E1", "unite": "k€", "nature": "taux", "periodicite": "trimestrielle"}],
        partenaire=[{"code": "P1", "nom": "Maison"}], seance=[{"code": "S1", "date": "2022-06-30"}],
        cible=[{"indicateur": "I1", "role": "finale", "date": "2024-12-31", "valeur": 80}],
        mesure=[{"indicateur": "I1", "periode": 2020, "valeur": 40, "provenance": "publie"},
                {"indicateur": "I2", "periode": 2020, "valeur": 7}]))
    return store


def state(store: Store) -> dict[str, str]:
    """Every file of the base with its SHA-256: versions, fingerprints, received files."""
    base = store.settings.base
    return {f.relative_to(base).as_posix(): hashlib.sha256(f.read_bytes()).hexdigest()
            for f in sorted(base.rglob("*")) if f.is_file() and f.name != "verrou"}


PLAUSIBLES = {
    "plan": ("", "essai"), "territoire": ("", "38"), "ventilation": ("", "filles"), "indicateur": ("I1", "I2", "E1"),
    "orientation": ("O1",), "action": ("A1",), "partenaire": ("P1",), "pilote": ("", "P1", "Maison"), "seance": ("S1",),
    "periode": ("2020", "2021", "T1 2021", "2022-03", "31/12/2022"), "code": ("I1", "O1", "A1", "P1", "N1", "N2"),
    NOMBRE: ("12", "40", "1 234,5", "0", "", "n.d."), ENTIER: ("1", "2020", ""), DATE: ("2020-12-31", "31/12/2024", "2022-06-30"),
    OUI_NON: ("", "non", "non", "oui"), HORODATAGE: ("", "2022-01-01 10:00:00"), TEXTE: ("x", "Libellé", ""),
}  # fmt: skip


def plausible(colonne: Colonne) -> tuple[str, ...]:
    """Cells that this column may hold."""
    if colonne.choix is not None:
        return ("", *(m.value for m in colonne.choix))
    return PLAUSIBLES.get(colonne.nom) or PLAUSIBLES[colonne.type]


@st.composite
def tableaux(draw: st.DrawFn) -> FichierRecu:
    """A file of one table, filled with care or without: columns missing, strange or twice there, and any cells below."""
    table = draw(st.sampled_from([t for t in TABLES.values() if t.importable] + [TABLES["mesure"]] * 12))
    connues = {c.nom: c for c in (*table.colonnes, *RACCOURCIS.get(table.nom, ()), *TRACE)}
    colonnes = draw(st.lists(st.sampled_from([*connues, "2021", "T3 2022"] if table.nom == "mesure" else [*connues]), max_size=3))
    soin = draw(st.sampled_from((10, 10, 9, 5)))  # cells out of ten that are plausible
    if soin > 5:
        requises = ["indicateur", "periode", "valeur"] if table.nom == "mesure" else [c.nom for c in table.colonnes if c.requise]
        colonnes = list(dict.fromkeys([*requises, *colonnes]))
    else:
        colonnes.append(draw(VALEURS))
    permises = [plausible(connues.get(c, TABLES["mesure"].colonne("valeur"))) for c in colonnes]
    lignes = [[draw(st.sampled_from(p) if draw(st.integers(0, 9)) < soin else VALEURS) for p in permises]
              for _ in range(draw(st.integers(1, 8)))]
    return FichierRecu(f"{table.nom}.csv", to_csv([colonnes, *lignes]).encode("utf-8", "replace"))


RECUS = st.one_of(tableaux(), tableaux(), tableaux(), accidents().map(lambda c: FichierRecu("mesure.csv", c)))
DEMANDES = st.builds(deposits.Demande, plan=st.sampled_from([None, *["essai"] * 6, "inconnu"]),
                     lignes_valides=st.booleans(), remplace=st.sampled_from([False, False, False, True]),
                     motif=st.sampled_from([None, "", "relance"]), motif_exige=st.booleans())


@FOIS
@given(recus=st.lists(RECUS, min_size=1, max_size=2), demande=DEMANDES)
@settings(max_examples=60, deadline=None)
def test_a_rehearsal_answers_in_words_and_writes_nothing(
    passage: int, plan: Store, recus: list[FichierRecu], demande: deposits.Demande
) -> None:
    avant = state(plan)
    with contextlib.suppress(ErreurMetier):
        bilan = plan.rehearse(lambda cur: deposits.import_files(cur, recus, demande, deposits.keep_nothing))
        assert all(a.message and "{" not in re.sub("«.*»", "", a.message) for a in bilan.anomalies)
        if {f["table"] for f in bilan.fichiers} == {"mesure"}:
            assert bilan.lues == bilan.nouvelles + bilan.modifiees + bilan.inchangees + bilan.retirees + bilan.rejetees
    assert state(plan) == avant


@FOIS
@given(recu=RECUS, demande=DEMANDES)
@settings(max_examples=15, deadline=None)
def test_a_refusal_leaves_the_base_as_it_was_and_a_depot_leaves_it_sound(
    passage: int, plan: Store, tmp_path_factory: pytest.TempPathFactory, recu: FichierRecu, demande: deposits.Demande
) -> None:
    dossier = tmp_path_factory.mktemp("ecrit")
    store = copier_base(plan, dossier / "base")
    avant, ecrit = state(store), None
    with contextlib.suppress(ErreurMetier):
        ecrit = store.write(lambda cur: deposits.import_files(cur, [recu], demande, store.keep_file)).depot
    if ecrit is None:
        assert state(store) == avant
    else:
        assert state(store).items() >= avant.items(), "a version or a received file has changed"
        assert not passage or [c.nom for c in verify(store) if c.defauts] == []  # rebuilds everything: for the long run
    shutil.rmtree(dossier)


@FOIS
@given(
    recu=RECUS,
    nom=st.sampled_from(["mesure.csv", "Valeurs 2022 (1).CSV", "x.xlsx", "données é.txt", "sans_extension"]),
    options=st.lists(st.sampled_from([
        "--lignes-valides", "--remplace", "--plan=essai", "--plan=", "--table=mesure", "--table=plan", "--motif=x",
        "--connu-le=2021-01-01", "--connu-le=2999-01-01", "--connu-le=hier",
    ]), max_size=3),
    texte=st.booleans(),
)
@settings(max_examples=15, deadline=None)
def test_the_command_line_never_shows_a_traceback(
    passage: int, plan: Store, tmp_path_factory: pytest.TempPathFactory, recu: FichierRecu, nom: str, options: list[str],
    texte: bool
) -> None:
    fichier = tmp_path_factory.mktemp("recu") / nom
    fichier.write_bytes(recu.contenu)
    avant = state(plan)
    dit, erreur = io.StringIO(), io.StringIO()
    with (mock.patch.dict(os.environ, {"INDICATORS_BASE": str(plan.settings.base)}),
          contextlib.redirect_stdout(dit), contextlib.redirect_stderr(erreur)):
        code = ligne_de_commande.main(["import", str(fichier), "--essai", *options, *([] if texte else ["--json"])])
    assert code in (0, 1, 2)
    assert (dit.getvalue() or erreur.getvalue()) if texte else isinstance(json.loads(dit.getvalue()), dict)
    assert state(plan) == avant
