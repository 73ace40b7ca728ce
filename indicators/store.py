"""The base: a folder of whole, immutable, numbered DuckDB files, read through `read()` and changed through `write(f)`.

A write copies the last version, runs one transaction on the copy, closes it, fsyncs it and renames it: a kill, a full disk or
a refusal at any instant leaves the last published version as it was, and readers never wait. Beside each version stands its
SHA-256, written before the rename, so that a damaged file is found when it is opened.

    base/versions/000012.duckdb + .sha256    what is served: the highest number that is intact
    base/ecriture/                           the copy being written; swept by the next writer
    base/recus/<sha256>                      bytes of the received files
    base/depots/000034-000034/               rows of the dépôts of one write, to carry a backup on (`bordereaux.py`)
    base/verrou                              the writers' lock
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import duckdb
from filelock import FileLock, Timeout

from indicators import audit, bordereaux, chaine, migrations
from indicators.derived import check_integrity, get_last_depot, rebuild_derived
from indicators.errors import (
    BaseAbsente,
    BaseOccupee,
    BaseTropRecente,
    DemandeInvalide,
    EcritureImpossible,
    ErreurMetier,
    MigrationModifiee,
    Renoncement,
    VersionEndommagee,
)
from indicators.settings import Settings

T = TypeVar("T")

LOCKED = {"enable_external_access": "false", "autoinstall_known_extensions": "false", "autoload_known_extensions": "false",
          "allow_community_extensions": "false"}


@dataclass(frozen=True)
class Snapshot:
    """One published version: every cursor taken from it sees the same rows, whatever is deposited meanwhile."""

    version: int
    connexion: duckdb.DuckDBPyConnection

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A cursor of its own (a connection shared by threads hands one person's rows to another)."""
        return self.connexion.cursor()


