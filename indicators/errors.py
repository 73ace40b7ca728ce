"""Everything that can go wrong, said in French with what to do next.

`ErreurMetier` and its children are trouble of use or of operation: shown as they are, on the page and on the command line.
`CATALOGUE` holds the anomalies of received files: values, never exceptions.
"""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from indicators.model import Anomalie, Gravite

# what zipfile raises: an archive cut or changed, a name or a text that is none, a compression that it does not know, a password
ARCHIVE_ABIMEE = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError)


class ErreurMetier(Exception):
    """Trouble that a person can act on: `message` says what happened, `conseil` what to do."""

    def __init__(self, message: str, conseil: str) -> None:
        super().__init__(f"{message} {conseil}")
        self.message = message
        self.conseil = conseil


class ReglageInvalide(ErreurMetier):
    """An environment variable holds something that cannot be used."""

    def __init__(self, nom: str, valeur: str, attendu: str) -> None:
        super().__init__(f"Le réglage {nom} vaut « {valeur} », ce qui ne convient pas.", f"Valeur attendue : {attendu}.")


class ContoursInvalides(ErreurMetier):
    """The file of the outlines of territories cannot be drawn."""

    def __init__(self, fichier: Path, detail: str) -> None:
        super().__init__(f"La carte ne peut pas être dessinée : le fichier {fichier.name} ne convient pas, {detail}.",
                         "Corrigez-le ou retirez-le : le tableau dit les mêmes valeurs. Le guide décrit ce fichier.")


class BaseAbsente(ErreurMetier):
    """No version of the base exists yet."""

    def __init__(self, dossier: object) -> None:
        super().__init__(f"Il n’y a pas encore de base dans {dossier}.", "Lancez « python -m indicators init ».")


class BaseTropRecente(ErreurMetier):
    """The base was written by a later release of the tool."""

    def __init__(self, inconnues: list[str]) -> None:
        super().__init__(
            f"La base vient d’une version plus récente de l’outil (migrations inconnues ici : {', '.join(inconnues)}).",
            "Mettez l’outil à jour ; d’ici là, aucune écriture n’est possible depuis ce poste.")


class MigrationModifiee(ErreurMetier):
    """A migration already applied to the base no longer has the text it had."""

    def __init__(self, noms: list[str]) -> None:
        super().__init__(
            f"Des migrations déjà appliquées à la base ont été modifiées : {', '.join(noms)}.",
            "Remettez ces fichiers de indicators/sql/migrations dans leur état d’origine (git checkout), puis relancez.")


class VersionEndommagee(ErreurMetier):
    """The last published version cannot be trusted."""

    def __init__(self, fichier: object, servie: object | None = None) -> None:
        self.fichier = fichier
        suite = (f"La version précédente ({servie}) est servie en lecture seule." if servie
                 else "Aucune version antérieure n’est lisible.")
        super().__init__(
            f"Le fichier {fichier} de la base est endommagé. {suite}",
            "Lancez « python -m indicators restore » avec la dernière sauvegarde et l’option --rejouer (README, « Sauvegarder et "
            "restaurer ») : aucun dépôt enregistré n’est perdu. Les fichiers reçus restent dans le dossier « recus ».")


class SauvegardeInutilisable(ErreurMetier):
    """What was given to restore is not a sound backup."""

    def __init__(self, fichier: object, detail: str) -> None:
        super().__init__(f"La sauvegarde {fichier} ne peut pas servir : {detail}.",
                         "Essayez une sauvegarde plus ancienne : rien n’a été remis, la base est comme elle était.")


class EcritureImpossible(ErreurMetier):
    """The disk or the folder refused the write; nothing was published."""


class BaseOccupee(ErreurMetier):
    """Another write holds the lock."""

    def __init__(self, attente: float) -> None:
        super().__init__(f"Un autre dépôt est en cours depuis plus de {attente:g} secondes.",
                         "Attendez qu’il se termine, puis recommencez : rien n’a été écrit.")


class Renoncement(Exception):
    """Raised inside a write to publish nothing and still answer: nothing new, or anomalies that refuse everything."""

    def __init__(self, resultat: object) -> None:
        super().__init__("rien à publier")
        self.resultat = resultat


class DepotRefuse(ErreurMetier):
    """A dépôt, a cancellation or a taking back breaks a rule of the base."""


