"""One function per command: the store, the options, the exit code."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

from indicators import access, backups, deposits, paquets, propositions, queries, shipped
from indicators.cli.files import check_annote, receive, write_annotated, write_output
from indicators.cli.words import (
    build_document,
    known_since,
    print_json,
    read_day,
    read_moment_or_day,
    tell,
    tell_line,
    tell_rows,
)
from indicators.errors import DemandeInvalide
from indicators.formats import pluriel
from indicators.model import EtatDepot
from indicators.queries.modeles import Destinataire, get_besoins
from indicators.reading import FichierRecu
from indicators.store import Store
from indicators.verification import Controle, verify

CHAMPS_STATUS = ("plan", "indicateur", "territoire", "ventilation", "statut", "verdict", "avancement", "rythme", "attendu",
                 "realise", "date_realise", "reference", "cible", "a_actualiser", "provisoire", "provenance", "motif")


def init(store: Store, options: argparse.Namespace) -> int:
    """Create or migrate the base, and deposit each shipped plan that it has never held."""
    migrations = store.prepare()
    plans = [] if options.vide else store.write(lambda cur: shipped.deposit_shipped(cur, store.keep_file))
    if options.json:
        print_json({"base": str(store.settings.base), "migrations": migrations, "plans": plans})
    else:
        print(f"Base prête dans {store.settings.base}." + (f" Plans déposés : {', '.join(plans)}." if plans else ""))
    return 0


def import_(store: Store, options: argparse.Namespace) -> int:
    """Deposit files, a folder or several of them, as one dépôt in one transaction."""
    recus = receive(options.fichiers)
    if len(recus) == 1 and paquets.is_package(recus[0]):
        return _import_package(store, recus[0], options)
    if options.annote:
        check_annote(Path(options.annote), recus)
    demande = deposits.Demande(plan=options.plan, table=options.table, lignes_valides=options.lignes_valides,
                               remplace=options.remplace, connu_le=known_since(store, options),
                               auteur=options.auteur, motif=options.motif, motif_exige=not options.essai,
                               limites=store.settings.limites)
    if options.essai:
        bilan = store.rehearse(lambda cur: deposits.preview_files(cur, recus, demande))
        bilan.depot = None
    else:
        bilan = store.write(lambda cur: deposits.import_files(cur, recus, demande, store.keep_file))
    document = build_document(bilan)
    if options.annote:
        document["annotes"] = write_annotated(Path(options.annote), recus, bilan, store.settings.limites)
    if options.json:
        print_json(document)
    else:
        print(tell(bilan, options.essai))
        for chemin in document.get("annotes", ()):
            print(f"Fichier annoté : {chemin}")
    return 2 if bilan.bloque else 0


def _import_package(store: Store, recu: FichierRecu, options: argparse.Namespace) -> int:
    """A whole plan with its history, which keeps its own authors and moments."""
    inutiles = [nom for nom in ("plan", "table", "connu_le", "annote", "remplace", "lignes_valides") if getattr(options, nom)]
    if inutiles:
        raise DemandeInvalide(f"Un paquet ne prend pas l’option --{inutiles[0].replace('_', '-')}.", "Retirez-la.")
    faire = store.rehearse if options.essai else store.write
    garder = deposits.keep_nothing if options.essai else store.keep_file
    bilan = faire(lambda cur: paquets.import_package(cur, recu, store.settings.limites, garder))
    if options.essai:
        bilan.depot = None
    if options.json:
        print_json(build_document(bilan))
    else:
        print(tell(bilan, options.essai))
    return 0


def status(store: Store, options: argparse.Namespace) -> int:
    """Where the lignes principales stand; `--territoires` adds the others."""
    cur = _reader(store)
    plans = [queries.get_plan(cur, options.plan)] if options.plan else queries.list_plans(cur)
    lignes = []
    for plan in plans:
        vue = queries.get_vue(
            cur, plan, read_day(options.observe_au), read_moment_or_day(options.connu_au), read_day(options.aujourdhui))
        lues = queries.list_lignes(cur, replace(vue, voit_tout=not options.masque), options.territoires)
        if options.indicateur and not any(x.indicateur == options.indicateur for x in lues):
            raise DemandeInvalide(f"L’indicateur « {options.indicateur} » n’existe pas dans le plan {plan.plan}.",
                                  "Indicateurs du plan : " + ", ".join(sorted({x.indicateur for x in lues})) + ".")
        lignes += [x for x in lues if not options.indicateur or x.indicateur == options.indicateur]
    if options.json:
        print_json([{c: getattr(x, c) for c in CHAMPS_STATUS} for x in lignes])
    else:
        for x in lignes:
            print(tell_line(x, options.territoires))
    return 0


def journal(store: Store, options: argparse.Namespace) -> int:
    """Every dépôt, the latest first."""
    depots = queries.list_depots(_reader(store))
    if options.json:
        print_json([asdict(d) for d in depots])
    else:
        for d in depots:
            sur = f" du dépôt {d.porte_sur}" if d.porte_sur else ""
            etat = "" if d.etat is EtatDepot.EN_VIGUEUR else f" ({d.etat.label.lower()})"
            print(f"{d.id:>5}  {d.connu_le:%d/%m/%Y}  {d.type.label}{sur}{etat}  {d.lignes} lignes  "
                  f"{d.auteur or ''}  {d.motif or ''}")
    return 0


def cancel(store: Store, options: argparse.Namespace) -> int:
    """Cancel a dépôt, or take its cancellation back."""
    ecrits = store.write(lambda cur: deposits.cancel(cur, options.depot, options.motif, options.auteur, options.avec_suivants))
    if options.json:
        print_json({"depots": ecrits})
    else:
        print(f"Écrit sous le numéro {', '.join(map(str, ecrits))} : le journal en garde la trace, et cela peut être repris.")
    return 0


def accept(store: Store, options: argparse.Namespace) -> int:
    """Make a proposed dépôt count; exit 2 when its rows no longer pass the check."""
    bilan = store.write(lambda cur: propositions.accept(cur, options.depot, options.auteur, options.motif))
    if options.json:
        print_json(build_document(bilan))
    else:
        refus = f"Le dépôt {options.depot} n’est pas accepté : ces lignes ne passent plus la vérification."
        fait = f"Dépôt {options.depot} accepté, sous le numéro {bilan.depot}."
        print(f"{tell_rows(bilan)}\n{refus if bilan.bloque else fait}")
    return 2 if bilan.bloque else 0


def refuse(store: Store, options: argparse.Namespace) -> int:
    """Refuse a proposed dépôt for good."""
    ecrit = store.write(lambda cur: propositions.refuse(cur, options.depot, options.auteur, options.motif))
    if options.json:
        print_json({"depot": ecrit})
    else:
        print(f"Dépôt {options.depot} refusé, sous le numéro {ecrit} : il ne comptera jamais.")
    return 0


def modele(store: Store, options: argparse.Namespace) -> int:
    """Write the workbook that a partner or a responsable fills, or, without a plan, the one of a new plan."""
    from indicators import templates

    jour = date.today()
    if options.plan:
        cur = _reader(store)
        qui = Destinataire(options.partenaire, options.responsable)
        besoins = get_besoins(cur, queries.get_plan(cur, options.plan), qui, jour)
        contenu = templates.build_suivi(besoins) if options.suivi else templates.build_valeurs(besoins)
        nom = templates.name_file(options.plan, qui.partenaire or qui.responsable or "plan", jour)
    elif options.partenaire or options.responsable or options.suivi:
        raise DemandeInvalide("Un modèle pour quelqu’un ou pour un suivi est celui d’un plan.", "Donnez le code du plan.")
    else:
        contenu, nom = templates.build_plan(jour), templates.name_file("nouveau", "plan", jour)
    sortie = Path(options.sortie or nom)
    write_output(sortie, contenu)
    if options.json:
        print_json({"fichier": str(sortie)})
    else:
        print(f"Modèle écrit dans {sortie}.")
    return 0


def roles(store: Store, options: argparse.Namespace) -> int:
    """Give a role to someone, withdraw one, or list those in force."""
    if options.geste:
        store.write(lambda cur: access.change_role(cur, options.geste == "donner", options.personne, options.role, options.plan,
                                                   options.responsable, options.auteur))
    donnes = access.list_roles(_reader(store))
    if options.json:
        print_json([{"personne": r.personne, **asdict(r.attribution), "ecrit_le": r.ecrit_le, "ecrit_par": r.ecrit_par}
                     for r in donnes])
    else:
        for r in donnes:
            limite = " ".join(filter(None, (r.attribution.plan, r.attribution.responsable)))
            print(f"{r.personne:40} {r.attribution.role:16} {limite:40} depuis le {r.ecrit_le:%d/%m/%Y}  {r.ecrit_par or ''}")
    return 0


def verify_(store: Store, options: argparse.Namespace) -> int:
    """Check versions, integrity, derived tables and received files; exit 1 when something is wrong."""
    controles = [*verify(store), backups.check(store)]
    if options.json:
        print_json([asdict(c) for c in controles])
    else:
        _print_controles(controles)
    return 1 if any(c.defauts for c in controles) else 0


def backup(store: Store, options: argparse.Namespace) -> int:
    """Save the base in one file, reopened and compared before it is announced."""
    faite = backups.create(store, Path(options.dossier) if options.dossier else store.settings.dossier_sauvegardes)
    if options.json:
        print_json(asdict(faite))
    else:
        recus = pluriel(faite.recus, "fichier reçu", "fichiers reçus")
        print(f"Sauvegarde {faite.fichier} : {pluriel(faite.depots, 'dépôt')}, {recus}. Elle a été rouverte et comparée.")
    for empreinte in faite.recus_manquants:
        print(f"Le fichier reçu {empreinte} manque dans la base : il n’est pas dans la sauvegarde.", file=sys.stderr)
    return 0


def restore(store: backups.GuardedStore, options: argparse.Namespace) -> int:
    """Put a backup back in place, then verify the base; exit 1 when something is wrong there."""
    rejouer = Path(options.rejouer) if options.rejouer else None
    faite = store.restore(Path(options.sauvegarde), rejouer, options.remplace)
    if options.json:
        print_json(asdict(faite))
    else:
        rejoues = f", dont {faite.rejoues} rejoués depuis {rejouer}" if rejouer else ""
        print(f"Base restaurée dans {store.settings.base} : {pluriel(faite.depots, 'dépôt')}{rejoues}.")
        _print_controles(faite.controles)
    return 1 if any(c.defauts for c in faite.controles) else 0


def _print_controles(controles: Sequence[Controle]) -> None:
    for c in controles:
        print(f"{'en défaut' if c.defauts else 'sain':10} {c.nom} ({c.vus})")
        for defaut in c.defauts:
            print(f"           - {defaut}")


def _reader(store: Store) -> Any:
    cur = store.read()
    if store.probleme:
        print(f"{store.probleme.message}\n{store.probleme.conseil}", file=sys.stderr)
    return cur
