"""The table contracts: one definition for import, templates, base, documentation and export.

Each `Table` gives its columns in file order. The base adds `TRACE` to every table: which dépôt, which file and line, whether
the row withdraws its key, and where it comes from. The SQL of `sql/migrations` must agree (a test compares them).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from indicators import model
from indicators.model import Mot

TEXTE, NOMBRE, ENTIER, DATE, OUI_NON, HORODATAGE = "texte", "nombre", "entier", "date", "oui_non", "horodatage"

SQL_TYPES = {TEXTE: "varchar", NOMBRE: "double", ENTIER: "integer", DATE: "date", OUI_NON: "boolean", HORODATAGE: "timestamp"}


@dataclass(frozen=True)
class Colonne:
    """One column: stored type, whether a file must carry it, its default, the words it is also known by."""

    nom: str
    type: str = TEXTE
    requise: bool = False
    defaut: str | None = None
    synonymes: tuple[str, ...] = ()
    choix: type[Mot] | None = None
    vers: str | None = None  # table that holds the code, within the same plan
    longueur: int | None = None
    aide: str = ""


@dataclass(frozen=True)
class Table:
    """One table: its key (never NULL once stored), its columns, the words its file may be called by."""

    nom: str
    cle: tuple[str, ...]
    colonnes: tuple[Colonne, ...]
    synonymes: tuple[str, ...] = ()
    importable: bool = True
    structure: bool = False  # part of the plan's structure: a whole plan sent again lists what it no longer holds
    par_plan: bool = field(default=True)

    def colonne(self, nom: str) -> Colonne:
        """The column of that name; KeyError when the table has none."""
        for c in self.colonnes:
            if c.nom == nom:
                return c
        raise KeyError(nom)

    @property
    def cle_sql(self) -> str:
        """The key as a SQL list; a jalon is also known by its date, the other roles of a target are not."""
        return ", ".join(self.cle_expressions())

    def cle_expressions(self, alias: str = "") -> list[str]:
        """One SQL expression per part of the key, of the row called `alias`."""
        a = f"{alias}." if alias else ""
        return [f"case when {a}role = 'jalon' then {a}date end" if c == DATE_JALON else f'{a}"{c}"' for c in self.cle]

    def same_key(self, a: str, b: str) -> str:
        """The SQL condition that two rows, called `a` and `b`, have the same key."""
        paires = zip(self.cle_expressions(a), self.cle_expressions(b), strict=True)
        return " and ".join(f"{x} is not distinct from {y}" for x, y in paires)

    @property
    def valeurs(self) -> tuple[str, ...]:
        """Names of the columns that are not part of the key."""
        return tuple(c.nom for c in self.colonnes if c.nom not in self.cle)


DATE_JALON = "date_jalon"

C = Colonne
PLAN = C("plan", requise=False, vers="plan", synonymes=("schema", "code_plan"),
         aide="Code du plan ; déduit du dossier quand il manque")
TERRITOIRE = C("territoire", vers="territoire", synonymes=("code_territoire", "zone", "code_departement", "departement"),
               aide="Vide : le département du plan")
VENTILATION = C("ventilation", defaut="", synonymes=("modalite", "sous_population"), aide="Vide : ensemble")

TRACE = (
    C("provenance", choix=model.Provenance, defaut="saisi", aide="publie, illustratif ou saisi"),
    C("source", aide="Origine de la donnée, telle qu’on la citerait"),
    C("supprimer", type=OUI_NON, defaut="non", aide="oui : retire cette ligne du plan à partir de ce dépôt"),
)

TABLES: dict[str, Table] = {t.nom: t for t in (
    Table("plan", ("plan",), (
        C("plan", requise=True, synonymes=("code", "code_plan")), C("departement", requise=True), C("intitule", requise=True),
        C("debut", DATE, requise=True), C("fin", DATE, requise=True), C("adopte_le", DATE),
        C("fuseau", defaut="Europe/Paris", aide="Fuseau horaire : Europe/Paris, Indian/Reunion…"),
        C("niveau_1", defaut="orientation"), C("niveau_1_pluriel", defaut="orientations"),
        C("seuil_dans_les_temps", NOMBRE, defaut="0.95"), C("seuil_retard_leger", NOMBRE, defaut="0.60"),
        C("seuil_partiel", NOMBRE, defaut="0.60"),
        C("validation", OUI_NON, defaut="non", aide="oui : un dépôt attend qu’une deuxième personne l’accepte"),
    ), ("plans",), structure=True),
    Table("territoire", ("plan", "code"), (
        PLAN, C("code", requise=True), C("nom", requise=True), C("type"), C("parent"),
    ), ("territoires",), structure=True),
    Table("orientation", ("plan", "code"), (
        PLAN, C("code", requise=True), C("intitule", requise=True, synonymes=("libelle", "titre")),
        C("libelle_court", longueur=28), C("ordre", ENTIER),
    ), ("orientations", "objectif_strategique", "objectifs_strategiques", "axes"), structure=True),
    Table("action", ("plan", "code"), (
        PLAN, C("code", requise=True), C("orientation", requise=True, vers="orientation"),
        C("intitule", requise=True, synonymes=("libelle", "titre")), C("libelle_court", longueur=28), C("description"),
        C("debut", DATE), C("echeance_initiale", DATE), C("echeance", DATE), C("priorite"), C("publics"),
    ), ("actions", "fiches_actions"), structure=True),
    Table("partenaire", ("plan", "code"), (
        PLAN, C("code", requise=True), C("nom", requise=True), C("type"),
    ), ("partenaires",), structure=True),
    Table("participation", ("plan", "action", "partenaire", "role"), (
        PLAN, C("action", requise=True, vers="action"), C("partenaire", requise=True, vers="partenaire"),
        C("role", requise=True, choix=model.Role), C("convention"),
    ), ("participations",), structure=True),
    Table("indicateur", ("plan", "code"), (
        PLAN, C("code", requise=True), C("intitule", requise=True, synonymes=("libelle",)), C("libelle_court", longueur=28),
        C("definition"), C("numerateur"), C("denominateur"), C("unite", requise=True),
        C("facteur", NOMBRE, aide="Pour un taux : 1, 100 ou 1000"), C("borne_min", NOMBRE), C("borne_max", NOMBRE),
        C("decimales", ENTIER, aide="Vide : 1 pour un taux, 0 sinon"),
        C("sens", choix=model.Sens, defaut="hausse"), C("type_cible", requise=True, choix=model.TypeCible),
        C("nature", requise=True, choix=model.Nature), C("periodicite", choix=model.Periodicite, defaut="annuelle"),
        C("delai_publication_mois", ENTIER, defaut="0"), C("type", choix=model.TypeIndicateur, defaut="resultat"),
        C("agregation", choix=model.Agregation, defaut="aucune"), C("responsable"), C("seuil_secret", ENTIER, defaut="5"),
        C("limites"),
    ), ("indicateurs",), structure=True),
    Table("action_indicateur", ("plan", "action", "indicateur"), (
        PLAN, C("action", requise=True, vers="action"), C("indicateur", requise=True, vers="indicateur"),
    ), ("actions_indicateurs", "action_indicateurs"), structure=True),
    Table("cible", ("plan", "indicateur", "territoire", "ventilation", "role", DATE_JALON), (
        PLAN, C("indicateur", requise=True, vers="indicateur"), TERRITOIRE, VENTILATION,
        C("role", requise=True, choix=model.RoleCible), C("date", DATE, requise=True), C("valeur", NOMBRE),
        C("valeur_min", NOMBRE), C("valeur_max", NOMBRE), C("motif"),
    ), ("cibles", "objectifs"), structure=True),
    Table("mesure", ("plan", "indicateur", "territoire", "ventilation", "debut", "fin"), (
        PLAN, C("indicateur", requise=True, vers="indicateur", synonymes=("code_indicateur", "code")), TERRITOIRE, VENTILATION,
        C("debut", DATE), C("fin", DATE), C("valeur", NOMBRE, synonymes=("resultat", "realise")),
        C("numerateur", NOMBRE), C("denominateur", NOMBRE),
        C("etat", choix=model.Etat, defaut="definitif"), C("perimetre"), C("millesime"), C("commentaire"),
    ), ("mesures", "valeurs", "valeur")),
    Table("suivi_action", ("plan", "action", "date"), (
        PLAN, C("action", requise=True, vers="action"), C("date", DATE, requise=True),
        C("statut", choix=model.StatutAction), C("meteo", choix=model.Meteo), C("bilan", choix=model.Bilan),
        C("commentaire"), C("auteur"),
    ), ("suivi_actions", "suivis_actions", "suivi")),
    Table("etape", ("plan", "action", "ordre"), (
        PLAN, C("action", requise=True, vers="action"), C("ordre", ENTIER, requise=True), C("intitule", requise=True),
        C("prevu_le", DATE), C("fait_le", DATE),
    ), ("etapes",), structure=True),
    Table("budget", ("plan", "action", "annee", "nature"), (
        PLAN, C("action", requise=True, vers="action"), C("annee", ENTIER, requise=True), C("nature", requise=True),
        C("prevu", NOMBRE), C("depense", NOMBRE), C("financeur"),
    ), ("budgets",)),
    Table("lien", ("plan", "action", "adresse"), (
        PLAN, C("action", requise=True, vers="action"), C("adresse", requise=True), C("intitule"),
    ), ("liens",), structure=True),
    Table("seance", ("plan", "code"), (
        PLAN, C("code", requise=True), C("type"), C("date", DATE, requise=True), C("territoire"), C("presidence"),
        C("intitule"), C("observe_au", DATE), C("connu_au", HORODATAGE), C("figee_le", HORODATAGE), C("empreinte"),
        C("close_le", HORODATAGE),
    ), ("seances",)),
    Table("ordre_du_jour", ("plan", "seance", "ordre"), (
        PLAN, C("seance", requise=True, vers="seance"), C("ordre", ENTIER, requise=True),
        C("sujet", requise=True, choix=model.Sujet), C("intitule"), C("minutes", ENTIER), C("action", vers="action"),
    ), ("ordres_du_jour",)),
    Table("participant", ("plan", "seance", "nom"), (
        PLAN, C("seance", requise=True, vers="seance"), C("nom", requise=True), C("fonction"),
        C("presence", choix=model.PresenceSeance, defaut="present"),
    ), ("participants", "feuille_de_presence")),
    Table("seance_etat", ("plan", "seance", "ordre"), (
        PLAN, C("seance", requise=True, vers="seance"), C("ordre", ENTIER, requise=True), C("contenu", requise=True),
    ), importable=False),
    Table("decision", ("plan", "code"), (
        PLAN, C("code", requise=True), C("seance", requise=True, vers="seance"), C("action", vers="action"),
        C("texte", requise=True), C("responsable"), C("echeance", DATE),
        C("etat", choix=model.EtatDecision, defaut="a_faire"), C("motif"),
    ), ("decisions",)),
    Table("repere", ("code",), (
        C("code", requise=True), C("date", DATE, requise=True), C("intitule", requise=True), C("type"), C("texte"),
    ), ("reperes",), par_plan=False),
    Table("rupture", ("plan", "indicateur", "territoire", "date"), (
        PLAN, C("indicateur", requise=True, vers="indicateur"), TERRITOIRE, C("date", DATE, requise=True),
        C("texte", requise=True),
    ), ("ruptures",)),
    Table("alias", ("plan", "table", "ancien"), (
        PLAN, C("table", requise=True), C("ancien", requise=True), C("nouveau", requise=True),
    ), ("aliases",)),
)}

# What a meeting writes: pilotage alone may, and no second person is waited for.
SEANCES = frozenset({"seance", "seance_etat", "ordre_du_jour", "participant", "decision"})

# Columns that a file may carry instead of, or besides, the stored ones: shorthands resolved while checking.
RACCOURCIS: dict[str, tuple[Colonne, ...]] = {
    "mesure": (C("periode", synonymes=("date", "annee", "date_valeur"),
                 aide="2021, T1 2021, S1 2021, 2021-03, 2021/2022 ou 31/12/2021"),),
    "action": (C("pilote", vers="partenaire", aide="Raccourci d’une participation de rôle pilote"),),
}