class DemandeInvalide(ErreurMetier):
    """A command or an address asks for something that does not exist."""


class AccesRefuse(ErreurMetier):
    """This person may not do, or see, what is asked."""


class ServeurExpose(ErreurMetier):
    """The server would answer other machines while nobody signs in, or its sign-in cannot work."""


@dataclass(frozen=True)
class TypeAnomalie:
    """One kind of anomaly: title, message template (fields: valeur, colonne, detail) and what to do."""

    code: str
    titre: str
    gravite: Gravite
    message: str
    conseil: str
    ecarte: bool = False  # a warning that still keeps its row from being applied

    @property
    def retient(self) -> bool:
        """Does a row with this anomaly stay out?"""
        return self.ecarte or self.gravite is Gravite.BLOQUANTE


B, A = Gravite.BLOQUANTE, Gravite.AVERTISSEMENT

CATALOGUE: dict[str, TypeAnomalie] = {t.code: t for t in (
    TypeAnomalie("fichier_illisible", "Fichier illisible", B, "Le fichier ne se lit pas : {detail}",
                 "Enregistrez-le de nouveau depuis votre tableur au format « CSV UTF-8 (point-virgule) »."),
    TypeAnomalie("fichier_vide", "Fichier vide", B, "Le fichier ne contient aucune ligne de données.",
                 "Vérifiez que vous avez choisi le bon fichier."),
    TypeAnomalie("fichier_trop_grand", "Fichier trop grand", B, "Le fichier dépasse ce qui est lu : {detail}",
                 "Coupez-le en plusieurs fichiers, ou demandez à la personne qui gère l’outil de relever la limite."),
    TypeAnomalie("encodage_mac", "Encodage MacRoman", A,
                 "Le fichier n’est lisible qu’avec l’encodage des anciens Mac (MacRoman).",
                 "Vérifiez quelques accents ; au besoin, enregistrez-le de nouveau au format « CSV UTF-8 (point-virgule) »."),
    TypeAnomalie("table_inconnue", "Table non reconnue", B,
                 "Ni le nom du fichier ni ses colonnes ne disent de quelle table il s’agit.",
                 "Choisissez-la dans la correspondance des colonnes (page Déposer), ou nommez le fichier d’après sa table "
                 "(par exemple mesure.csv ; --table en ligne de commande). Tables : {detail}."),
    TypeAnomalie("entete_plus_bas", "En-tête plus bas", A,
                 "Les titres des colonnes ont été trouvés sous d’autres lignes (ils commencent ligne {detail}).",
                 "Rien à faire si c’est le bon en-tête : ce qui le précède n’est pas lu."),
    TypeAnomalie("entete_repetee", "En-tête répété", A, "La ligne répète les titres des colonnes : elle n’est pas lue.",
                 "Rien à faire.", ecarte=True),
    TypeAnomalie("ligne_total", "Ligne de total", A, "La ligne « {valeur} » est un total : elle n’est pas lue.",
                 "Rien à faire ; si c’est une vraie donnée, donnez-lui le code de son territoire.", ecarte=True),
    TypeAnomalie("ligne_note", "Note sous le tableau", A, "« {valeur} » est une note sous le tableau : elle n’est pas lue.",
                 "Rien à faire.", ecarte=True),
    TypeAnomalie("ligne_sans_valeur", "Ligne sans aucune valeur", A, "Aucune des périodes de cette ligne n’est remplie.",
                 "Rien à faire, ou écrivez n.d. pour dire que la valeur n’est pas disponible.", ecarte=True),
    TypeAnomalie("colonne_manquante", "Colonne manquante", B, "La colonne « {colonne} » est obligatoire et manque au fichier.",
                 "Ajoutez cette colonne à la première ligne, puis sa valeur à chaque ligne."),
    TypeAnomalie("colonne_inconnue", "Colonne inconnue", A, "La colonne « {colonne} » n’est pas connue : elle n’est pas lue.",
                 "Vérifiez son orthographe, ou désignez-la dans la correspondance des colonnes (page Déposer). "
                 "Colonnes attendues : {detail}."),
    TypeAnomalie("colonne_double", "Colonne en double", B, "La colonne « {colonne} » apparaît plusieurs fois.",
                 "Gardez une seule colonne de ce nom."),
    TypeAnomalie("feuille_ignoree", "Feuille non reconnue", A,
                 "La feuille « {valeur} » ne ressemble à aucune table : elle n’est pas lue.",
                 "Rien à faire si c’est une notice ; sinon, nommez la feuille d’après sa table (par exemple mesure)."),
    TypeAnomalie("feuille_masquee", "Feuille masquée", A, "La feuille « {valeur} » est masquée : elle n’est pas lue.",
                 "Affichez-la dans le tableur si elle porte des données."),
    TypeAnomalie("modele_vide", "Modèle non rempli", A, "Aucune ligne de ce modèle n’est remplie : il n’apporte rien.",
                 "Remplissez les cellules jaunes des lignes que vous connaissez, puis renvoyez le classeur."),
    TypeAnomalie("formule_sans_valeur", "Formule sans résultat", B, "La formule « {valeur} » n’a pas de résultat enregistré.",
                 "Ouvrez le classeur dans votre tableur et enregistrez-le, ou remplacez la formule par sa valeur."),
    TypeAnomalie("date_en_nombre", "Date écrite comme un nombre", A, "« {valeur} » est lu comme la date {detail}.",
                 "Si ce n’est pas cela, écrivez la date ou la période en clair."),
    TypeAnomalie("colonne_redondante", "Colonne redondante", A,
                 "La colonne « {colonne} » n’est pas lue : « {valeur} » donne déjà la colonne {detail}.",
                 "Rien à faire si c’est la bonne ; sinon, retirez l’autre colonne."),
    TypeAnomalie("colonne_devinee", "Colonne devinée", A, "La colonne « {colonne} » est lue comme la colonne {detail}.",
                 "Si ce n’est pas cela, changez-la dans la correspondance des colonnes (page Déposer), ou nommez-la autrement."),
    TypeAnomalie("colonne_cible", "Colonne de cible", A, "La colonne « {colonne} » porte une cible : elle n’est pas lue.",
                 "Déposez les cibles dans un fichier de la table cible (indicateur, role, date, valeur)."),
    TypeAnomalie("plan_reconnu", "Plan d’action reconnu", A, "La feuille est lue comme un plan d’action. Lignes lues par table : "
                 "{detail}.", "Vérifiez que rien ne manque ; chaque colonne non lue est signalée."),
    TypeAnomalie("ligne_aide", "Ligne d’aide", A, "La ligne (« {valeur} »…) explique comment remplir : elle n’est pas lue.",
                 "Rien à faire.", ecarte=True),
    TypeAnomalie("ligne_sans_action", "Ligne sans action", A,
                 "La ligne (« {valeur} ») ne porte aucune action : elle ne peut que donner leur axe aux suivantes.",
                 "Rien à faire si c’est un titre ; sinon, écrivez le titre de l’action.", ecarte=True),
    TypeAnomalie("cellules_recopiees", "Cellules recopiées vers le bas", A,
                 "Cellules vides de la colonne « {colonne} » lues avec le texte du dessus, comme des cellules fusionnées : "
                 "{detail}.", "Si ce n’est pas cela, remplissez chaque ligne."),
    TypeAnomalie("colonne_non_reprise", "Contenu non repris", A, "La colonne « {colonne} » n’est pas reprise : {detail}",
                 "Rien à faire si cela vous convient ; sinon, complétez le fichier et déposez-le de nouveau."),
    TypeAnomalie("ligne_irreguliere", "Ligne irrégulière", B,
                 "La ligne n’a pas le même nombre de cellules que l’en-tête ({detail}).",
                 "Vérifiez les séparateurs et les guillemets de cette ligne."),
    TypeAnomalie("cellule_trop_longue", "Cellule trop longue", B, "« {valeur} » dépasse {detail} caractères.",
                 "Raccourcissez cette cellule, ou vérifiez qu’un guillemet n’a pas avalé plusieurs lignes."),
    TypeAnomalie("valeur_manquante", "Valeur manquante", B, "La colonne « {colonne} » est vide alors qu’elle est obligatoire.",
                 "Renseignez cette cellule."),
    TypeAnomalie("nombre_illisible", "Nombre non compris", B, "« {valeur} » n’est pas un nombre.",
                 "Écrivez un nombre seul, par exemple 1 234,5 ; pour une valeur absente, utilisez la colonne etat."),
    TypeAnomalie("mot_ambigu", "Absence mal précisée", A, "« {valeur} » est lu comme une valeur non disponible.",
                 "Écrivez n.d. (non disponible), s.o. (sans objet), s. (secret) ou NR (non répondu) pour le dire exactement."),
    TypeAnomalie("erreur_tableur", "Erreur de tableur", B, "« {valeur} » est une erreur de calcul du tableur.",
                 "Corrigez la formule dans le tableur, ou écrivez n.d. si la valeur n’est pas disponible."),
    TypeAnomalie("entier_illisible", "Nombre entier non compris", B, "« {valeur} » n’est pas un nombre entier.",
                 "Écrivez un nombre entier, par exemple 2024."),
    TypeAnomalie("date_impossible", "Date impossible", B, "« {valeur} » n’est pas une date qui existe.",
                 "Écrivez la date JJ/MM/AAAA ou AAAA-MM-JJ, par exemple 31/12/2022."),
    TypeAnomalie("oui_non_illisible", "Oui ou non attendu", B, "« {valeur} » n’est ni oui ni non.",
                 "Écrivez oui, non, ou laissez vide."),
    TypeAnomalie("choix_inconnu", "Valeur hors de la liste", B, "« {valeur} » n’est pas une valeur admise pour « {colonne} ».",
                 "Valeurs admises : {detail}."),
    TypeAnomalie("code_inconnu", "Code inconnu", B, "« {valeur} » n’existe pas dans le plan.", "{detail}"),
    TypeAnomalie("plan_inconnu", "Plan inconnu", B, "Le plan « {valeur} » n’est pas connu.",
                 "Précisez le plan (--plan), ou déposez d’abord le fichier plan.csv. {detail}"),
    TypeAnomalie("cle_en_double", "Ligne en double", A,
                 "Cette ligne a la même clé et les mêmes valeurs que la ligne {detail} : elle n’est pas lue.",
                 "Rien à faire ; si l’une des deux devait porter autre chose, corrigez-la.", ecarte=True),
    TypeAnomalie("valeurs_contradictoires", "Valeurs contradictoires", B,
                 "Cette ligne a la même clé que la ligne {detail}, qui dit autre chose dans « {colonne} ».",
                 "Gardez la bonne ligne et retirez l’autre : ni l’une ni l’autre n’est lue tant qu’elles se contredisent."),
    TypeAnomalie("texte_trop_long", "Texte trop long", B, "« {valeur} » dépasse {detail} caractères.",
                 "Raccourcissez ce libellé."),
    TypeAnomalie("periode_impossible", "Période impossible", B, "« {valeur} » n’est pas une période qui existe.",
                 "Écrivez 2021, T1 2021, S1 2021, 2021-03, 2021/2022 ou 31/12/2021."),
    TypeAnomalie("periode_manquante", "Période manquante", B, "La ligne ne dit pas sa période.",
                 "Renseignez la colonne periode, ou les colonnes debut et fin."),
    TypeAnomalie("periode_hors_periodicite", "Date hors période", B,
                 "Le {valeur} ne termine aucune période de cet indicateur ({detail}).",
                 "Donnez la période entière (par exemple 2022) ou la date de sa fin."),
    TypeAnomalie("periode_future", "Période à venir", B, "« {valeur} » n’a pas commencé : rien n’a pu y être mesuré.",
                 "Vérifiez l’année. Une valeur à atteindre se dépose dans la table cible."),
    TypeAnomalie("periode_inachevee", "Période inachevée", A, "« {valeur} » ne finit que le {detail}.",
                 "Attendez la fin de la période, ou dites la valeur « provisoire » ou « estime » dans la colonne etat."),
    TypeAnomalie("fin_avant_debut", "Fin avant le début", B, "La fin ({valeur}) précède le début ({detail}).",
                 "Corrigez l’une des deux dates."),
    TypeAnomalie("mesure_sans_valeur", "Ligne sans valeur", B,
                 "La ligne ne porte ni valeur, ni numérateur et dénominateur, ni état qui explique l’absence.",
                 "Renseignez valeur, ou numerateur et denominateur, ou etat (non_disponible, secret, sans_objet, non_repondu)."),
    TypeAnomalie("cible_sans_valeur", "Cible sans valeur", B, "La ligne ne porte ni valeur, ni valeur_min, ni valeur_max.",
                 "Renseignez au moins l’une des trois."),
    TypeAnomalie("cible_contre_sens", "Cible contre le sens favorable", A,
                 "La cible va contre le sens favorable de l’indicateur : {detail}.",
                 "Vérifiez le sens sur l’indicateur, puis la référence et la cible : un statut fondé sur elles serait faux."),
    TypeAnomalie("hors_bornes", "Valeur hors des bornes", B, "{valeur} sort des bornes de cet indicateur ({detail}).",
                 "Vérifiez l’unité et la valeur ; si les bornes sont trop étroites, corrigez-les sur l’indicateur."),
    TypeAnomalie("denominateur_nul", "Dénominateur nul", A, "Le dénominateur vaut 0 : le taux ne peut pas être calculé.",
                 "Vérifiez le dénominateur, ou déclarez la valeur sans objet."),
    TypeAnomalie("taux_incoherent", "Taux incohérent", B, "« {valeur} » ne correspond pas à {detail}.",
                 "L’un des trois nombres est faux, ou le facteur de l’indicateur : corrigez-le, ou ne gardez que les termes."),
    TypeAnomalie("saut_historique", "Saut par rapport au passé", A,
                 "« {valeur} » s’écarte fortement de ce qui précède : {detail}.",
                 "Vérifiez l’unité et les chiffres. Si la valeur est juste, déposez-la ; "
                 "un changement de méthode se déclare dans la table rupture."),
    TypeAnomalie("sous_seuil_secret", "Petit effectif en clair", A,
                 "« {valeur} » compte moins de {detail} personnes : le seuil du secret statistique n’est pas atteint.",
                 "Écrivez s. à la place du nombre ; si ce nombre peut être diffusé, abaissez seuil_secret sur l’indicateur."),
    TypeAnomalie("perimetres_melanges", "Périmètres mélangés", A,
                 "Le périmètre « {valeur} » diffère de celui de la même série ({detail}).",
                 "Vérifiez que ces valeurs se comparent ; sinon, suivez-les par deux indicateurs."),
    TypeAnomalie("formule", "Formule dans un texte", B, "« {valeur} » serait exécuté comme une formule par un tableur.",
                 "Remplacez la formule par son résultat, ou commencez la cellule par une lettre."),
    TypeAnomalie("code_caractere_cache", "Caractère caché dans un code", B,
                 "« {valeur} » contient un caractère qui ne se voit pas ({detail}).",
                 "Tapez de nouveau ce code au clavier : il paraît juste et ne l’est pas."),
    TypeAnomalie("caracteres_de_controle", "Caractère de contrôle", A,
                 "Le texte contient un caractère de contrôle ({detail}) ; il est gardé tel quel.",
                 "Tapez de nouveau ce passage s’il s’affiche mal."),
    TypeAnomalie("donnees_personnelles", "Données personnelles", B,
                 "La colonne « {colonne} » porte des données personnelles ({detail}) : le fichier entier est refusé, "
                 "rien n’en est gardé.",
                 "Retirez cette colonne et ne déposez que des effectifs. Si elle porte autre chose (le nom d’un territoire…), "
                 "dites-le dans son titre."),
    TypeAnomalie("millesime_ancien", "Édition plus ancienne", A,
                 "L’édition « {valeur} » est plus ancienne que celle en place ({detail}) : la ligne n’est pas appliquée.",
                 "Pour revenir à cette édition, annulez d’abord le dépôt qui a apporté la plus récente.", ecarte=True),
    TypeAnomalie("reel_prime", "Donnée réelle en place", A,
                 "Une donnée réelle existe ou a été retirée pour cette clé : la ligne illustrative ne la remplace pas.",
                 "Rien à faire ; pour corriger une donnée réelle, déposez une ligne de provenance « publie » ou « saisi ».",
                 ecarte=True),
)}


def build_anomalie(code: str, fichier: str, ligne: int | None = None, colonne: str | None = None, valeur: str | None = None,
                   detail: str = "") -> Anomalie:
    """The anomaly `code` of the catalogue, filled for one place of one file; KeyError for a code that it does not hold."""
    t = CATALOGUE[code]
    champs = {"valeur": valeur if valeur is not None else "(vide)", "colonne": colonne or "", "detail": detail}
    return Anomalie(fichier, ligne, colonne, valeur, code, t.gravite, t.message.format(**champs),
                    t.conseil.format(**champs).strip())
