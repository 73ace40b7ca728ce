"""The French writing of numbers, dates and periods."""

from __future__ import annotations

import doctest
import math
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators import formats
from indicators.formats import (
    format_date,
    format_date_longue,
    format_ecart,
    format_horodatage,
    format_nombre,
    format_periode,
    participe,
    pluriel,
    singulier,
    titre,
)
from indicators.ui import components

F, N, M = "\u202f", "\u00a0", "\u2212"


def test_doctests():
    assert doctest.testmod(formats).failed == 0


@pytest.mark.parametrize(
    "attendu, arguments",
    [
        (f"1{F}234,5{F}%", (1234.5, 1, "%")),
        (f"12{F}‰", (12, 0, "‰")),
        (f"105,9{N}M€", (105.9, 1, "M€")),
        (f"{M}3", (-3, 0)),
        ("n. d.", (None, 1, "%")),
        ("n. d.", (float("nan"),)),
        ("n. d.", (float("inf"), 0, "jours")),
        ("3", (2.5, 0)),  # half away from zero, as SQL round: Python's own format says 2
        ("0,29", (0.285, 2)),
        ("0", (-0.4, 0)),
        (f"0{N}enfant", (0, 0, "enfants")),
        (f"1{N}enfant", (1, 0, "enfants")),
        (f"{M}1{N}enfant", (-1, 0, "enfants")),
        (f"1,5{N}jour", (1.5, 1, "jours")),
        (f"2,0{N}jours", (1.96, 1, "jours")),  # agreement follows what is read
        (f"2{N}jours", (2, 0, "jours")),
        (f"1{N}assistant familial", (1, 0, "assistants familiaux")),
        (f"1{N}mesure d’AEMO renforcée", (1, 0, "mesures d’AEMO renforcée")),
        (f"1{N}ETP", (1, 0, "ETP")),
        (f"1{N}mois", (1, 0, "mois")),
        (f"0,8{N}pour 1{F}000 jeunes", (0.8, 1, f"pour 1{F}000 jeunes")),
        (f"1{F}000{F}000{F}000", (10**9, 0)),
    ],
)
def test_format_nombre(attendu, arguments):
    assert format_nombre(*arguments) == attendu


def test_signe():
    assert format_nombre(3, signe=True) == "+3"
    assert format_nombre(0, signe=True) == "0"
    assert format_ecart(-9.7, 1, "%") == f"{M}9,7{N}points"
    assert format_ecart(1.5, 1, "%") == f"+1,5{N}point"
    assert format_ecart(0, 1, "%") == f"0,0{N}point"
    assert format_ecart(None, 1, "%") == "n. d."
    assert format_ecart(3, 0, "‰") == f"+3{N}points pour mille"


def parse(texte: str) -> Decimal:
    return Decimal(texte.replace(F, "").replace(",", ".").replace(M, "-"))


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 6))
def test_read_back_gives_the_rounded_value(x, decimales):
    attendu = Decimal(repr(x)).quantize(Decimal(1).scaleb(-decimales), ROUND_HALF_UP, Context(prec=400))
    assert parse(format_nombre(x, decimales)) == attendu


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9), st.integers(0, 3))
def test_writing_keeps_the_order(a, b, decimales):
    if a <= b:
        assert parse(format_nombre(a, decimales)) <= parse(format_nombre(b, decimales))


@given(st.floats(-1e12, 1e12), st.integers(0, 3), st.sampled_from(["", "%", "jours", "places d’accueil", "€"]))
def test_no_breaking_space_inside_a_number(x, decimales, unite):
    texte = format_nombre(x, decimales, unite)
    assert " " not in texte.replace(unite, "").replace(singulier(unite), "")
    assert "-" not in texte and "." not in texte


@given(st.integers(0, 10**6))
def test_plural_starts_at_two(n):
    assert pluriel(n, "place").endswith("places") is (n >= 2)


@pytest.mark.parametrize(
    "debut, fin, attendu",
    [
        ((2022, 1, 1), (2022, 12, 31), "2022"),
        ((2022, 1, 1), (2022, 3, 31), f"T1{N}2022"),
        ((2022, 10, 1), (2022, 12, 31), f"T4{N}2022"),
        ((2022, 1, 1), (2022, 6, 30), f"S1{N}2022"),
        ((2022, 7, 1), (2022, 12, 31), f"S2{N}2022"),
        ((2022, 3, 1), (2022, 3, 31), f"mars{N}2022"),
        ((2024, 2, 1), (2024, 2, 29), f"février{N}2024"),
        ((2021, 9, 1), (2022, 8, 31), "année scolaire 2021-2022"),
        ((2021, 1, 1), (2022, 12, 31), "2021-2022"),
        ((2022, 2, 1), (2022, 4, 30), "du 01/02/2022 au 30/04/2022"),
        ((2022, 1, 15), (2022, 3, 31), "du 15/01/2022 au 31/03/2022"),
        ((2022, 12, 31), (2022, 12, 31), "31/12/2022"),
    ],
)
def test_format_periode(debut, fin, attendu):
    assert format_periode(date(*debut), date(*fin)) == attendu


@given(st.dates(), st.integers(0, 3000))
def test_format_periode_always_answers(debut, jours):
    assert format_periode(debut, min(date.max, debut + timedelta(days=jours)) if debut < date(9990, 1, 1) else debut)


@given(st.dates())
def test_dates(d):
    assert datetime.strptime(format_date(d), "%d/%m/%Y").date() == d
    assert format_date_longue(d).startswith("1er" if d.day == 1 else str(d.day))


def test_format_horodatage():
    instant = datetime(2024, 12, 31, 22, 30, tzinfo=UTC)
    assert format_horodatage(instant, "Europe/Paris") == f"31/12/2024 à 23{N}h{N}30"
    assert format_horodatage(instant, "Indian/Reunion") == f"01/01/2025 à 2{N}h{N}30"
    assert format_horodatage(None, "Europe/Paris") == "n. d."


def test_words():
    assert titre("à surveiller") == "À surveiller"
    assert titre("") == ""
    assert participe(80, "visé", "%") == "visés"
    assert participe(24, "visé", "places") == "visées"
    assert participe(2, "visé", "évaluations") == "visées"
    assert singulier("réseaux locaux") == "réseau local"
    assert math.isclose(formats.decimales_utiles(0.25), 2)


def test_what_files_and_errors_say_keeps_its_punctuation_on_a_page(monkeypatch):
    monkeypatch.setattr(components.st, "html", (montres := []).append)
    components.show_rows([{"Message": "« n.d » lu : rien à faire ; fini ?"}], "Anomalies")
    assert f"«{N}n.d{N}» lu{F}: rien à faire{F}; fini{F}?" in montres[0]
    assert components.sur("Valeur attendue : 3.") == f"Valeur attendue{F}\\: 3\\."
