"""Personal data never enters: a file that names people is refused whole, by its titles or by what its cells look like.

Titles are quoted, cells never: what is found here is told by its kind alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from indicators.errors import build_anomalie
from indicators.reading.headers import Entete
from indicators.reading.mapping import Raison
from indicators.reading.received import Enregistrement, Feuille, Tableau
from indicators.reading.records import TETE
from indicators.reading.words import normalize
from indicators.tables import Table

CODE = "donnees_personnelles"
ECHANTILLON = 20_000  # rows whose cells are looked at, spread over the file
PLUSIEURS = 3  # distinct addresses or numbers from which a column is made of them, when half of its cells are

QUI = (r"(?:_(?:d_?|de_|du_|des_|de_l_?|de_la_|l_?)?(?:enfants?|mineure?s?|jeunes?|usagere?s?|beneficiaires?|personnes?"
       r"|peres?|meres?|parents?|eleves?|patients?|agente?s?|allocataires?|assure|victimes?|demandeur|(?:responsable|representant)_legal"
       r"|assistante?_familiale?))?(?:_\d)?")
NATURES = (
    ("nom, prénom ou initiales", re.compile(
        rf"(?:noms?_(?:et_|ou_)?prenoms?|prenoms?(?:_(?:et_)?noms?)?|initiales?|identite"
        rf"|noms?_(?:de_)?(?:famille|naissance|jeune_fille|usage|usuel)|nom_d_?usage){QUI}|noms?(?=_){QUI}")),
    ("date ou lieu de naissance", re.compile(
        rf"(?:date|jour|lieu|commune|ville)_(?:de_)?naiss(?:ance)?{QUI}|naissance|ddn|nee?_le|ne_e_le|mnais|anais")),
    ("numéro de dossier ou identifiant", re.compile(
        rf"(?:n|no|num|numero|id|identifiant|code|ref|reference)_(?:de_|du_|d_)?(?:dossier|allocataire|caf|securite_sociale|secu|nir|ss)"
        rf"{QUI}|(?:n|no|num|numero)_insee|nir|nirpp|idflnat|numanonym(?:ant)?|ine")),
    ("adresse, téléphone ou courriel", re.compile(
        rf"(?:adresse|adresse_(?:postale|mail|e_mail|electronique|(?:du_)?domicile)|domicile|telephone|telephone_(?:fixe|portable|mobile)"
        rf"|tel|tel_(?:fixe|portable|mobile)|(?:n|no|num|numero)_(?:de_)?tel(?:ephone)?|courriel|e_?mail|mail){QUI}")),
)
NOM = re.compile(r"noms?")  # what it names is only known from the table, or from the titles beside it
CONTACT = NATURES[-1][0]  # alone, it may be that of a service

# the same separator all along, or none: « 2.34731185226552 » is a number
NIR = re.compile(r"(?<![\d.,])(?P<sexe>[1-478])(?P<s>[ .\u00a0\u202f-]?)(?P<an>\d\d)(?P=s)(?P<mois>0[1-9]|1[0-2]|[2-9]\d)(?P=s)"
                 r"(?P<lieu>\d\d|2[ABab])(?P=s)(?P<commune>\d{3})(?P=s)(?P<rang>\d{3})(?:[ .\u00a0\u202f-]?(?P<cle>\d\d))?(?!\d)")
COURRIEL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-zA-Z]{2,}")
TELEPHONE = re.compile(r"(?:0|(?:\+|00)(?:33|262)[ .-]?(?:\(0\))?[ .-]?)[1-9](?:[ .\u00a0-]?\d\d){4}")


def refuse_personal(feuille: Feuille, table: Table | None = None, entete: Entete | None = None) -> Tableau | None:
    """The table that stands for a sheet of personal data: no row, no other anomaly, one for each column at fault; else None.

    Without a header that was recognised, the titles are looked for in the first rows.
    """
    sur = entete is not None and sum(map(bool, entete.colonnes)) + len(entete.periodes) > 1
    fautes = dict(_find_titles(feuille.lignes, table, entete if sur else None))
    for place, nature in _find_contents(feuille.lignes):
        titre = entete.cellules[place] if entete is not None and sur and place < len(entete.cellules) else ""
        fautes.setdefault(titre or f"sans titre, la {place + 1}e", nature)
    if not fautes:
        return None
    dites = [build_anomalie(CODE, feuille.nom, colonne=titre, detail=nature) for titre, nature in fautes.items()]
    return Tableau(feuille.nom, table, (), [], 0, dites)


def is_personal(tableau: Tableau) -> bool:
    """Was this table refused for what it tells of people?"""
    return any(a.code == CODE for a in tableau.anomalies)


def _nature(titre: str) -> str | None:
    forme = normalize(titre)
    return next((nature for nature, motif in NATURES if motif.fullmatch(forme)), None)


def _find_titles(lignes: Sequence[Enregistrement], table: Table | None, entete: Entete | None) -> Iterator[tuple[str, str]]:
    """(title, kind) of the columns that say what they hold; those that the table knows are its own."""
    if entete is not None and table is not None:
        connues = {c.nom for c in table.colonnes}
        for titre, colonne, raison in zip(entete.cellules, entete.colonnes, entete.raisons, strict=True):
            nature = _nature(titre)
            if nature is None and "nom" not in connues and NOM.fullmatch(normalize(titre)):
                nature = NATURES[0][0]
            if nature and not (colonne and raison in (Raison.EXACTE, Raison.SYNONYME)):  # a choice changes nothing to what it is
                yield titre, nature
        return
    for _, cellules in lignes[:TETE]:
        trouvees = [(" ".join(c.split()), n) for c in cellules if len(c) < 60 and (n := _nature(c))]
        noms = [(" ".join(c.split()), NATURES[0][0]) for c in cellules if len(c) < 6 and NOM.fullmatch(normalize(c))]
        remplies = sum(1 for c in cellules if c.strip())
        # « Téléphone ; 04 76… » in a notice is a contact, one personal word in a row of titles is a column
        if trouvees and (len(trouvees) + len(noms) > 1 or (remplies > 1 and trouvees[0][1] != CONTACT)):
            yield from (*noms, *trouvees)
            return


def _find_contents(lignes: Sequence[Enregistrement]) -> Iterator[tuple[int, str]]:
    """(place, kind) of the columns whose cells are social security numbers, e-mail addresses or phone numbers."""
    nirs: set[int] = set()
    vues: dict[tuple[int, str], Counter[str]] = {}
    echantillon = lignes[::len(lignes) // ECHANTILLON + 1]
    for _, cellules in echantillon:
        for i, c in enumerate(cellules):
            if len(c) < 6:
                continue
            if "@" in c and (lu := COURRIEL.search(c)):
                vues.setdefault((i, "adresses de courriel"), Counter()).update([lu[0]])
            elif c[0] in "0+" and TELEPHONE.fullmatch(c.strip()):
                vues.setdefault((i, "numéros de téléphone"), Counter()).update([c])
            elif len(c) > 12 and (nir := NIR.search(c)):
                if nir["cle"] is None:
                    vues.setdefault((i, "numéros de sécurité sociale"), Counter()).update([nir[0]])
                elif _key(nir) == int(nir["cle"]):
                    nirs.add(i)
    yield from ((i, "numéros de sécurité sociale") for i in sorted(nirs))
    for (i, nature), differentes in vues.items():
        remplies = sum(1 for _, c in echantillon if i < len(c) and c[i].strip())
        if len(differentes) >= PLUSIEURS and differentes.total() >= remplies / 2:
            yield i, nature


def _key(nir: re.Match[str]) -> int:
    corps = "".join(nir.group("sexe", "an", "mois", "lieu", "commune", "rang")).upper().replace("2A", "19").replace("2B", "18")
    return 97 - int(corps) % 97
