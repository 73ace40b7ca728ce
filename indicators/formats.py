"""French writing of numbers, dates, periods and units: the one road from a value to the eye of a reader.

Pure functions, no locale of the machine. Spaces never break a number: U+202F inside and before %, U+00A0 before a word.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from zoneinfo import ZoneInfo

FINE = "\u202f"
INSECABLE = "\u00a0"
CODE = re.compile(r"(```.*?```|`[^`]*`)", re.DOTALL)
GUILLEMET = re.compile(r"(?<=«) | (?=»)")
HAUTE = re.compile(r" (?=[;!?](?![\w\[(=])|:(?:\s|$))")
ESPACE = re.compile(r" [;:!?»]|« ")  # what there is to bind
MOINS = "\u2212"
ABSENT = "n. d."
MASQUE = "s."  # a value that the statistical secret hides

MOIS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip

# 400 digits hold any float: quantize never fails on a value that a file could bring.
_CONTEXTE = Context(prec=400)

_LIEUR = re.compile(r"^(d’|d'|l’|l')|^(de|du|des|à|au|aux|en|pour|par|sur|sous|dans|avec|sans|chez|entre|et|ou|ayant|dont)$")
_INVARIABLES = frozenset(
    {
        "mois", "fois", "cas", "avis", "pays", "temps", "parcours", "recours", "concours", "cours", "accès", "décès",
        "succès", "procès", "bras", "sous",
    }
)  # fmt: skip
_MUETTES = frozenset({"nombre", "effectif", "effectifs", "ratio", "sans unité"})  # name what a number is, are not said after it
_ABREGES = frozenset({"min", "sec", "pers", "hab", "env"})
_SINGULIERS = {"travaux": "travail", "baux": "bail", "yeux": "œil"}
_PLURIELS = {un: plusieurs for plusieurs, un in _SINGULIERS.items()}
_FEMININS = frozenset(
    {
        "places", "mesures", "familles", "heures", "années", "semaines", "personnes", "femmes", "filles", "mères", "visites",
        "structures", "fratries", "demandes", "aides", "équipes", "unités", "séances", "rencontres", "fiches", "classes",
        "communes", "écoles", "chambres", "procédures", "admissions", "audiences", "minutes", "secondes", "prestations",
        "solutions", "lettres", "plaintes", "offres", "ressources", "études", "enquêtes", "alertes", "notes", "fois",
    }
)  # fmt: skip
_FIN_FEMININE = re.compile(r"(tion|sion|ée|ance|ence|ude|ette|esse)s?$")
_MASCULINS = frozenset(
    {
        "lycées", "musées",
    }
)  # fmt: skip


def _arrondi(x: float | Decimal | None, decimales: int) -> Decimal | None:
    """Round half away from zero on the written form of the number, as DuckDB's `round` does; None when not finite."""
    if x is None:
        return None
    exact = x if isinstance(x, Decimal) else Decimal(x) if isinstance(x, int) else Decimal(repr(float(x)))
    if not exact.is_finite():
        return None
    return exact.quantize(Decimal(1).scaleb(-decimales), ROUND_HALF_UP, _CONTEXTE)


def singulier(unite: str) -> str:
    """Singular of a unit given in the plural; only the noun and its adjectives change, up to the first linking word.

    >>> singulier("assistants familiaux"), singulier("places d’accueil"), singulier("mois"), singulier("ETP")
    ('assistant familial', 'place d’accueil', 'mois', 'ETP')
    """
    mots = unite.split(" ")
    for rang, mot in enumerate(mots):
        if _LIEUR.match(mot):
            break
        mots[rang] = _mot_singulier(mot)
    return " ".join(mots)


def _mot_singulier(mot: str) -> str:
    if mot in _INVARIABLES or mot.isupper() or len(mot) < 3:
        return mot
    if mot in _SINGULIERS:
        return _SINGULIERS[mot]
    if mot.endswith(("eaux", "eux", "oux")):
        return mot[:-1]
    if mot.endswith("aux"):
        return mot[:-3] + "al"
    return mot[:-1] if mot.endswith("s") else mot


def plurielle(unite: str) -> str:
    """Plural of a unit, which some files give in the singular; what is already plural, a symbol or an acronym stays as it is.

    >>> plurielle("assistant familial"), plurielle("place d’accueil"), plurielle("jours"), plurielle("ETP"), plurielle("k€")
    ('assistants familiaux', 'places d’accueil', 'jours', 'ETP', 'k€')
    """
    mots = unite.split(" ")
    for rang, mot in enumerate(mots):
        if _LIEUR.match(mot):
            break
        mots[rang] = _mot_pluriel(mot)
    return " ".join(mots)


