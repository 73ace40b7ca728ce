"""The command line: `python -m indicators COMMAND`. Exit 0 done or nothing new, 2 refused by an anomaly, 1 anything else.

What writes workbooks is imported by the commands that do: loading it takes longer than most commands.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from indicators import access, deposits, propositions, queries, shipped
from indicators.errors import DemandeInvalide, EcritureImpossible, ErreurMetier
from indicators.formats import pluriel
from indicators.model import Attribution, EtatDepot, Habilitation
from indicators.queries.modeles import Destinataire, get_besoins
from indicators.reading import FichierRecu, is_workbook
from indicators.settings import Limites, read_settings
from indicators.store import Store
from indicators.tables import TABLES
from indicators.verification import verify

FICHIERS = (".csv", ".xlsx", ".xlsm", ".xls")  # the last two are refused with their reason, never skipped in silence
CHAMPS_STATUS = ("plan", "indicateur", "territoire", "ventilation", "statut", "verdict", "avancement", "rythme", "attendu",
                 "realise", "date_realise", "reference", "cible", "a_actualiser", "provisoire", "provenance", "motif")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    options = _parser().parse_args(arguments)
    try:
        return options.commande(Store(read_settings()), options)
    except ErreurMetier as erreur:
        if options.json:
            _print_json({"erreur": {"message": erreur.message, "conseil": erreur.conseil}})
        else:
            print(f"{erreur.message}\n{erreur.conseil}", file=sys.stderr)
        return 1


def init(store: Store, options: argparse.Namespace) -> int:
    """Create or migrate the base, and deposit each shipped plan that it has never held."""
    migrations = store.prepare()
    plans = [] if options.vide else store.write(lambda cur: shipped.deposit_shipped(cur, store.keep_file))
    if options.json:
        _print_json({"base": str(store.settings.base), "migrations": migrations, "plans": plans})
    else:
        print(f"Base prête dans {store.settings.base}." + (f" Plans déposés : {', '.join(plans)}." if plans else ""))
    return 0


def import_(store: Store, options: argparse.Namespace) -> int:
    """Deposit files, a folder or several of them, as one dépôt in one transaction."""
    recus = _receive(options.fichiers)
    if options.annote:
        _check_annote(Path(options.annote), recus)
    demande = deposits.Demande(plan=options.plan, table=options.table, lignes_valides=options.lignes_valides,
                               remplace=options.remplace, connu_le=_known_since(store, options),
                               auteur=options.auteur, motif=options.motif, motif_exige=not options.essai,
                               limites=store.settings.limites)
    if options.essai:
        bilan = store.rehearse(lambda cur: deposits.import_files(cur, recus, demande, deposits.keep_nothing))
        bilan.depot = None
    else:
        bilan = store.write(lambda cur: deposits.import_files(cur, recus, demande, store.keep_file))
    document = _document(bilan)
    if options.annote:
        document["annotes"] = _annotate(Path(options.annote), recus, bilan, store.settings.limites)
    if options.json:
        _print_json(document)
    else:
        print(_tell(bilan, options.essai))
        for chemin in document.get("annotes", ()):
            print(f"Fichier annoté : {chemin}")
    return 2 if bilan.bloque else 0


def status(store: Store, options: argparse.Namespace) -> int:
    """Where the lignes principales stand; `--territoires` adds the others."""
    cur = _reader(store)
    plans = [queries.get_plan(cur, options.plan)] if options.plan else queries.list_plans(cur)
    lignes = []
    for plan in plans:
        vue = queries.get_vue(cur, plan, _jour(options.observe_au), _moment_or_day(options.connu_au), _jour(options.aujourdhui))
        lues = queries.list_lignes(cur, vue, options.territoires)
        if options.indicateur and not any(x.indicateur == options.indicateur for x in lues):
            raise DemandeInvalide(f"L’indicateur « {options.indicateur} » n’existe pas dans le plan {plan.plan}.",
                                  "Indicateurs du plan : " + ", ".join(sorted({x.indicateur for x in lues})) + ".")
        lignes += [x for x in lues if not options.indicateur or x.indicateur == options.indicateur]
    if options.json:
        _print_json([{c: getattr(x, c) for c in CHAMPS_STATUS} for x in lignes])
    else:
        for x in lignes:
            print(f"{x.plan:24} {x.indicateur:10} {x.statut.label:18} {_round(x.realise):>12} pour "
                  f"{_round(x.attendu):>12} attendus  {x.motif or ''}")
    return 0


def journal(store: Store, options: argparse.Namespace) -> int:
    """Every dépôt, the latest first."""
    depots = queries.list_depots(_reader(store))
    if options.json:
        _print_json([asdict(d) for d in depots])
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
        _print_json({"depots": ecrits})
    else:
        print(f"Écrit sous le numéro {', '.join(map(str, ecrits))} : le journal en garde la trace, et cela peut être repris.")
    return 0


def accept(store: Store, options: argparse.Namespace) -> int:
    """Make a proposed dépôt count; exit 2 when its rows no longer pass the check."""
    bilan = store.write(lambda cur: propositions.accept(cur, options.depot, options.auteur, options.motif))
    if options.json:
        _print_json(_document(bilan))
    else:
        refus = f"Le dépôt {options.depot} n’est pas accepté : ces lignes ne passent plus la vérification."
        fait = f"Dépôt {options.depot} accepté, sous le numéro {bilan.depot}."
        print(f"{_tell_rows(bilan)}\n{refus if bilan.bloque else fait}")
    return 2 if bilan.bloque else 0


def refuse(store: Store, options: argparse.Namespace) -> int:
    """Refuse a proposed dépôt for good."""
    ecrit = store.write(lambda cur: propositions.refuse(cur, options.depot, options.auteur, options.motif))
    if options.json:
        _print_json({"depot": ecrit})
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
    try:
        sortie.write_bytes(contenu)
    except OSError as erreur:
        raise DemandeInvalide(f"Le fichier {sortie} ne peut pas être écrit.", "Vérifiez son dossier et vos droits.") from erreur
    if options.json:
        _print_json({"fichier": str(sortie)})
    else:
        print(f"Modèle écrit dans {sortie}.")
    return 0


def roles(store: Store, options: argparse.Namespace) -> int:
    """Give a role to someone, withdraw one, or list those in force."""
    if options.geste:
        if not options.personne or not options.role or (options.role == Habilitation.DEPOT) != bool(options.plan):
            raise DemandeInvalide("Il manque la personne, son rôle, ou le plan du rôle « depot » (les autres n’en ont pas).",
                                  "Par exemple : roles donner a.payet@exemple.fr depot --plan isere-2020-2024.")
        if options.responsable and not options.plan:
            raise DemandeInvalide("Seul un rôle de dépôt se limite à un responsable.", "Donnez le rôle « depot » et son plan.")
        attribution = Attribution(Habilitation(options.role), options.plan or "", (options.responsable or "").strip())
        ecrire = access.grant if options.geste == "donner" else access.revoke
        store.write(lambda cur: ecrire(cur, options.personne, attribution, options.auteur))
    donnes = access.list_roles(_reader(store))
    if options.json:
        _print_json([{"personne": r.personne, **asdict(r.attribution), "ecrit_le": r.ecrit_le, "ecrit_par": r.ecrit_par}
                     for r in donnes])
    else:
        for r in donnes:
            limite = " ".join(filter(None, (r.attribution.plan, r.attribution.responsable)))
            print(f"{r.personne:40} {r.attribution.role:16} {limite:40} depuis le {r.ecrit_le:%d/%m/%Y}  {r.ecrit_par or ''}")
    return 0


def verify_(store: Store, options: argparse.Namespace) -> int:
    """Check versions, integrity, derived tables and received files; exit 1 when something is wrong."""
    controles = verify(store)
    if options.json:
        _print_json([asdict(c) for c in controles])
    else:
        for c in controles:
            print(f"{'en défaut' if c.defauts else 'sain':10} {c.nom} ({c.vus})")
            for defaut in c.defauts:
                print(f"           - {defaut}")
    return 1 if any(c.defauts for c in controles) else 0


def _reader(store: Store) -> Any:
    cur = store.read()
    if store.probleme:
        print(f"{store.probleme.message}\n{store.probleme.conseil}", file=sys.stderr)
    return cur


def _receive(chemins: Sequence[str]) -> list[FichierRecu]:
    """The files of these paths, and every CSV or workbook of these folders; two of one name are told apart by their path."""
    fichiers: list[Path] = []
    for chemin in map(Path, chemins):
        if chemin.is_dir():
            trouves = list(_walk(chemin))
            if not trouves:
                raise DemandeInvalide(f"Le dossier {chemin} ne contient aucun fichier CSV ou Excel.", "Vérifiez son nom.")
            fichiers += trouves
        elif chemin.is_file():
            fichiers.append(chemin)
        else:
            raise DemandeInvalide(f"Le fichier {chemin} n’existe pas.", "Vérifiez son nom et son dossier.")
    noms = [f.name for f in fichiers]
    return [FichierRecu(f.name if noms.count(f.name) == 1 else f.as_posix(), f.read_bytes()) for f in fichiers]


def _walk(dossier: Path) -> Iterator[Path]:
    """The files of a folder, then those of its sub-folders, unless `depots.csv` says that these are its later deliveries.

    Taken all at once, the deliveries of a plan would contradict each other; files hidden or locked by Excel (~$) are no data.
    """
    visibles = sorted(f for f in dossier.iterdir() if not f.name.startswith((".", "~$")))
    historique = [f for f in visibles if f.name == "depots.csv"]
    yield from (f for f in visibles if f.is_file() and f.suffix.lower() in FICHIERS and f not in historique)
    for sous_dossier in visibles:
        if sous_dossier.is_dir() and not historique:
            yield from _walk(sous_dossier)


def _check_annote(sortie: Path, recus: Sequence[FichierRecu]) -> None:
    """Refuse a place for the annotated files that cannot take them, before anything is deposited."""
    from indicators import annotated

    if len(recus) == 1:
        if sortie.suffix.lower() not in (".xlsx", ".csv"):
            raise DemandeInvalide(f"Le fichier annoté ne peut pas s’appeler {sortie.name}.",
                                  "Terminez son nom par .xlsx (le fichier annoté) ou .csv (ses lignes rejetées).")
        if sortie.suffix.lower() == ".csv" and is_workbook(recus[0].contenu):
            raise DemandeInvalide("Un classeur se rend annoté, pas en lignes rejetées.", "Terminez ce nom par .xlsx.")
        if not sortie.parent.is_dir():
            raise DemandeInvalide(f"Le dossier {sortie.parent} n’existe pas.", "Créez-le, ou donnez un autre nom.")
        cibles = [sortie]
    else:
        if sortie.exists() and not sortie.is_dir():
            raise DemandeInvalide(f"{sortie} n’est pas un dossier.", "Pour plusieurs fichiers, --annote attend un dossier.")
        cibles = [sortie / (nom + fin) for nom in annotated.list_stems(recus) for fin in (annotated.ANNOTE, annotated.REJETEES)]
    for cible in cibles:
        if cible.exists():
            raise DemandeInvalide(f"Le fichier {cible} existe déjà.", "Déplacez-le, ou donnez un autre nom à --annote.")


def _annotate(sortie: Path, recus: Sequence[FichierRecu], bilan: deposits.BilanDepot, limites: Limites) -> list[str]:
    """Write the annotated files; the paths written. A file without anomaly, or refused for personal data, gives none."""
    from indicators import annotated

    if len(recus) > 1:
        rendus = annotated.annotate(recus, bilan, limites) + annotated.reject(recus, bilan, limites)
    elif sortie.suffix.lower() == ".csv":
        rendus = annotated.reject(recus, bilan, limites)
    else:
        rendus = annotated.annotate(recus, bilan, limites)
    ecrits = []
    for rendu in rendus:
        chemin = sortie / rendu.nom if len(recus) > 1 else sortie
        try:
            chemin.parent.mkdir(exist_ok=True)
            with chemin.open("xb") as fichier:
                fichier.write(rendu.contenu)
        except OSError as erreur:
            fait = f" Le dépôt {bilan.depot} est bien enregistré." if bilan.depot else ""
            raise EcritureImpossible(f"Le fichier annoté {chemin} n’a pas pu être écrit ({erreur.strerror}).{fait}",
                                     "Donnez un autre nom à --annote ; l’import refait avec --essai l’écrira.") from erreur
        ecrits.append(str(chemin))
    if not rendus:
        print("Aucun fichier n’est rendu : rien à y montrer, ou un refus pour données personnelles.", file=sys.stderr)
    return ecrits


def _document(bilan: deposits.BilanDepot) -> dict[str, Any]:
    lu = asdict(replace(bilan, anomalies=[], lectures=[])) | {"anomalies": [vars(a) for a in bilan.anomalies]}
    return {k: v for k, v in lu.items() if k not in ("bloque", "lectures")}


def _tell_rows(bilan: deposits.BilanDepot) -> str:
    lignes = [f"{a.fichier}, ligne {a.ligne or '-'}, colonne {a.colonne or '-'} : {a.message} {a.conseil}"
              for a in bilan.anomalies]
    pilotes = f" et {pluriel(bilan.pilotes, 'pilote nommé', 'pilotes nommés')}" if bilan.pilotes else ""
    return "\n".join([
        *lignes, f"{bilan.lues} lignes lues{pilotes} : {bilan.nouvelles} nouvelles, {bilan.modifiees} modifiées, "
        f"{bilan.inchangees} inchangées, {bilan.retirees} retirées, {bilan.rejetees} rejetées."])


def _tell(bilan: deposits.BilanDepot, essai: bool) -> str:
    compte = _tell_rows(bilan)
    if bilan.absentes:
        compte += f" {bilan.absentes} lignes du plan ne sont plus dans cet envoi (--remplace les retire)."
    if bilan.bloque:
        fin = "Rien n’a été déposé : corrigez ces lignes, ou demandez --lignes-valides."
    elif essai:
        fin = "Essai : rien n’a été écrit." + (" Ce dépôt serait proposé à une deuxième personne." if bilan.propose else "")
    elif bilan.depot is None:
        fin = f"Rien de nouveau : le dépôt {bilan.porteur} contient déjà ces lignes." if bilan.porteur else "Rien de nouveau."
    elif bilan.propose:
        fin = f"Dépôt {bilan.depot} proposé : il comptera quand une deuxième personne l’aura accepté (accept {bilan.depot})."
    else:
        fin = f"Dépôt {bilan.depot} enregistré."
    return f"{compte}\n{fin}"


def _round(x: float | None) -> str:
    return "n. d." if x is None else f"{x:.6g}".replace(".", ",")


def _known_since(store: Store, options: argparse.Namespace) -> datetime | None:
    """`--connu-le`: a moment, or the end of a day in the plan's time zone (the default one while the plan is not known)."""
    lu = _moment_or_day(options.connu_le)
    if lu is None or isinstance(lu, datetime):
        return lu
    fuseaux = {p.plan: p.fuseau for p in queries.list_plans(store.read())} if store.list_versions() else {}
    fin = queries.end_of_day(lu, fuseaux.get(options.plan) or TABLES["plan"].colonne("fuseau").defaut or "UTC")
    return min(fin, datetime.now(UTC).replace(tzinfo=None))  # today is not over yet


