"""Backups: one file that holds the last version, the received files and the access journal, each with its SHA-256.

    auto-20261122T024500-d000034.zip     made by the tool, before an update of the base and every N dépôts; the oldest go
    sauvegarde-20261122T024500-d000034.zip     asked for by a person; never removed

Unpacked, it has the layout of a base. It is reopened and compared with its own list before it takes its name.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import duckdb
from filelock import FileLock, Timeout

from indicators import audit, bordereaux, chaine, migrations
from indicators.derived import check_integrity, get_last_depot, rebuild_derived
from indicators.errors import ARCHIVE_ABIMEE, DemandeInvalide, EcritureImpossible, ErreurMetier, SauvegardeInutilisable
from indicators.model import Trace
from indicators.settings import Settings
from indicators.store import Store, is_intact
from indicators.verification import Controle, verify

T = TypeVar("T")

MANIFESTE = "manifeste.json"
MEMBRE = re.compile(r"manifeste\.json|versions/\d{6,}\.duckdb(\.sha256)?|recus/[0-9a-f]{64}|acces\.jsonl")
NOM = re.compile(r"(?P<genre>auto|sauvegarde)-(?P<quand>\d{8}T\d{6})-d(?P<depot>\d{6,})\.zip")
MOMENT = "%Y%m%dT%H%M%S"  # of `quand`, UTC
CHAMPS = {"faite_le", "depots", "maillon", "acces", "fichiers"}
OUTIL = "outil"  # who removes and restores, in the access journal


@dataclass(frozen=True)
class Sauvegarde:
    """A backup made and reopened: where, up to which dépôt, how many received files, and those that the base itself lacks."""

    fichier: str
    depots: int
    recus: int
    recus_manquants: tuple[str, ...]


@dataclass(frozen=True)
class Restauration:
    """A base put back: its last dépôt, how many dépôts were replayed, and what `verify` finds there."""

    depots: int
    rejoues: int
    controles: list[Controle]


class GuardedStore(Store):
    """The base with what watches over it: backups before updates and every N dépôts, received files removed after their time.

    All of that is done once the write is published and its lock given back; what fails is in `avertissement`, the write stands.
    """

    def prepare(self) -> list[str]:
        """The same, after a backup when the base is about to be migrated (the version before also stays in its place)."""
        versions = self.list_versions()
        if versions and is_intact(versions[0]) and self._must_migrate(versions[0]):
            self._try(lambda: create(self, self.settings.dossier_sauvegardes, "auto"), "la sauvegarde automatique")
        return super().prepare()

    def write(self, f: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        """The same, then what is due."""
        self.avertissement = None
        resultat = super().write(f)
        self._try(self._remove_old, "le retrait des fichiers reçus anciens")
        self._try(self._back_up_when_due, "la sauvegarde automatique")
        return resultat

    def _try(self, tache: Callable[[], object], nom: str) -> None:
        try:
            tache()
        except ErreurMetier as erreur:
            self.avertissement = EcritureImpossible(
                f"La base est à jour, mais {nom} n’a pas pu se faire. {erreur.message}", erreur.conseil)

    def _back_up_when_due(self) -> None:
        reglages, dossier = self.settings.sauvegardes, self.settings.dossier_sauvegardes
        dernier, _ = _get_last(self.read())
        faite = next((int(m["depot"]) for m, _ in reversed(list_backups(dossier)) if m["genre"] == "auto"), 0)
        if reglages.depots and (dernier - faite >= reglages.depots or faite > dernier):
            create(self, dossier, "auto")

    def _remove_old(self) -> None:
        if self.settings.recus_jours and self._list_old():
            with self._locked():  # a dépôt being written may hold the same file again
                anciens = self._list_old()
                if anciens:
                    audit.record(self.settings.base, OUTIL, Trace.RETRAIT, " ".join(f.name for f in anciens))
                for fichier in anciens:
                    fichier.unlink()

    def _list_old(self) -> list[Path]:
        limite = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=self.settings.recus_jours)
        lus = self.read().execute("select sha256 from fichier f join depot d on d.id = f.depot group by sha256 "
                                  "having max(recu_le) < ? order by 1", [limite]).fetchall()
        return [f for (empreinte,) in lus if (f := self.recus / empreinte).exists()]

    def restore(self, source: Path, rejouer: Path | None = None, remplace: bool = False) -> Restauration:
        """Put a backup (a file, or a folder laid out as a base) in place as the next version, carried on with `rejouer`.

        `rejouer` is the folder of the base whose last dépôts are wanted too. Everything is proved before the version is
        published, in one rename; the versions of before are set aside, never removed.
        """
        self._refuse_occupied(remplace)
        if not source.exists():
            raise DemandeInvalide(f"La sauvegarde {source} n’existe pas.", "Vérifiez son nom et son dossier.")
        with self._locked():
            self._refuse_occupied(remplace)
            anciennes = self.list_versions()
            try:
                dossier = source if source.is_dir() else _unpack(source, self.ecriture / "source")
                version = _choose_version(dossier, source)
                numero = max(int(v.stem) for v in (version, *anciennes)) + 1
                with self._draft(version, numero) as (copie, cur):
                    rejoues = self._carry_on(cur, source, rejouer)
                    dernier, _ = chaine.get_last(cur)
                    self._take_files(cur, [d for d in (dossier, rejouer) if d])
                    audit.record(self.settings.base, OUTIL, Trace.RESTAURATION,
                                 f"{source.name}, jusqu’au dépôt {dernier} dont {rejoues} rejoués")
                    self._publish(copie, cur, bordereaux.export(cur, dernier, self.ecriture / "aucun", self.ecriture))
            except OSError as erreur:
                raise _refused(self.settings.base, erreur) from erreur
            finally:
                self._sweep()
            for ancienne in anciennes:
                for fichier in (ancienne, ancienne.with_suffix(".duckdb.sha256")):
                    if fichier.exists():
                        self.set_aside(fichier)
        return Restauration(dernier, rejoues, verify(self))

    def _refuse_occupied(self, remplace: bool) -> None:
        if self.list_versions() and not remplace:
            raise DemandeInvalide(f"Il y a déjà une base dans {self.settings.base}.",
                                  "Restaurez dans un autre dossier (INDICATORS_BASE), ou demandez --remplace : les versions en "
                                  "place seront mises de côté dans « ecartees ».")

    def _carry_on(self, cur: duckdb.DuckDBPyConnection, source: Path, rejouer: Path | None) -> int:
        """Bring the copy to this code, prove its chain, and add the dépôts of `rejouer`; how many."""
        if migrations.check_journal(cur, self._migrations) or not migrations.check_views(cur):
            migrations.apply_migrations(cur, self._migrations)
            migrations.apply_views(cur)
            rebuild_derived(cur, None)
        chaine.seal(cur)
        _, defaut = chaine.check(cur)
        if defaut:
            raise SauvegardeInutilisable(source.name, defaut)
        check_integrity(cur)
        if rejouer is None:
            return 0
        if not (rejouer / "depots").is_dir():
            raise DemandeInvalide(f"Le dossier {rejouer} ne contient pas de bordereaux (« depots »).",
                                  "Donnez le dossier de la base d’où viennent les derniers dépôts.")
        return bordereaux.replay(cur, rejouer / "depots", self.ecriture)

    def _take_files(self, cur: duckdb.DuckDBPyConnection, dossiers: list[Path]) -> None:
        """Received files that the base lacks, and the longest sound access journal when it has none."""
        for (empreinte,) in cur.execute("select distinct sha256 from fichier").fetchall():
            trouves = [f for d in dossiers if (f := d / "recus" / empreinte).is_file()]
            contenu = next((c for f in trouves if hashlib.sha256(c := f.read_bytes()).hexdigest() == empreinte), None)
            if contenu is not None:
                self.keep_file(contenu)
        journal = audit.get_path(self.settings.base)
        bilans = [(audit.check(d), audit.get_path(d)) for d in dossiers]
        sains = sorted((b.lignes, str(f)) for b, f in bilans if b.lignes and not b.defaut)
        if sains and not journal.exists():
            shutil.copyfile(sains[-1][1], self.ecriture / journal.name)
            os.replace(self.ecriture / journal.name, journal)


def create(store: Store, dossier: Path, genre: str = "sauvegarde") -> Sauvegarde:
    """Save the last version, its received files and the access journal in one file of `dossier`, reopened before it has its name.

    Raises what prevents it: `VersionEndommagee`, `EcritureImpossible`, `BaseOccupee` when another process is at it.
    """
    cur = store.read()
    if store.probleme:
        raise store.probleme
    version = store.list_versions()[0]
    depots, maillon = _get_last(cur)
    quand = datetime.now(UTC)
    final = dossier / f"{genre}-{quand:{MOMENT}}-d{depots:06d}.zip"
    partiel = dossier / f".{final.name}.partiel"
    try:
        dossier.mkdir(parents=True, exist_ok=True)
        with _alone(dossier):
            try:
                with zipfile.ZipFile(partiel, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as zip_:
                    sommes = {f"versions/{v.name}": _add(zip_, v, f"versions/{v.name}")
                              for v in (version, version.with_suffix(".duckdb.sha256"))}
                    attendus = {e for (e,) in cur.execute("select distinct sha256 from fichier").fetchall()}
                    presents = sorted(e for e in attendus if (store.recus / e).is_file())
                    sommes |= {f"recus/{e}": _add(zip_, store.recus / e, f"recus/{e}") for e in presents}
                    lignes = audit.read_whole(store.settings.base)
                    zip_.writestr("acces.jsonl", lignes)
                    sommes["acces.jsonl"] = hashlib.sha256(lignes).hexdigest()
                    liens = audit.list_links(lignes)
                    zip_.writestr(MANIFESTE, json.dumps({
                        "faite_le": quand.replace(tzinfo=None).isoformat(), "depots": depots, "maillon": maillon,
                        "acces": [len(liens), liens[-1] if liens else ""], "fichiers": sommes}, indent=1))
                with partiel.open("rb+") as f:
                    os.fsync(f.fileno())
                check_file(partiel)
                os.replace(partiel, final)
            finally:
                partiel.unlink(missing_ok=True)
            if genre == "auto":
                autos = [f for m, f in list_backups(dossier) if m["genre"] == "auto"]
                for ancienne in autos[:-store.settings.sauvegardes.gardees]:
                    ancienne.unlink()
    except OSError as erreur:
        raise _refused(dossier, erreur) from erreur
    manquants = attendus - set(presents) - audit.list_removed(store.settings.base)
    return Sauvegarde(str(final), depots, len(presents), tuple(sorted(manquants)))


def list_backups(dossier: Path) -> list[tuple[re.Match[str], Path]]:
    """The backups of a folder, the oldest first, each with its name taken apart (genre, quand, depot)."""
    noms = [(NOM.fullmatch(f.name), f) for f in dossier.iterdir()] if dossier.is_dir() else []
    return sorted(((m, f) for m, f in noms if m), key=lambda x: (x[0]["quand"], x[0]["depot"]))


def read_moment(nom: re.Match[str]) -> datetime:
    """When (UTC) the backup of that name was made."""
    return datetime.strptime(nom["quand"], MOMENT)


def check_file(fichier: Path) -> dict[str, Any]:
    """Reopen a backup: every member as listed, the base in it opens and ends at the dépôt that it says; returns its list."""
    with tempfile.TemporaryDirectory(dir=fichier.parent, prefix=".verification-") as temporaire:
        dossier = _unpack(fichier, Path(temporaire) / "base")
        manifeste = json.loads((dossier / MANIFESTE).read_text("utf-8"))
        version = _choose_version(dossier, fichier)
        snapshot = Store(Settings(base=dossier)).snapshot()
        try:
            if _get_last(snapshot.cursor()) != (manifeste["depots"], manifeste["maillon"]):
                raise SauvegardeInutilisable(fichier.name, f"{version.name} n’est pas la base qu’elle annonce")
        finally:
            snapshot.connexion.close()
    return manifeste


def check(store: Store) -> Controle:
    """The last backup opens, and the base still holds what each backup made since the last restoration remembers of it."""
    base = store.settings.base
    connus = dict(store.read().execute("select depot, maillon from chaine").fetchall())
    liens = audit.list_links(audit.read_whole(base))
    depuis = max((a.le for a in audit.list_acces(base) if a.quoi == Trace.RESTAURATION), default="")
    defauts, sauvegardes = [], [f for _, f in list_backups(store.settings.dossier_sauvegardes)]
    for fichier in sauvegardes:
        try:
            vue = check_file(fichier) if fichier == sauvegardes[-1] else _read_manifeste(fichier)
        except ErreurMetier as erreur:
            defauts.append(erreur.message)
            continue
        if vue["faite_le"] < depuis:
            continue
        if vue["maillon"] and connus.get(vue["depots"]) != vue["maillon"]:
            defauts.append(f"{fichier.name} connaît un autre dépôt {vue['depots']} : des dépôts ont disparu, "
                           "ou la chaîne a été refaite")
        nombre, derniere = vue["acces"]
        if nombre and liens[nombre - 1:nombre] != [derniere]:
            defauts.append(f"{fichier.name} connaît {nombre} lignes du journal des accès : il en manque, ou il a été refait")
    return Controle("sauvegardes", len(sauvegardes), tuple(defauts))


def _get_last(cur: duckdb.DuckDBPyConnection) -> tuple[int, str]:
    """(number, link) of the last dépôt; a base of before the chain has no link."""
    if cur.execute("select count(*) from duckdb_tables() where table_name = 'chaine'").fetchone() == (0,):
        return get_last_depot(cur), ""
    return chaine.get_last(cur)


def _add(zip_: zipfile.ZipFile, fichier: Path, nom: str) -> str:
    """Put a file in the archive by pieces; its SHA-256."""
    somme = hashlib.sha256()
    with fichier.open("rb") as entree, zip_.open(nom, "w", force_zip64=True) as sortie:
        while morceau := entree.read(2**20):
            somme.update(morceau)
            sortie.write(morceau)
    return somme.hexdigest()


def _read_manifeste(fichier: Path) -> dict[str, Any]:
    try:
        with zipfile.ZipFile(fichier) as zip_:
            manifeste = json.loads(zip_.read(MANIFESTE))
        if manifeste.keys() == CHAMPS:
            return manifeste
    except (*ARCHIVE_ABIMEE, KeyError, AttributeError, OSError) as erreur:
        raise SauvegardeInutilisable(fichier.name, "ce n’est pas une sauvegarde de cet outil, ou elle est abîmée") from erreur
    raise SauvegardeInutilisable(fichier.name, "sa liste n’est pas celle d’une sauvegarde de cet outil")


def _unpack(fichier: Path, dossier: Path) -> Path:
    """Unpack a backup into a new folder; every member must be one that we write, with the SHA-256 of its list."""
    manifeste = _read_manifeste(fichier)
    dossier.mkdir()
    try:
        with zipfile.ZipFile(fichier) as zip_:
            noms = zip_.namelist()
            if inconnu := next((n for n in noms if not MEMBRE.fullmatch(n)), None):
                raise SauvegardeInutilisable(fichier.name, f"elle contient « {inconnu} », qui n’y a pas sa place")
            if set(noms) != {MANIFESTE, *manifeste["fichiers"]}:
                raise SauvegardeInutilisable(fichier.name, "elle ne contient pas tout ce qu’elle annonce")
            zip_.extractall(dossier)
    except ARCHIVE_ABIMEE as erreur:
        raise SauvegardeInutilisable(fichier.name, "elle est abîmée") from erreur
    for nom, somme in manifeste["fichiers"].items():
        with (dossier / nom).open("rb") as f:
            if hashlib.file_digest(f, "sha256").hexdigest() != somme:
                raise SauvegardeInutilisable(fichier.name, f"« {nom} » n’y est plus intact")
    return dossier


def _choose_version(dossier: Path, source: Path) -> Path:
    """The newest sound version of a folder laid out as a base."""
    versions = sorted((dossier / "versions").glob("[0-9]*.duckdb"), reverse=True)
    version = next((v for v in versions if is_intact(v)), None)
    if version is None:
        raise SauvegardeInutilisable(source.name, "aucune version intacte ne s’y trouve")
    return version


@contextlib.contextmanager
def _alone(dossier: Path) -> Iterator[None]:
    verrou = FileLock(dossier / ".verrou", timeout=0)
    try:
        verrou.acquire()
    except Timeout:
        raise EcritureImpossible(f"Une autre sauvegarde est en cours dans {dossier}.", "Attendez qu’elle se termine.") from None
    try:
        yield
    finally:
        verrou.release()


def _refused(dossier: Path, erreur: OSError) -> EcritureImpossible:
    if erreur.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return EcritureImpossible(f"Le disque de {dossier} est plein.", "Libérez de la place, puis recommencez.")
    return EcritureImpossible(f"{dossier} ne peut pas être lu ou écrit ({erreur.strerror}).",
                              "Vérifiez ce dossier et vos droits, puis recommencez.")