def _mot_pluriel(mot: str) -> str:
    if not mot.isalpha() or not mot.islower() or len(mot) < 3 or mot in _ABREGES or mot.endswith(("s", "x", "z")):
        return mot
    if mot in _PLURIELS:
        return _PLURIELS[mot]
    if mot.endswith("al"):
        return mot[:-2] + "aux"
    return mot + ("x" if mot.endswith(("eau", "eu")) else "s")


def est_singulier(n: float | Decimal | None) -> bool:
    """Whether French counts `n` as a singular: from -2 to 2, bounds excluded (1,5 jour; 0 enfant)."""
    return n is not None and abs(n) < 2


def accord(n: float | Decimal | None, singulier: str, pluriel: str | None = None) -> str:
    """The word alone, agreed with `n`; the plural takes an s on the whole last word unless given.

    >>> accord(1, "action"), accord(2, "action"), accord(3, "niveau", "niveaux"), accord(0, "retenu")
    ('action', 'actions', 'niveaux', 'retenu')
    """
    if est_singulier(n):
        return singulier
    return pluriel if pluriel is not None else singulier if singulier.endswith(("s", "x", "z")) else singulier + "s"


def pluriel(n: float | None, singulier: str, pluriel: str | None = None) -> str:
    """The number and its word, agreed and unbreakable.

    >>> pluriel(1, "action"), pluriel(1200, "action")
    ('1\\xa0action', '1\\u202f200\\xa0actions')
    """
    decimales = 0 if n is None or float(n).is_integer() else 1
    return f"{format_nombre(n, decimales)}{INSECABLE}{accord(_arrondi(n, decimales), singulier, pluriel)}"


def participe(n: float | None, mot: str, unite: str, decimales: int = 0) -> str:
    """A past participle agreed in number with `n` as it is written, in gender with the unit (masculine when it says nothing).

    >>> participe(24, "visé", "places"), participe(90, "visé", "jours"), participe(1, "visé", "places")
    ('visées', 'visés', 'visée')
    """
    nom = unite.split(" ")[0]
    feminin = nom in _FEMININS or (nom not in _MASCULINS and bool(_FIN_FEMININE.search(nom)))
    return mot + ("e" if feminin else "") + ("" if est_singulier(_arrondi(n, decimales)) else "s")


def format_nombre(x: float | Decimal | None, decimales: int = 0, unite: str = "", signe: bool = False) -> str:
    """Write a number in French; None, NaN and infinities give "n. d.", a rounded zero never has a sign.

    >>> format_nombre(1234.5, 1, "%"), format_nombre(1, 0, "enfants"), format_nombre(1.5, 1, "jours"), format_nombre(-0.04, 1)
    ('1\\u202f234,5\\u202f%', '1\\xa0enfant', '1,5\\xa0jour', '0,0')
    """
    arrondi = _arrondi(x, decimales)
    if arrondi is None:
        return ABSENT
    prefixe = MOINS if arrondi < 0 else "+" if signe and arrondi > 0 else ""
    nombre = prefixe + f"{abs(arrondi):,f}".replace(",", FINE).replace(".", ",")
    if not unite or unite in _MUETTES:
        return nombre
    if unite[0] in "%‰":
        return f"{nombre}{FINE}{unite}"
    return f"{nombre}{INSECABLE}{singulier(unite) if est_singulier(arrondi) else plurielle(unite)}"


def format_exact(x: float | Decimal | None, unite: str = "") -> str:
    """Every decimal that a finite number has (12 at most), as a person would type it again; empty when there is none.

    >>> format_exact(1234.50), format_exact(-3.0), format_exact(None)
    ('1\\u202f234,5', '−3', '')
    """
    if x is None:
        return ""
    exact = x if isinstance(x, Decimal) else Decimal(repr(x))
    return format_nombre(exact, min(max(0, -int(exact.normalize().as_tuple().exponent)), 12), unite)


def format_ecart(x: float | Decimal | None, decimales: int = 0, unite: str = "") -> str:
    """Write a difference, always signed; percentages differ by points.

    >>> format_ecart(-9.7, 1, "%"), format_ecart(1, 0, "%"), format_ecart(12, 0, "places")
    ('−9,7\\xa0points', '+1\\xa0point', '+12\\xa0places')
    """
    return format_nombre(x, decimales, {"%": "points", "‰": "points pour mille"}.get(unite, unite), signe=True)


def format_date(d: date | None) -> str:
    """31/12/2022.

    >>> format_date(date(2022, 12, 31)), format_date(None)
    ('31/12/2022', 'n. d.')
    """
    return ABSENT if d is None else f"{d.day:02}/{d.month:02}/{d.year:04}"


