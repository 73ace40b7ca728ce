"""What a person may meet is written down: every anomaly, every setting, every word of the command line."""

from __future__ import annotations

import argparse
import re

import pytest

from indicators import cli
from indicators.errors import CATALOGUE
from indicators.settings import RACINE
from indicators.tables import TABLES


def manual() -> str:
    """README.md and the guide, as one text."""
    return "\n".join(
        f.read_text("utf-8") for f in [RACINE / "README.md", *sorted((RACINE / "data" / "guide").glob("*.md"))] if f.exists()
    )


def settings() -> list[str]:
    """Every INDICATORS_* named in the code."""
    return sorted(
        {mot for f in (RACINE / "indicators").rglob("*.py") for mot in re.findall(r"INDICATORS_[A-Z_]+", f.read_text("utf-8"))}
    )


def options() -> list[tuple[str, str]]:
    """(command, option) of the command line."""
    sous = next(a for a in cli._parser()._actions if isinstance(a, argparse._SubParsersAction))
    return [(nom, mot) for nom, parser in sous.choices.items() for action in parser._actions
            for mot in action.option_strings if mot.startswith("--") and mot != "--help"]


def commands() -> list[str]:
    """Every command."""
    return sorted(next(a for a in cli._parser()._actions if isinstance(a, argparse._SubParsersAction)).choices)


def told(mot: str) -> bool:
    """Is this word in the manual, as code?"""
    return (
        re.search(
            rf"`[^`\n]*(?<![\w-]){re.escape(mot)}(?![\w-])[^`\n]*`|^(    |\$ |python ).*(?<![\w-]){re.escape(mot)}(?![\w-])",
            manual(),
            re.MULTILINE,
        )
        is not None
    )


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_anomaly_is_documented(code: str) -> None:
    assert told(code), f"l’anomalie {code} n’est ni dans README.md ni dans data/guide"


@pytest.mark.parametrize("nom", settings())
def test_every_setting_is_documented(nom: str) -> None:
    assert told(nom)


@pytest.mark.parametrize("option", sorted({mot for _, mot in options()}))
def test_every_option_is_documented(option: str) -> None:
    assert told(option)


@pytest.mark.parametrize("commande", commands())
def test_every_command_is_documented(commande: str) -> None:
    assert told(commande)


@pytest.mark.parametrize("table", [t.nom for t in TABLES.values() if t.importable])
def test_every_table_that_a_file_may_fill_is_documented(table: str) -> None:
    assert told(table)


def test_settings_found_are_the_ones_we_know() -> None:
    assert {"INDICATORS_BASE", "INDICATORS_VERSIONS", "INDICATORS_MEMOIRE", "INDICATORS_FILS", "INDICATORS_ATTENTE"} <= set(
        settings()
    )


def test_every_option_and_command_explains_itself_in_french() -> None:
    sous = next(a for a in cli._parser()._actions if isinstance(a, argparse._SubParsersAction))
    muettes = [
        f"{nom} {a.option_strings[0]}"
        for nom, parser in sous.choices.items()
        for a in parser._actions
        if a.option_strings
        and a.option_strings[0] not in ("-h", "--json", "--auteur", "--motif", "--plan", "--indicateur")
        and not a.help
    ]
    assert muettes == []
    assert all(parser.description for parser in sous.choices.values())


def test_every_anomaly_says_what_and_what_to_do() -> None:
    for code, t in CATALOGUE.items():
        assert t.titre[0].isupper() and not t.titre.endswith("."), code
        assert t.message.rstrip().endswith((".", "{detail}")) and t.conseil.rstrip().endswith((".", "{detail}")), code
        assert not re.search(r" [;:!?]|'", t.message + t.conseil) or re.search(r"\u00a0|\u202f| [;:]", t.message + t.conseil), (
            code
        )
        assert t.message != t.conseil


def read_tree() -> list[str]:
    """Paths that the tree of README.md names, a line each."""
    bloc = re.search(r"^```\n(app\.py .*?)^```", (RACINE / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    chemins, dossiers = [], []
    for retrait, nom in re.findall(r"^( *)(\S+)", bloc[1], re.MULTILINE):
        dossiers = [*dossiers[: len(retrait) // 2], nom]
        chemins.append("".join(dossiers))
    return chemins


def test_the_tree_has_a_line_per_file_and_no_other() -> None:
    dits = read_tree()
    assert len(dits) == len(set(dits)) > 200
    la = {f.relative_to(RACINE).as_posix() for racine in ("pages", "indicators", "tests") for f in (RACINE / racine).rglob("*.*")
          if f.suffix in {".py", ".sql", ".js", ".typ"} and not f.name.startswith("__") and "cases" not in f.parts}
    nommes = {d for d in dits if d.startswith(("pages/", "indicators/", "tests/")) and not d.endswith("/")}
    assert sorted(la - nommes) == [], "sans ligne dans l’arbre de README.md"
    assert sorted(nommes - la) == [], "nommés dans README.md, absents du dépôt"