class Store:
    """The base of one folder. `probleme` holds the trouble met while choosing the served version, None when all is well.

    `avertissement` holds what failed beside the last write, which is nevertheless done: a bordereau, a backup.
    """

    def __init__(self, settings: Settings, dossier_migrations: Path | None = None) -> None:
        self.settings = settings
        self.versions = settings.base / "versions"
        self.recus = settings.base / "recus"
        self.depots = settings.base / "depots"
        self.ecriture = settings.base / "ecriture"
        self.probleme: ErreurMetier | None = None
        self.avertissement: ErreurMetier | None = None
        self._migrations = migrations.list_migrations(dossier_migrations) if dossier_migrations else migrations.list_migrations()
        self._servie: Snapshot | None = None
        self._choix: tuple[object, ...] = ()
        self._mutex = threading.Lock()

    # -- reading ---------------------------------------------------------------------------------------------------------

    def list_versions(self) -> list[Path]:
        """Published files, the newest first."""
        return sorted(self.versions.glob("[0-9]*.duckdb"), reverse=True)

    def snapshot(self) -> Snapshot:
        """The newest version that is intact and that this code understands; `BaseAbsente` or the reason when there is none."""
        with self._mutex:
            candidats = tuple(self.list_versions())
            if not candidats:
                raise BaseAbsente(self.settings.base)
            choix = (*candidats, candidats[0].stat().st_mtime_ns)  # put back from a backup, the newest is the newest again
            if self._servie is not None and choix == self._choix:
                return self._servie
            self._servie, self.probleme = self._choose(candidats)
            self._choix = choix
            return self._servie

    def read(self) -> duckdb.DuckDBPyConnection:
        """A fresh read-only cursor on the served version."""
        return self.snapshot().cursor()

    def _choose(self, candidats: tuple[Path, ...]) -> tuple[Snapshot, ErreurMetier | None]:
        probleme: ErreurMetier | None = None
        for fichier in candidats:
            if self._servie is not None and self._servie.version == int(fichier.stem):
                return self._servie, _served_instead(probleme, fichier)
            try:
                return self._open(fichier), _served_instead(probleme, fichier)
            except (VersionEndommagee, BaseTropRecente, MigrationModifiee) as erreur:
                probleme = probleme or erreur
        assert probleme is not None
        raise probleme

    def _open(self, fichier: Path) -> Snapshot:
        if not is_intact(fichier):
            raise VersionEndommagee(fichier.name)
        try:
            connexion = self._connect(fichier)
        except duckdb.ConnectionException:  # held by this process with other settings: says nothing of the file
            raise
        except duckdb.Error as erreur:
            raise VersionEndommagee(fichier.name) from erreur
        migrations.check_journal(connexion.cursor(), self._migrations)
        return Snapshot(int(fichier.stem), connexion)

    def _connect(self, fichier: Path) -> duckdb.DuckDBPyConnection:
        """Read-only and locked down; one configuration everywhere, DuckDB refuses two for one file in one process."""
        return duckdb.connect(str(fichier), read_only=True, config={**self._config(), "lock_configuration": "true"})

    def _connect_draft(self, copie: Path) -> duckdb.DuckDBPyConnection:
        """A private copy to write in: the only files that DuckDB may open besides are those of its folder."""
        ouvert = {"enable_external_access": "true"}  # the folders allowed can only be said once the base is open
        con = duckdb.connect(str(copie), config=self._config() | ouvert)
        con.execute(f"set allowed_directories = ['{copie.parent.as_posix()}/']")
        # no bar either: DuckDB draws one on the standard output of a script when a statement is slow
        con.execute("set enable_progress_bar = false; set enable_external_access = false; set lock_configuration = true")
        return con

    def _config(self) -> dict[str, str]:
        return {**LOCKED, "memory_limit": self.settings.memoire, "threads": str(self.settings.fils),
                "temp_directory": str(self.settings.base / "temporaire")}

    def _file_of(self, snapshot: Snapshot) -> Path:
        return self.versions / f"{snapshot.version:06d}.duckdb"

    # -- writing ---------------------------------------------------------------------------------------------------------

    def prepare(self) -> list[str]:
        """Create the base or bring it to this code: missing migrations, then the views; returns the migrations applied."""
        with self._locked():
            dernier = self._last_trusted(creation=True)
            if dernier is not None and not self._must_migrate(dernier):
                return []
            with self._draft(dernier) as (copie, cur):
                saine = chaine.holds(cur)
                faites = migrations.apply_migrations(cur, self._migrations)
                migrations.apply_views(cur)
                rebuild_derived(cur, None)
                (chaine.seal_again if saine else chaine.seal)(cur)
                self._publish(copie, cur, bordereaux.export(cur, chaine.get_last(cur)[0], self.depots, self.ecriture))
            return faites

    def write(self, f: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        """Run `f` in one serialised transaction and publish; whatever `f` raises, nothing of it remains.

        Raises `BaseOccupee`, `EcritureImpossible`, `BaseTropRecente`, `MigrationModifiee`, `VersionEndommagee`.
        """
        with self._locked():
            dernier = self._last_trusted()
            with self._draft(dernier) as (copie, cur):
                if migrations.check_journal(cur, self._migrations) or not migrations.check_views(cur):
                    raise EcritureImpossible(
                        "La base n’est pas à jour pour cette version de l’outil.",
                        "Lancez « python -m indicators init » (ou relancez l’application), puis recommencez.")
                cur.execute("begin")
                avant = get_last_depot(cur)
                try:
                    resultat = f(cur)
                except Renoncement as renoncement:
                    return renoncement.resultat  # type: ignore[return-value]
                check_integrity(cur, avant)
                chaine.seal(cur)
                cur.execute("commit")
                self._publish(copie, cur, bordereaux.export(cur, avant, self.depots, self.ecriture))
            return resultat

    def rehearse(self, f: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        """Run `f` as `write` would, on a private copy that is thrown away: a preview is the real effect, seen beforehand."""
        with _disk_trouble(Path(tempfile.gettempdir())), tempfile.TemporaryDirectory(prefix="essai-") as dossier:
            copie = Path(dossier) / "essai.duckdb"
            shutil.copyfile(self._file_of(self.snapshot()), copie)
            with contextlib.closing(self._connect_draft(copie)) as con:
                con.execute("begin")
                avant = get_last_depot(con)
                try:
                    resultat = f(con)
                except Renoncement as renoncement:
                    return renoncement.resultat  # type: ignore[return-value]
                check_integrity(con, avant)
                return resultat

    def keep_file(self, contenu: bytes) -> str:
        """Keep the bytes of a received file under their SHA-256, which is returned; call inside `write`.

        They wait beside the copy and join `recus` when it is published: a refused file is not kept.
        """
        empreinte = hashlib.sha256(contenu).hexdigest()
        if not (self.recus / empreinte).exists():
            with _disk_trouble(self.settings.base):
                attente = self.ecriture / f"{empreinte}.recu"
                attente.write_bytes(contenu)
                _fsync(attente)
        return empreinte

    def read_received(self, empreinte: str) -> bytes:
        """Bytes of a received file, as they came; refused when they are missing or no longer have that SHA-256."""
        fichier = self.recus / empreinte
        if not fichier.exists() and empreinte in audit.list_removed(self.settings.base):
            raise DemandeInvalide("Ce fichier reçu n’est plus gardé : sa durée de conservation est passée.",
                                  "Les lignes qu’il a apportées restent dans la base.")
        if len(empreinte) != 64 or not empreinte.isalnum() or not fichier.is_file() or _hash_file(fichier) != empreinte:
            raise VersionEndommagee(f"recus/{empreinte[:12]}…")
        return fichier.read_bytes()

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        with _disk_trouble(self.settings.base):
            for dossier in (self.versions, self.ecriture):
                dossier.mkdir(parents=True, exist_ok=True)
            verrou = FileLock(self.settings.base / "verrou", timeout=self.settings.attente_verrou)
            try:
                verrou.acquire()
            except Timeout:
                raise BaseOccupee(self.settings.attente_verrou) from None
        try:
            with _disk_trouble(self.settings.base):
                self._sweep()
            yield
        finally:
            verrou.release()

    def _sweep(self) -> None:
        """Remove what an interrupted write left: nobody else may be writing now."""
        for reste in self.ecriture.iterdir():
            if reste.is_dir():
                shutil.rmtree(reste)
            else:
                reste.unlink()
        for empreinte in self.versions.glob("*.sha256"):
            if not empreinte.with_suffix("").exists():
                empreinte.unlink()

    def _last_trusted(self, creation: bool = False) -> Path | None:
        """The newest version, refused when damaged: building on an older one would silently lose what it held."""
        versions = self.list_versions()
        if not versions:
            if creation:
                return None
            raise BaseAbsente(self.settings.base)
        if not is_intact(versions[0]):
            saine = next((v.name for v in versions[1:] if is_intact(v)), None)
            raise VersionEndommagee(versions[0].name, saine)
        return versions[0]

    def _must_migrate(self, fichier: Path) -> bool:
        with contextlib.closing(self._connect(fichier)) as con:
            return bool(migrations.check_journal(con, self._migrations)) or not migrations.check_views(con)

    @contextlib.contextmanager
    def _draft(self, modele: Path | None, numero: int = 0) -> Iterator[tuple[Path, duckdb.DuckDBPyConnection]]:
        """A connection on a private copy of the last version; the copy never survives an error."""
        numero = numero or (int(modele.stem) + 1 if modele else 1)
        copie = self.ecriture / f"{numero:06d}.duckdb"
        con: duckdb.DuckDBPyConnection | None = None
        try:
            with _disk_trouble(self.settings.base):
                if modele:
                    libre, besoin = shutil.disk_usage(self.settings.base).free, 3 * modele.stat().st_size
                    if libre < besoin:
                        raise EcritureImpossible(
                            f"Il reste {libre // 2**20} Mo sur le disque de la base, il en faut {besoin // 2**20}.",
                            "Libérez de la place, puis recommencez : rien n’a été écrit.")
                    shutil.copyfile(modele, copie)
                con = self._connect_draft(copie)
                yield copie, con
        finally:
            if con is not None:
                with contextlib.suppress(duckdb.Error):  # after a full disk, closing fails too: tell the first error
                    con.close()
            self._sweep()

    def _publish(self, copie: Path, con: duckdb.DuckDBPyConnection, bordereau: Path | None) -> None:
        con.execute("checkpoint")
        con.close()
        _fsync(copie)
        for fichier in bordereau.iterdir() if bordereau else ():
            _fsync(fichier)
        empreinte = copie.with_suffix(".duckdb.sha256")
        empreinte.write_text(_hash_file(copie), "ascii")
        _fsync(empreinte)
        recus = list(self.ecriture.glob("*.recu"))
        if recus:
            self.recus.mkdir(exist_ok=True)
            for recu in recus:
                os.replace(recu, self.recus / recu.stem)
            _fsync_folder(self.recus)
        os.replace(empreinte, self.versions / empreinte.name)
        os.replace(copie, self.versions / copie.name)
        _fsync_folder(self.versions)
        if bordereau:
            self._keep_bordereau(bordereau)
        for ancienne in self.list_versions()[self.settings.versions_gardees:]:
            with contextlib.suppress(OSError):  # Windows: a reader still holds it; the next write removes it
                ancienne.unlink()
                ancienne.with_suffix(".duckdb.sha256").unlink(missing_ok=True)

    def _keep_bordereau(self, bordereau: Path) -> None:
        """Put it with the others once its dépôts are published: those of a write that failed would come back with it.

        Those of a history that was given up (an older version took over) are set aside. Kept in the way, the next write makes
        it again; the dépôt is done whatever happens here.
        """
        premier = int(bordereau.name.partition("-")[0])
        try:
            self.depots.mkdir(exist_ok=True)
            for _, fin, dossier in bordereaux.list_bordereaux(self.depots):
                if fin >= premier:
                    self.set_aside(dossier)
            os.replace(bordereau, self.depots / bordereau.name)
            _fsync_folder(self.depots)
        except OSError as erreur:
            self.avertissement = EcritureImpossible(
                f"Le dépôt est fait, mais son bordereau n’a pas pu être gardé ({erreur.strerror}).",
                f"Rétablissez l’écriture dans {self.depots} : le prochain dépôt le refera.")

    def set_aside(self, chemin: Path) -> None:
        """Move what the base no longer uses to `ecartees`, where nothing is ever removed by the tool."""
        dossier = self.settings.base / "ecartees"
        dossier.mkdir(exist_ok=True)
        rang = sum(1 for _ in dossier.iterdir()) + 1
        os.replace(chemin, dossier / f"{rang:04d}-{chemin.name}")


def _served_instead(probleme: ErreurMetier | None, fichier: Path) -> ErreurMetier | None:
    if isinstance(probleme, VersionEndommagee):
        return VersionEndommagee(probleme.fichier, fichier.name)
    return probleme


def _hash_file(fichier: Path) -> str:
    with fichier.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def is_intact(fichier: Path) -> bool:
    """Does this version still have the SHA-256 written when it was published?"""
    empreinte = fichier.with_suffix(".duckdb.sha256")
    return empreinte.exists() and empreinte.read_text("ascii").strip() == _hash_file(fichier)


def _fsync(fichier: Path) -> None:
    with fichier.open("rb+") as f:
        os.fsync(f.fileno())


def _fsync_folder(dossier: Path) -> None:
    if os.name == "nt":  # Windows has no handle on a folder to flush
        return
    descripteur = os.open(dossier, os.O_RDONLY)
    try:
        os.fsync(descripteur)
    finally:
        os.close(descripteur)


@contextlib.contextmanager
def _disk_trouble(dossier: Path) -> Iterator[None]:
    """Say in French what the disk or the folder refused; nothing was published when this is raised."""
    try:
        yield
    except OSError as erreur:
        if erreur.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise EcritureImpossible("Le disque de la base est plein.",
                                     "Libérez de la place, puis recommencez : rien n’a été écrit.") from erreur
        if erreur.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST):
            raise EcritureImpossible(f"Le dossier {dossier} ne peut pas être écrit.",
                                     "Donnez à l’application le droit d’écrire dans ce dossier, puis recommencez.") from erreur
        raise
    except duckdb.Error as erreur:
        if any(motif in str(erreur) for motif in ("No space left", "File too large", "Disk quota exceeded")):
            raise EcritureImpossible("Le disque de la base est plein.",
                                     "Libérez de la place, puis recommencez : rien n’a été écrit.") from erreur
        raise