def format_date_longue(d: date | None) -> str:
    """31 décembre 2022, 1er janvier 2020, with spaces that do not break.

    >>> format_date_longue(date(2020, 1, 1))
    '1er\\xa0janvier\\xa02020'
    """
    if d is None:
        return ABSENT
    return INSECABLE.join(("1er" if d.day == 1 else str(d.day), MOIS[d.month - 1], str(d.year)))


def format_periode(debut: date, fin: date) -> str:
    """The usual name of a period, both ends included, else its two dates.

    >>> format_periode(date(2022, 1, 1), date(2022, 3, 31)), format_periode(date(2021, 9, 1), date(2022, 8, 31))
    ('T1\\xa02022', 'année scolaire 2021-2022')
    >>> format_periode(date(2021, 1, 1), date(2022, 12, 31)), format_periode(date(2022, 2, 1), date(2022, 2, 28))
    ('2021-2022', 'février\\xa02022')
    """
    if debut == fin:
        return format_date(fin)
    entiere = debut.day == 1 and (fin + timedelta(days=1)).day == 1 if fin < date.max else debut.day == 1
    mois = 12 * (fin.year - debut.year) + fin.month - debut.month + 1
    if entiere and mois == 12 and debut.month == 1:
        return str(debut.year)
    if entiere and mois == 24 and debut.month == 1:
        return f"{debut.year}-{fin.year}"
    if entiere and mois == 12 and debut.month == 9:
        return f"année scolaire {debut.year}-{fin.year}"
    if entiere and mois == 1:
        return f"{MOIS[debut.month - 1]}{INSECABLE}{debut.year}"
    if entiere and mois in (3, 6) and (debut.month - 1) % mois == 0:
        return f"{'T' if mois == 3 else 'S'}{(debut.month - 1) // mois + 1}{INSECABLE}{debut.year}"
    return f"du {format_date(debut)} au {format_date(fin)}"


def format_horodatage(utc: datetime | None, fuseau: str) -> str:
    """An instant in the plan's time zone (IANA name); a datetime without zone is UTC.

    >>> format_horodatage(datetime(2024, 11, 21, 13, 5), "Indian/Reunion")
    '21/11/2024 à 17\\xa0h\\xa005'
    """
    if utc is None:
        return ABSENT
    local = (utc if utc.tzinfo else utc.replace(tzinfo=UTC)).astimezone(ZoneInfo(fuseau))
    return f"{format_date(local.date())} à {local.hour}{INSECABLE}h{INSECABLE}{local.minute:02}"


def bind_punctuation(texte: str) -> str:
    """A Markdown text whose French punctuation stays with its word at the end of a line; code is left as it is.

    >>> bind_punctuation("lu « n.d » : `a : b` ; fini ?") == "lu «\\u00a0n.d\\u00a0»\\u202f: `a : b`\\u202f; fini\\u202f?"
    True
    """
    if not ESPACE.search(texte):
        return texte
    morceaux = CODE.split(texte)
    morceaux[::2] = (HAUTE.sub(FINE, GUILLEMET.sub(INSECABLE, x)) for x in morceaux[::2])
    return "".join(morceaux)


def titre(mot: str) -> str:
    """Capital on the first letter only; acronyms and the rest stay as they are.

    >>> titre("à actualiser"), titre("ETP de la PMI")
    ('À actualiser', 'ETP de la PMI')
    """
    return mot[:1].upper() + mot[1:]


def decimales_utiles(pas: float) -> int:
    """Number of decimals that a step between ticks needs (0 to 6).

    >>> decimales_utiles(20), decimales_utiles(2.5), decimales_utiles(0.05)
    (0, 1, 2)
    """
    if not math.isfinite(pas) or pas <= 0:
        return 0
    return next((k for k in range(7) if abs(pas * 10**k - round(pas * 10**k)) < 1e-6 * max(1.0, pas * 10**k)), 6)


FORMULE = ("=", "+", "-", "@", "\t", "\r")  # how a formula may begin
NOMBRE = re.compile(r"[-+]?\d+(,\d+)?(e[-+]?\d+)?")  # and what begins like one but is a number


def format_csv(entetes: Sequence[str], lignes: Iterable[Sequence[object]]) -> bytes:
    """Bytes of a CSV that a French spreadsheet opens right; a text that it would run as a formula is quoted.

    >>> format_csv(["a", "b"], [["=1+1", -2], ["-1,5", "é"]]).decode("utf-8-sig")
    "a;b\\r\\n'=1+1;-2\\r\\n-1,5;é\\r\\n"
    """
    tampon = io.StringIO(newline="")
    sortie = csv.writer(tampon, delimiter=";", lineterminator="\r\n")
    sortie.writerow(entetes)
    sortie.writerows([f"'{v}" if isinstance(v, str) and v[:1] in FORMULE and not NOMBRE.fullmatch(v) else v for v in ligne]
                     for ligne in lignes)
    return tampon.getvalue().encode("utf-8-sig")
