"""Which columns of a sheet are those of an action plan, as départements title them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from indicators.errors import build_anomalie
from indicators.model import Anomalie
from indicators.reading.plan_words import fold_title
from indicators.reading.received import Enregistrement
from indicators.reading.records import TETE

SYNONYMES: dict[str, tuple[str, ...]] = {
    "orientation": ("axe", "axes", "axe_strategique", "orientation", "orientations", "orientation_strategique", "ambition",
                    "enjeu", "objectif_strategique", "objectifs_strategiques", "objectif_general", "titre_de_l_axe",
                    "intitule_de_l_axe", "libelle_de_l_axe", "titre_de_l_orientation", "intitule_de_l_orientation",
                    "libelle_de_l_orientation", "intitule_orientation", "intitule_axe"),
    "code_orientation": ("code_orientation", "code_de_l_orientation", "n_orientation", "n_de_l_orientation", "code_axe", "n_axe",
                         "n_de_l_axe", "numero_axe", "numero_de_l_axe", "numero_orientation"),
    "sous_niveau": ("sous_axe", "sous_sous_axe", "sous_orientation", "sous_objectif", "objectif_operationnel",
                    "objectifs_operationnels", "objectif_specifique", "objectifs_specifiques"),
    "action": ("titre_de_l_action", "action", "actions", "intitule_de_l_action", "libelle_de_l_action", "nom_de_l_action",
               "titre_de_la_fiche_action", "intitule_de_la_fiche_action", "titre_de_la_fiche", "intitule_action",
               "libelle_action", "titre_action", "nom_action", "fiche_action"),
    "code": ("code", "code_action", "code_de_l_action", "n", "no", "num", "numero", "n_action", "n_de_l_action", "no_action",
             "numero_action", "numero_de_l_action", "reference", "ref", "n_fiche", "n_de_fiche", "n_de_la_fiche"),
    "sous_action": ("titre_de_la_sous_action", "sous_action", "sous_actions", "intitule_de_la_sous_action",
                    "libelle_de_la_sous_action", "etape", "intitule_de_l_etape"),
    "description": ("description", "descriptif", "description_de_l_action", "descriptif_de_l_action", "contenu",
                    "contenu_de_l_action", "resume"),
    "pilote": ("pilote", "pilotes", "pilotage", "pilote_de_l_action", "structure_pilote", "service_pilote", "direction_pilote",
               "direction_ou_service_pilote", "organisme_pilote", "institution_pilote", "chef_de_file", "porteur", "porteurs",
               "porteur_de_l_action", "structure_porteuse", "responsable", "structure_responsable", "service_responsable",
               "direction_responsable"),
    "copilote": ("copilote", "copilotes", "co_pilote", "co_pilotes", "copilotage"),
    "contributeur": ("partenaire", "partenaires", "partenaires_associes", "partenaires_mobilises", "partenaires_de_l_action",
                     "autres_partenaires", "contributeur", "contributeurs", "acteurs", "acteurs_associes",
                     "structures_associees", "partenariat", "partenariats"),
    "debut": ("debut", "date_de_debut", "date_debut", "date_de_demarrage", "demarrage", "date_de_lancement", "debut_de_l_action"),
    "echeance": ("echeance", "date_de_fin", "date_fin", "fin", "date_d_echeance", "date_limite", "fin_prevue",
                 "echeance_prevue", "date_de_fin_prevue", "fin_de_l_action"),
    "echeance_initiale": ("echeance_initiale", "date_de_fin_initiale"),
    "priorite": ("priorite", "niveau_de_priorite"),
    "publics": ("public", "publics", "public_cible", "publics_cibles", "public_vise", "publics_vises", "beneficiaires"),
    "statut": ("statut", "statut_de_l_action", "etat", "etat_de_l_action", "etat_d_avancement", "avancement",
               "avancement_de_l_action"),
    "meteo": ("meteo", "meteo_de_l_action"),
    "commentaire": ("commentaire", "commentaires", "commentaire_de_suivi", "commentaires_de_suivi", "observations"),
    "date": ("date_du_suivi", "date_de_suivi", "date_du_point", "date_du_statut", "date_de_mise_a_jour", "mise_a_jour",
             "date_de_maj", "maj", "mis_a_jour_le", "date_d_actualisation"),
    "financeur": ("financeur", "financeurs", "financement", "financements"),
    "personne": ("personne_pilote", "personnes_pilotes", "elu_referent", "elus_referents", "elue_referente", "elus_referentes",
                 "referent", "referents", "chef_de_projet", "contact", "contacts", "interlocuteur"),
    "indicateur": ("indicateur", "indicateurs", "indicateurs_lies", "indicateurs_de_suivi", "indicateur_de_suivi",
                   "indicateurs_d_evaluation", "indicateurs_de_resultat", "indicateurs_de_realisation"),
}
CHAMPS = {forme: champ for champ, formes in SYNONYMES.items() for forme in formes}
# words that say too little by themselves: they are read so only when nothing says better
TITRES_NUS = ("intitule", "titre", "libelle")
OBJECTIFS = ("objectif", "objectifs", "thematique", "thematiques")
MULTIPLES = {"sous_niveau", "pilote", "copilote", "contributeur", "financeur", "budget", "sans_annee", "personne", "indicateur"}
CONNUES = ("orientation (ou axe), n°, action, sous-action, description, pilote, copilote, partenaires, date de début, échéance, "
           "priorité, publics, statut, date du suivi, commentaire, budget de chaque année")

DATE_DU_TITRE = re.compile(r"\bau\s+(\d{1,2}/\d{1,2}/\d{4})\s*$", re.IGNORECASE)
ANNEE = re.compile(r"(?<!\d)20\d\d(?!\d)")
ARGENT = re.compile(r"budgets?|couts?|montants?|credits?|depenses?|enveloppe")
DEPENSE = re.compile(r"depens|consomm|realis|execut|mandat")
NATURE = re.compile(r"fonctionnement|investissement")


@dataclass(frozen=True)
class ColonneBudget:
    """What the cells of a column of money are: the year, the nature, planned or spent."""

    annee: str
    nature: str
    champ: str


@dataclass(frozen=True)
class EntetePlan:
    """The header of an action plan: index of the first record below it, and the places of each field.

    `date` is the day that the title of the column of statuses gives (« État au 31/12/2023 »), '' when it gives none.
    """

    debut: int
    fin: int
    ligne: int
    titres: tuple[str, ...]
    champs: dict[str, list[int]]
    budgets: dict[int, ColonneBudget] = field(default_factory=dict)
    date: str = ""
    redondantes: dict[int, str] = field(default_factory=dict)

    @property
    def dated(self) -> bool:
        """Does the sheet say when its statuses were true?"""
        return "date" in self.champs or bool(self.date)

    def place(self, champ: str) -> int | None:
        """The column of a field that has one at most."""
        return self.champs[champ][0] if champ in self.champs else None

    def titre(self, champ: str) -> str:
        """The title of the column of this field, as the file writes it; the name of the field when there is none."""
        i = self.place(champ)
        return self.titres[i] if i is not None else champ


def find_header(lignes: Sequence[Enregistrement], annoncee: bool) -> EntetePlan | None:
    """The header of an action plan among the first records: actions, and who carries them or what they serve.

    When a name already announces one of our tables (`annoncee`), only a header with orientations is taken for a plan's.
    """
    trouves = [(len(e.champs), -rang, e) for rang in range(min(len(lignes), TETE))
               if (e := _read(rang, lignes[rang], annoncee))]
    return max(trouves, key=lambda t: t[:2])[2] if trouves else None


def tell_header(nom: str, entete: EntetePlan, premiere: int, remplies: set[int]) -> list[Anomalie]:
    """What is to be said of the header: where it was, and each column that holds something and is not read.

    `premiere` is the line of the first record of the sheet, `remplies` the columns that hold something below the header.
    """
    dites = []
    if entete.debut:
        dites.append(build_anomalie("entete_plus_bas", nom, entete.ligne, detail=str(premiere)))
    connues = {i for places in entete.champs.values() for i in places} | entete.redondantes.keys()
    for i, titre in enumerate(entete.titres):
        if i in entete.redondantes:
            champ = entete.redondantes[i]
            dites.append(build_anomalie("colonne_redondante", nom, entete.ligne, titre, entete.titre(champ), champ))
        elif i in remplies - connues:
            place = titre or f"sans titre, la {i + 1}e"
            dites.append(build_anomalie("colonne_inconnue", nom, entete.ligne, place, titre, CONNUES))
    return dites


def _read(rang: int, enregistrement: Enregistrement, annoncee: bool) -> EntetePlan | None:
    ligne, cellules = enregistrement
    titres = tuple(" ".join(c.split()) for c in cellules)
    champs: dict[str, list[int]] = {}
    budgets: dict[int, ColonneBudget] = {}
    redondantes: dict[int, str] = {}
    date = ""
    for i, titre in enumerate(titres):
        forme = re.sub(r"_\d+$", "", fold_title(re.sub(r"\([^)]{0,500}\)", "", titre)))
        champ = CHAMPS.get(forme, "")
        if datee := DATE_DU_TITRE.search(titre):
            champ = CHAMPS.get(fold_title(titre[:datee.start()]), "")
            date = datee[1] if champ == "statut" else date
        elif not champ and ARGENT.search(forme):
            annee = ANNEE.findall(titre)
            champ = "budget" if len(annee) == 1 else "sans_annee"
            if champ == "budget":
                nature = NATURE.search(forme)
                budgets[i] = ColonneBudget(annee[0], nature[0] if nature else "non précisée",
                                           "depense" if DEPENSE.search(forme) else "prevu")
                if budgets[i] in [b for j, b in budgets.items() if j != i]:
                    redondantes[i] = champ
                    continue
        if not champ:
            continue
        if champ in champs and champ not in MULTIPLES:
            redondantes[i] = champ
        else:
            champs.setdefault(champ, []).append(i)
    if "action" not in champs and not annoncee:
        _complete(champs, "action", titres, TITRES_NUS)
    if "orientation" not in champs:
        _complete(champs, "orientation", titres, OBJECTIFS)
    portee = {"orientation"} if annoncee else {"orientation", "pilote", "contributeur"}
    if "action" not in champs or not champs.keys() & portee or len(champs) < 3:
        return None
    return EntetePlan(rang, rang + 1, ligne, titres, champs, budgets, date, redondantes)


def _complete(champs: dict[str, list[int]], champ: str, titres: Sequence[str], formes: Sequence[str]) -> None:
    nus = [i for i, t in enumerate(titres) if fold_title(t) in formes]
    if len(nus) == 1:
        champs[champ] = nus
