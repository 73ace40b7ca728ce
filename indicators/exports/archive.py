"""Office files are zip archives: the same parts must give the same bytes on any day, in any process."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime, time

from indicators.meetings.deck import Entete

_DATE = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</dcterms:(?:created|modified)>)")


def date_export(entete: Entete) -> datetime:
    """The only date that an export bears: when the séance was frozen (UTC), else its day."""
    return (entete.seance.figee_le or datetime.combine(entete.seance.date, time())).replace(microsecond=0)


def seal_archive(contenu: bytes, quand: datetime) -> bytes:
    """The same archive with that date on every entry, and in the properties of the workbooks that it embeds."""
    tampon = io.BytesIO()
    jour = (max(quand.year, 1980), *quand.timetuple()[1:6])  # a zip knows no earlier year
    with zipfile.ZipFile(io.BytesIO(contenu)) as lue, zipfile.ZipFile(tampon, "w", zipfile.ZIP_DEFLATED) as ecrite:
        for nom in lue.namelist():
            partie = lue.read(nom)
            if nom.endswith(".xlsx"):
                partie = seal_archive(partie, quand)
            elif nom == "docProps/core.xml":
                partie = _DATE.sub(rb"\g<1>" + quand.strftime("%Y-%m-%dT%H:%M:%SZ").encode() + rb"\g<2>", partie)
            entree = zipfile.ZipInfo(nom, jour)
            entree.compress_type = zipfile.ZIP_DEFLATED
            entree.create_system = 0  # the same on every operating system
            ecrite.writestr(entree, partie)
    return tampon.getvalue()
