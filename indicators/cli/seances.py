"""The command `seance`: list the meetings of a plan, freeze one, close it, list what would differ today."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from indicators.cli.words import print_json
from indicators.errors import DemandeInvalide
from indicators.formats import format_date, pluriel
from indicators.meetings import freezing
from indicators.meetings.difference import Difference, compare_seance
from indicators.queries import get_plan, list_plans
from indicators.queries.seances import list_seances
from indicators.store import Store


def seance(store: Store, options: argparse.Namespace) -> int:
    """Do what `options.geste` says; every one but `list` needs a plan and a meeting."""
    if options.geste == "list":
        return _list(store, options)
    if not options.plan or not options.seance:
        raise DemandeInvalide(f"« seance {options.geste} » demande un plan et une séance.",
                              "Donnez --plan et --seance ; « seance list » montre les séances.")
    if options.geste == "diff":
        return _diff(store, options)
    return _write(store, options, freezing.freeze if options.geste == "freeze" else freezing.close)


def _list(store: Store, options: argparse.Namespace) -> int:
    cur = store.read()
    plans = [get_plan(cur, options.plan)] if options.plan else list_plans(cur)
    tenues = [(p.plan, s) for p in plans for s in list_seances(cur, p.plan) if options.seance in (None, s.code)]
    if options.json:
        print_json([{"plan": plan, **asdict(s), "etat": s.etat} for plan, s in tenues])
    else:
        for plan, s in tenues:
            print(f"{plan:24} {s.code:16} {format_date(s.date)}  {s.etat.label.lower():9} {s.type or ''}  {s.intitule or ''}")
    return 0


def _write(store: Store, options: argparse.Namespace, geste: Callable[..., Any]) -> int:
    bilan = store.write(lambda cur: geste(cur, options.plan, options.seance, options.auteur, store.keep_file))
    cur = store.read()
    ecrite = next(s for s in list_seances(cur, options.plan) if s.code == options.seance)
    if options.json:
        print_json({"plan": options.plan, "depot": bilan.depot, **asdict(ecrite), "etat": ecrite.etat})
    else:
        print(f"Séance {options.seance} {ecrite.etat.label.lower()}, sous le dépôt {bilan.depot} (empreinte {ecrite.empreinte}).")
    return 0


def _diff(store: Store, options: argparse.Namespace) -> int:
    difference = compare_seance(store.read(), options.plan, options.seance, not options.masque)
    if options.json:
        print_json({"plan": options.plan, **asdict(difference)})
    else:
        _print_diff(difference)
    return 0


def _print_diff(difference: Difference) -> None:
    ecarts, suites = difference.ecarts, difference.consequences
    if not ecarts and not suites:
        print("Rien n’a changé depuis que la séance est figée.")
    for e in ecarts:
        origine = ", ".join(filter(None, (f"dépôt {e.depot}" if e.depot else None, e.auteur, e.fichier, e.motif)))
        print(f"{e.indicateur} {e.intitule}, {e.genre} {e.objet} : {e.ancien or 'rien'} -> {e.nouveau or 'rien'} ({origine})")
    if suites:
        print(f"{pluriel(len(suites), 'conséquence')} :")
    for c in suites:
        print(f"  {c.objet} {c.intitule}, {c.quoi} : {c.ancien or 'rien'} -> {c.nouveau or 'rien'}")