def _jour(texte: str | None) -> date | None:
    if texte is None:
        return None
    try:
        return date.fromisoformat(texte)
    except ValueError:
        raise DemandeInvalide(f"« {texte} » n’est pas une date.", "Écrivez AAAA-MM-JJ, par exemple 2022-12-31.") from None


def _moment_or_day(texte: str | None) -> datetime | date | None:
    return _jour(texte) if texte is None or len(texte) == 10 else _moment(texte)


def _moment(texte: str | None) -> datetime | None:
    if texte is None:
        return None
    try:
        lu = datetime.fromisoformat(texte)
    except ValueError:
        raise DemandeInvalide(f"« {texte} » n’est pas un moment.", "Écrivez AAAA-MM-JJTHH:MM:SS (temps universel).") from None
    return lu.astimezone(UTC).replace(tzinfo=None) if lu.tzinfo else lu


def _print_json(document: object) -> None:
    print(json.dumps(document, ensure_ascii=False, default=lambda v: v.isoformat() if isinstance(v, date | datetime) else str(v)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m indicators", description="Suivi d’un schéma départemental enfance-famille.")
    sous = parser.add_subparsers(required=True, metavar="COMMANDE")

    def command(nom: str, fonction: Any, aide: str) -> argparse.ArgumentParser:
        p = sous.add_parser(nom, help=aide, description=aide)
        p.add_argument("--json", action="store_true", help="un document JSON sur la sortie standard")
        p.set_defaults(commande=fonction)
        return p

    p = command("init", init, "créer la base ou la mettre à jour, et y déposer les plans livrés")
    p.add_argument("--vide", action="store_true", help="sans les plans livrés")
    p = command("import", import_, "déposer des fichiers CSV ou Excel, ou un dossier de plan")
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
    p = command("status", status, "où en sont les indicateurs")
    p.add_argument("--plan")
    p.add_argument("--observe-au", metavar="DATE", help="périodes terminées au plus tard ce jour")
    p.add_argument("--connu-au", metavar="DATE", help="avec ce qui était déposé à ce moment")
    p.add_argument("--indicateur")
    p.add_argument("--territoires", action="store_true", help="ajouter les autres lignes qui ont une cible propre")
    p.add_argument("--aujourdhui", metavar="DATE", help="jour tenu pour aujourd’hui")
    command("journal", journal, "tous les dépôts, du dernier au premier")
    p = command("cancel", cancel, "annuler un dépôt, ou reprendre son annulation")
    p.add_argument("depot", type=int)
    p.add_argument("--motif", required=True)
    p.add_argument("--auteur")
    p.add_argument("--avec-suivants", action="store_true", help="annuler aussi les dépôts qui en dépendent")
    p = command("accept", accept, "accepter un dépôt proposé : il compte à partir de ce moment")
    p.add_argument("depot", type=int)
    p.add_argument("--auteur", required=True, help="une autre personne que celle qui l’a proposé")
    p.add_argument("--motif")
    p = command("refuse", refuse, "refuser un dépôt proposé : il ne comptera jamais")
    p.add_argument("depot", type=int)
    p.add_argument("--auteur", required=True)
    p.add_argument("--motif", required=True)
    p = command("modele", modele, "écrire un classeur à remplir : valeurs manquantes, suivi des actions ou nouveau plan")
    p.add_argument("plan", nargs="?", metavar="PLAN", help="sans plan : le classeur vierge d’un nouveau plan")
    cible = p.add_mutually_exclusive_group()
    cible.add_argument("--partenaire", help="code d’un partenaire : ce que suivent ses actions")
    cible.add_argument("--responsable", help="ses indicateurs, tel qu’il est nommé dans le plan")
    p.add_argument("--suivi", action="store_true", help="le suivi des actions, au lieu des valeurs")
    p.add_argument("--sortie", metavar="FICHIER", help="où l’écrire ; sinon, dans le dossier courant")
    p = command("roles", roles, "donner ou retirer un rôle à une personne qui se connecte ; sans rien, les lister")
    p.add_argument("geste", nargs="?", choices=("donner", "retirer"))
    p.add_argument("personne", nargs="?", metavar="PERSONNE", help="son adresse, telle que le fournisseur d’identité la donne")
    p.add_argument("role", nargs="?", choices=[h.value for h in Habilitation])
    p.add_argument("--plan", help="plan où le rôle « depot » vaut")
    p.add_argument("--responsable", help="limiter le dépôt aux valeurs des indicateurs de ce responsable")
    p.add_argument("--auteur")
    command("verify", verify_, "vérifier les versions, l’intégrité, les tables dérivées et les fichiers reçus")
    return parser
