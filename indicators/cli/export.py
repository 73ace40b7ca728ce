"""`export`: a plan, or one of its meetings, as a file to leave with."""

from __future__ import annotations

import argparse
from pathlib import Path

from indicators import audit, paquets, queries
from indicators.cli.files import write_output
from indicators.cli.words import print_json, read_day, read_moment_or_day
from indicators.errors import DemandeInvalide
from indicators.exports import build_export
from indicators.meetings.composition import build_deck
from indicators.meetings.deck import Deck
from indicators.meetings.freezing import get_deck
from indicators.model import Trace
from indicators.queries import Cursor
from indicators.queries.seances import Seance
from indicators.store import Store

PAQUET = "package"


def export(store: Store, options: argparse.Namespace) -> int:
    """Write the file; hidden figures stay hidden unless `--non-masque`, which the access journal keeps."""
    cur = store.read()
    if options.format == PAQUET:
        if options.seance or options.observe_au or options.connu_au:
            raise DemandeInvalide("Un paquet contient toute l’histoire du plan : il n’a ni séance ni date.",
                                  "Retirez ces options.")
        contenu = paquets.build_package(cur, options.plan, options.non_masque)
    else:
        contenu = build_export(_read_deck(cur, options), options.format)
    if options.non_masque:
        audit.record(store.settings.base, "ligne de commande", Trace.EXPORT, f"{options.plan}, {options.format}")
    sortie = Path(options.sortie)
    write_output(sortie, contenu)
    if options.json:
        print_json({"fichier": str(sortie), "octets": len(contenu), "masque": not options.non_masque})
    else:
        print(f"Écrit dans {sortie}" + ("." if options.non_masque else ", petits effectifs masqués."))
    return 0


def _read_deck(cur: Cursor, options: argparse.Namespace) -> Deck:
    """A meeting as it is kept, or the plan at the dates asked for, as a meeting that nobody called."""
    plan = queries.get_plan(cur, options.plan)
    if options.seance:
        if options.observe_au or options.connu_au:
            raise DemandeInvalide("Une séance a ses propres dates.", "Retirez --observe-au et --connu-au, ou --seance.")
        return get_deck(cur, plan.plan, options.seance, options.non_masque)
    vue = queries.get_vue(cur, plan, read_day(options.observe_au), read_moment_or_day(options.connu_au))
    situation = Seance("", "Situation", vue.observe_au, observe_au=vue.observe_au, connu_au=vue.connu_au)
    return build_deck(cur, plan, situation, options.non_masque)
