"""The command line: `python -m indicators COMMAND`. Exit 0 done or nothing new, 2 refused by an anomaly, 1 anything else.

What writes workbooks or slides is imported by the commands that do: loading it takes longer than most commands.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from indicators import backups, migrations
from indicators.cli import commands
from indicators.cli.commands import CHAMPS_STATUS
from indicators.cli.words import print_json
from indicators.errors import DemandeInvalide, ErreurMetier
from indicators.exports import FORMATS
from indicators.model import Habilitation
from indicators.settings import read_settings
from indicators.store import Store
from indicators.tables import TABLES

__all__ = ["CHAMPS_STATUS", "main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    options = _parser().parse_args(arguments)
    try:
        store = backups.GuardedStore(read_settings())
        if options.commande in LECTURES:
            _check_current(store)
        code = options.commande(store, options)
        if store.avertissement:
            print(f"{store.avertissement.message}\n{store.avertissement.conseil}", file=sys.stderr)
        return code
    except ErreurMetier as erreur:
        if options.json:
            print_json({"erreur": {"message": erreur.message, "conseil": erreur.conseil}})
        else:
            print(f"{erreur.message}\n{erreur.conseil}", file=sys.stderr)
        return 1


def _check_current(store: Store) -> None:
    """A base that another version of the tool wrote does not answer in our words: said, not half read."""
    if store.list_versions() and not migrations.check_views(store.read()):
        raise DemandeInvalide("La base a été écrite par une autre version de l’outil.",
                              "Lancez « python -m indicators init » : elle est mise à jour, et rien n’est perdu.")


def _export(store: Store, options: argparse.Namespace) -> int:
    from indicators.cli.export import export

    return export(store, options)


def _seance(store: Store, options: argparse.Namespace) -> int:
    from indicators.cli.seances import seance

    return seance(store, options)


GESTES_SEANCE = ("list", "freeze", "close", "diff")
LECTURES = (commands.status, commands.journal, commands.modele, commands.roles, commands.verify_, _seance, _export)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m indicators", description="Suivi d’un schéma départemental enfance-famille.")
    sous = parser.add_subparsers(required=True, metavar="COMMANDE")

    def command(nom: str, fonction: Any, aide: str) -> argparse.ArgumentParser:
        p = sous.add_parser(nom, help=aide, description=aide)
        p.add_argument("--json", action="store_true", help="un document JSON sur la sortie standard")
        p.set_defaults(commande=fonction)
        return p

    p = command("init", commands.init, "créer la base ou la mettre à jour, et y déposer les plans livrés")
    p.add_argument("--vide", action="store_true", help="sans les plans livrés")
    p = command("import", commands.import_, "déposer des fichiers CSV ou Excel, ou un dossier de plan")
    p.add_argument("fichiers", nargs="+", metavar="FICHIER")
    p.add_argument("--plan", help="plan des lignes qui n’en nomment pas")
    p.add_argument("--table", choices=[t.nom for t in TABLES.values() if t.importable],
                   help="table, quand le nom du fichier ne la dit pas")
    p.add_argument("--essai", action="store_true", help="montrer l’effet sans rien écrire")
    p.add_argument("--lignes-valides", action="store_true", help="déposer les lignes sans anomalie bloquante")
    p.add_argument("--remplace", action="store_true", help="retirer ce qu’un plan entier renvoyé ne contient plus")
    p.add_argument("--connu-le", metavar="MOMENT", help="reprise d’historique : moment où ces données ont été connues (UTC)")
    p.add_argument("--auteur")
    p.add_argument("--motif")
    p.add_argument("--annote", metavar="SORTIE", help="rendre le fichier annoté (.xlsx) ou ses lignes rejetées (.csv) ; "
                   "un dossier pour plusieurs fichiers")
    p = command("status", commands.status, "où en sont les indicateurs")
    p.add_argument("--plan")
    p.add_argument("--observe-au", metavar="DATE", help="périodes terminées au plus tard ce jour")
    p.add_argument("--connu-au", metavar="DATE", help="avec ce qui était déposé à ce moment")
    p.add_argument("--indicateur")
    p.add_argument("--territoires", action="store_true", help="ajouter les autres lignes qui ont une cible propre")
    p.add_argument("--masque", action="store_true", help="comme le voit une personne sans droit sur les petits effectifs")
    p.add_argument("--aujourdhui", metavar="DATE", help="jour tenu pour aujourd’hui")
    command("journal", commands.journal, "tous les dépôts, du dernier au premier")
    p = command("cancel", commands.cancel, "annuler un dépôt, ou reprendre son annulation")
    p.add_argument("depot", type=int)
    p.add_argument("--motif", required=True)
    p.add_argument("--auteur")
    p.add_argument("--avec-suivants", action="store_true", help="annuler aussi les dépôts qui en dépendent")
    p = command("accept", commands.accept, "accepter un dépôt proposé : il compte à partir de ce moment")
    p.add_argument("depot", type=int)
    p.add_argument("--auteur", required=True, help="une autre personne que celle qui l’a proposé")
    p.add_argument("--motif")
    p = command("refuse", commands.refuse, "refuser un dépôt proposé : il ne comptera jamais")
    p.add_argument("depot", type=int)
    p.add_argument("--auteur", required=True)
    p.add_argument("--motif", required=True)
    p = command("modele", commands.modele, "écrire un classeur à remplir : valeurs manquantes, suivi des actions ou nouveau plan")
    p.add_argument("plan", nargs="?", metavar="PLAN", help="sans plan : le classeur vierge d’un nouveau plan")
    cible = p.add_mutually_exclusive_group()
    cible.add_argument("--partenaire", help="code d’un partenaire : ce que suivent ses actions")
    cible.add_argument("--responsable", help="ses indicateurs, tel qu’il est nommé dans le plan")
    p.add_argument("--suivi", action="store_true", help="le suivi des actions, au lieu des valeurs")
    p.add_argument("--sortie", metavar="FICHIER", help="où l’écrire ; sinon, dans le dossier courant")
    p = command("export", _export, "écrire le plan, ou une de ses séances, dans un fichier à emporter")
    p.add_argument("--plan", required=True)
    p.add_argument("--format", required=True, choices=[*FORMATS, "package"],
                   help="xlsx : tableau de suivi ; pptx : diapositives ; pdf : rapport ; docx : compte rendu ; csv : valeurs ; "
                   "package : tout le plan et son histoire")
    p.add_argument("--seance", help="une séance telle qu’elle est figée ; sinon, le plan aux dates demandées")
    p.add_argument("--observe-au", metavar="DATE", help="périodes terminées au plus tard ce jour")
    p.add_argument("--connu-au", metavar="DATE", help="avec ce qui était déposé à ce moment")
    p.add_argument("--non-masque", action="store_true", help="avec les petits effectifs ; le journal des accès le retient")
    p.add_argument("-o", "--sortie", required=True, metavar="SORTIE", help="le fichier à écrire")
    p = command("roles", commands.roles, "donner ou retirer un rôle à une personne qui se connecte ; sans rien, les lister")
    p.add_argument("geste", nargs="?", choices=("donner", "retirer"))
    p.add_argument("personne", nargs="?", metavar="PERSONNE", help="son adresse, telle que le fournisseur d’identité la donne")
    p.add_argument("role", nargs="?", choices=[h.value for h in Habilitation])
    p.add_argument("--plan", help="plan où le rôle « depot » vaut")
    p.add_argument("--responsable", help="limiter le dépôt aux valeurs des indicateurs de ce responsable")
    p.add_argument("--auteur")
    p = command("seance", _seance, "lister les séances, en figer ou en clore une, dire ce qui y serait autre aujourd’hui")
    p.add_argument("geste", choices=GESTES_SEANCE)
    p.add_argument("--plan")
    p.add_argument("--seance", help="code de la séance, tel que « seance list » le montre")
    p.add_argument("--auteur")
    p.add_argument("--masque", action="store_true", help="pour « diff » : comme le voit une personne sans droit sur les petits "
                   "effectifs")
    command("verify", commands.verify_, "vérifier les versions, l’intégrité, les tables dérivées, les séances et les fichiers")
    p = command("backup", commands.backup, "sauvegarder la base dans un seul fichier, rouvert et comparé")
    p.add_argument("dossier", nargs="?", metavar="DOSSIER", help="où la mettre ; sinon, le dossier des sauvegardes")
    p = command("restore", commands.restore, "remettre une sauvegarde en place, puis la vérifier")
    p.add_argument("sauvegarde", metavar="FICHIER|DOSSIER", help="une sauvegarde, ou la copie du dossier d’une base")
    p.add_argument("--rejouer", metavar="BASE", help="y ajouter les dépôts suivants, gardés dans le dossier de cette base")
    p.add_argument("--remplace", action="store_true", help="mettre de côté la base en place")
    return parser
