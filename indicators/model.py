"""The words of the field: enums whose members are the stored slugs and carry a French `.label`.

Nothing here knows the base or the screen. Severity, order and rules live in `sql/views`; this module only names things.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mot(StrEnum):
    """A stored slug with the French label shown to people."""

    label: str

    def __new__(cls, slug: str, label: str) -> Mot:
        membre = str.__new__(cls, slug)
        membre._value_ = slug
        membre.label = label
        return membre


class Statut(Mot):
    """Status of an indicator at a date (design rule of `sql/views/*_statut.sql`)."""

    ATTEINT = "atteint", "Atteint"
    DANS_LES_TEMPS = "dans_les_temps", "En bonne voie"
    SEUIL_RESPECTE = "seuil_respecte", "Seuil respecté"
    RETARD_LEGER = "retard_leger", "À surveiller"
    RETARD_FORT = "retard_fort", "En retard"
    RECUL = "recul", "En recul"
    SEUIL_FRANCHI = "seuil_franchi", "Seuil franchi"
    SUIVI = "suivi", "Suivi sans cible"
    NON_EVALUABLE = "non_evaluable", "Non évaluable"
    NON_RENSEIGNE = "non_renseigne", "Non renseigné"


class StatutAction(Mot):
    """What people say of an action; `ECHEANCE_DEPASSEE` is derived, never stored."""

    NON_DEMARREE = "non_demarree", "Non démarrée"
    EN_COURS = "en_cours", "En cours"
    REALISEE = "realisee", "Réalisée"
    REPORTEE = "reportee", "Reportée"
    SUSPENDUE = "suspendue", "Suspendue"
    ABANDONNEE = "abandonnee", "Abandonnée"
    ECHEANCE_DEPASSEE = "echeance_depassee", "Échéance dépassée"
    NON_RENSEIGNEE = "non_renseignee", "Statut non renseigné"


class Verdict(Mot):
    """Final reading of a finished plan."""

    ATTEINT = "atteint", "Atteint"
    PARTIELLEMENT_ATTEINT = "partiellement_atteint", "Partiellement atteint"
    NON_ATTEINT = "non_atteint", "Non atteint"
    NON_EVALUABLE = "non_evaluable", "Non évaluable"


class Provenance(Mot):
    """Where a row comes from, from the weakest to the strongest."""

    ILLUSTRATIF = "illustratif", "Donnée illustrative"
    SAISI = "saisi", "Donnée saisie"
    PUBLIE = "publie", "Donnée publiée"


class Etat(Mot):
    """State of a value; only the first three can be evaluated."""

    DEFINITIF = "definitif", "Définitif"
    PROVISOIRE = "provisoire", "Provisoire"
    ESTIME = "estime", "Estimé"
    NON_DISPONIBLE = "non_disponible", "Non disponible"
    SANS_OBJET = "sans_objet", "Sans objet"
    SECRET = "secret", "Secret statistique"
    NON_REPONDU = "non_repondu", "Non répondu"


INCERTAINS = (Etat.PROVISOIRE, Etat.ESTIME)  # said so beside their value, and drawn hollow


class Sens(Mot):
    """Favourable direction of an indicator."""

    HAUSSE = "hausse", "À la hausse"
    BAISSE = "baisse", "À la baisse"
    NEUTRE = "neutre", "Sans sens favorable"


class TypeCible(Mot):
    """What the target asks for."""

    ATTEINDRE = "atteindre", "Atteindre une valeur"
    RESTER_AU_DESSUS = "rester_au_dessus", "Rester au-dessus d’un seuil"
    RESTER_EN_DESSOUS = "rester_en_dessous", "Rester en dessous d’un seuil"
    RESTER_ENTRE = "rester_entre", "Rester dans une fourchette"
    REALISER = "realiser", "Réaliser à une date"
    SUIVRE = "suivre", "Suivre, sans cible"


class Nature(Mot):
    """What a value counts."""

    STOCK = "stock", "Stock (à une date)"
    FLUX = "flux", "Flux (au cours d’une période)"
    CUMUL = "cumul", "Cumul depuis la référence"
    TAUX = "taux", "Taux"


class Periodicite(Mot):
    """How often a value is expected."""

    MENSUELLE = "mensuelle", "Mensuelle"
    TRIMESTRIELLE = "trimestrielle", "Trimestrielle"
    SEMESTRIELLE = "semestrielle", "Semestrielle"
    ANNUELLE = "annuelle", "Annuelle"
    ANNEE_SCOLAIRE = "annee_scolaire", "Année scolaire"
    TOUS_LES_DEUX_ANS = "tous_les_deux_ans", "Tous les deux ans"


class TypeIndicateur(Mot):
    """Level of evaluation."""

    CONTEXTE = "contexte", "Contexte"
    REALISATION = "realisation", "Réalisation"
    RESULTAT = "resultat", "Résultat"
    IMPACT = "impact", "Impact"


class Agregation(Mot):
    """How a missing département value may be built from its territories."""

    AUCUNE = "aucune", "Aucune"
    SOMME = "somme", "Somme des territoires"


class Role(Mot):
    """Part that a partner plays in an action."""

    PILOTE = "pilote", "Pilote"
    COPILOTE = "copilote", "Copilote"
    CONTRIBUTEUR = "contributeur", "Contributeur"


class RoleCible(Mot):
    """Place of a target row on the trajectory."""

    REFERENCE = "reference", "Référence"
    JALON = "jalon", "Jalon"
    FINALE = "finale", "Cible finale"


class Meteo(Mot):
    """Human judgement on an action, kept apart from any computed status (vocabulary of the préfectures)."""

    SOLEIL = "soleil", "Objectifs sécurisés"
    COUVERT = "couvert", "Objectifs atteignables"
    NUAGE = "nuage", "Appuis nécessaires"
    ORAGE = "orage", "Objectifs compromis"


class Bilan(Mot):
    """Final judgement of people on an action."""

    ATTEINT = "atteint", "Atteint"
    PARTIELLEMENT_ATTEINT = "partiellement_atteint", "Partiellement atteint"
    NON_ATTEINT = "non_atteint", "Non atteint"


class TypeDepot(Mot):
    """Kind of dépôt."""

    DEPOT = "depot", "Dépôt"
    ANNULATION = "annulation", "Annulation"
    RETABLISSEMENT = "retablissement", "Rétablissement"
    PROPOSE = "propose", "Dépôt proposé"
    ACCEPTATION = "acceptation", "Acceptation"
    REFUS = "refus", "Refus"


class EtatDepot(Mot):
    """Does what a dépôt wrote count now?"""

    EN_VIGUEUR = "en_vigueur", "En vigueur"
    ANNULE = "annule", "Annulé"
    PROPOSE = "propose", "Attend d’être accepté"
    REFUSE = "refuse", "Refusé"


class Presence(Mot):
    """What is known of one period that an indicator should have a value for."""

    VALEUR = "valeur", "Valeur"
    PROVISOIRE = "provisoire", "Valeur provisoire ou estimée"
    NON_DISPONIBLE = "non_disponible", "Non disponible"
    NON_REPONDU = "non_repondu", "Non répondu"
    SECRET = "secret", "Secret statistique"
    SANS_OBJET = "sans_objet", "Sans objet"
    INEXPLOITABLE = "inexploitable", "Valeur inexploitable"
    MANQUANTE = "manquante", "Manquante"
    PAS_ATTENDUE = "pas_attendue", "Pas encore attendue"


class DefautCible(Mot):
    """What deserves a second look in a target; the label says what to do about it."""

    SENS_CONTRAIRE = "sens_contraire", "La cible va contre le sens favorable\u202f: vérifier le sens, puis la cible."
    SEUIL_DEGUISE = "seuil_deguise", (
        "La cible est un seuil à tenir\u202f: elle égale la référence, ou n’a que des bornes. Choisir un type de cible "
        "«\u00a0rester au-dessus\u00a0», «\u00a0en dessous\u00a0» ou «\u00a0entre\u00a0».")
    DEJA_ATTEINTE = "deja_atteinte", "La cible était déjà atteinte au départ\u202f: elle ne demande aucun progrès, la revoir."
    SANS_REFERENCE = "sans_reference", "La référence manque\u202f: aucun chemin ne peut être mesuré, la déposer."
    JALONS_DESORDONNES = "jalons_desordonnes", (
        "Les jalons ne vont pas dans l’ordre, de la référence à la cible\u202f: vérifier leurs dates et leurs valeurs.")


class Mouvement(Mot):
    """What became of one value between two dates."""

    NOUVELLE = "nouvelle", "Nouvelle"
    REVISEE = "revisee", "Révisée"
    RETIREE = "retiree", "Retirée"


class EtatSeance(Mot):
    """Where a meeting is in its life."""

    PREPAREE = "preparee", "Non figée"
    FIGEE = "figee", "Figée"
    CLOSE = "close", "Close"


class EtatDecision(Mot):
    """How far a decision has gone; « en retard » is derived from its deadline, never stored."""

    A_FAIRE = "a_faire", "À faire"
    EN_COURS = "en_cours", "En cours"
    FAITE = "faite", "Faite"
    ABANDONNEE = "abandonnee", "Abandonnée"


class PresenceSeance(Mot):
    """Who was at a meeting."""

    PRESENT = "present", "Présent"
    REPRESENTE = "represente", "Représenté"
    EXCUSE = "excuse", "Excusé"
    ABSENT = "absent", "Absent"


class Sujet(Mot):
    """What one point of an agenda shows."""

    OUVERTURE = "ouverture", "Ouverture"
    ORDRE_DU_JOUR = "ordre_du_jour", "Ordre du jour"
    SYNTHESE = "synthese", "Synthèse"
    EVOLUTION = "evolution", "Depuis la dernière séance"
    DECISIONS = "decisions", "Décisions encore ouvertes"
    ACTION = "action", "Action à décider"
    LIBRE = "libre", "Point libre"
    RELEVE = "releve", "Relevé de décisions"


class Lecture(Mot):
    """What a control chart says of one value."""

    HABITUELLE = "habituelle", "Variation habituelle"
    AMELIORATION = "amelioration", "Signal d’amélioration"
    DEGRADATION = "degradation", "Signal de dégradation"
    CHANGEMENT = "changement", "Signal de changement"


class Capacite(Mot):
    """How often the process of a control chart would meet the target."""

    TOUJOURS = "toujours", "La cible serait toujours atteinte"
    PARFOIS = "parfois", "La cible serait tantôt atteinte, tantôt non"
    JAMAIS = "jamais", "La cible ne serait jamais atteinte"


class Gravite(Mot):
    """Gravity of an anomaly: a `bloquante` one keeps its row (or its file) out."""

    BLOQUANTE = "bloquante", "Bloquante"
    AVERTISSEMENT = "avertissement", "Avertissement"


class Habilitation(Mot):
    """Role of a signed-in person, from the least to the most."""

    LECTURE = "lecture", "Lecture"
    DEPOT = "depot", "Dépôt"
    PILOTAGE = "pilotage", "Pilotage"
    ADMINISTRATION = "administration", "Administration"


class Trace(Mot):
    """What the access journal records of people and of the tool; `detail` of a removal holds the SHA-256s."""

    CONNEXION = "connexion", "Connexion"
    EXPORT = "export", "Chiffres non masqués emportés"
    RETRAIT = "retrait_recus", "Fichiers reçus retirés"
    RESTAURATION = "restauration", "Restauration"


@dataclass(frozen=True)
class Attribution:
    """One role given to someone; only `depot` has a plan, and maybe the responsable whose indicators it is limited to."""

    role: Habilitation
    plan: str = ""
    responsable: str = ""


@dataclass(frozen=True)
class Anomalie:
    """One problem found in a received file; `ligne` counts from 1, header included; None where it does not apply."""

    fichier: str
    ligne: int | None
    colonne: str | None
    valeur: str | None
    code: str
    gravite: Gravite
    message: str
    conseil: str
