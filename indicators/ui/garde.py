"""The door of the server: may it start open, who asks for a file, where a person goes once signed in.

A Streamlit file waits at an address that asks for nothing. Here it is noted, when a page offers it, for the browser that the page
is drawn for: it alone gets the file, for a short time, and only while its person is signed in and has a role.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Mapping
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.auth_util import (
    get_cookie_with_chunks,
    get_redirect_uri,
    get_secrets_auth_section,
    is_authlib_installed,
    validate_auth_credentials,
)
from streamlit.errors import StreamlitAuthError
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.secrets import secrets_singleton
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from indicators import access
from indicators.errors import ServeurExpose
from indicators.settings import Connexion, read_settings

# cookies: which browser this is; the page asked for before the sign-in; that the last sign-in came to nothing
VISITEUR, SUITE, ECHEC = "_visiteur", "_suite", "_echec"
REMISE = 600  # seconds during which a file offered can be fetched
ANNONCE = 60  # seconds during which a sign-in that failed is told
ADRESSE_MAX = 2000  # characters of an address that is come back to
REFUS = "Ce fichier n’est remis qu’à la personne qui l’a demandé. Rechargez la page, puis demandez-le de nouveau."

_verrou = threading.Lock()
_offerts: dict[tuple[str, str], float] = {}  # (address or identifier of a file, browser) -> when it was offered
_sorties: dict[tuple[str, int], float] = {}  # (sub, iat) of the sign-ins that were ended -> when


@cache
def is_protected() -> bool:
    """Do people sign in? Decided once: secrets taken away from a running server do not open it."""
    return bool(get_secrets_auth_section())


@cache
def get_connexion() -> Connexion:
    """The settings of the sign-in, for this process."""
    return read_settings().connexion


# -- start -----------------------------------------------------------------------------------------------------------------


def check_start() -> None:
    """Raise `ServeurExpose` when other machines could come in without signing in, or when the sign-in is half configured."""
    connexion = read_settings().connexion
    presents = [f for f in map(Path, st.get_option("secrets.files")) if f.exists()]
    if presents and not secrets_singleton.load_if_toml_exists():
        raise ServeurExpose(f"Le fichier {presents[0]} ne se lit pas : impossible de savoir s’il demande une connexion.",
                            "Corrigez-le (format TOML), puis relancez.")
    if is_protected():
        _check_provider()
        return
    ecoute = st.get_option("server.address") or ""
    noms = [nom for nom in (ecoute, *st.get_option("server.allowedHosts")) if not _is_loopback(nom)]
    if noms and not connexion.ouvert:
        raise ServeurExpose(
            f"Le serveur répondrait sous « {noms[0] or '0.0.0.0'} » à d’autres postes, et personne ne s’y connecte.",
            "Ajoutez une section [auth] à .streamlit/secrets.toml, gardez server.address = \"127.0.0.1\", ou, si tout le monde "
            "peut tout voir et tout écrire sur ce réseau, donnez le réglage INDICATORS_SANS_CONNEXION=oui.")


def _check_provider() -> None:
    if not is_authlib_installed():
        raise ServeurExpose("La connexion demande le paquet Authlib, qui manque.", "Installez requirements.txt, puis relancez.")
    try:
        validate_auth_credentials("default")
    except StreamlitAuthError as erreur:
        raise ServeurExpose("La section [auth] de .streamlit/secrets.toml est incomplète.",
                            "Elle demande redirect_uri, cookie_secret, client_id, client_secret et server_metadata_url."
                            ) from erreur
    if len(str(get_secrets_auth_section()["cookie_secret"])) < 32:
        raise ServeurExpose("Le cookie_secret de la section [auth] est trop court : une session pourrait être imitée.",
                            "Donnez-lui au moins 32 caractères tirés au hasard, puis relancez.")


def _is_loopback(nom: str) -> bool:
    nom = nom.strip().rstrip(".").lower().strip("[]")
    try:
        return nom == "localhost" or ip_address(nom).is_loopback
    except ValueError:
        return False


# -- sessions --------------------------------------------------------------------------------------------------------------


def is_current(claims: Mapping[str, Any]) -> bool:
    """Is this sign-in younger than the age set, and not ended? Streamlit itself keeps one for thirty days."""
    signe = claims.get("iat")
    if not isinstance(signe, int | float) or time.time() - signe > get_connexion().heures * 3600:
        return False
    return _key(claims) not in _sorties


def read_claims(requete: Request) -> dict[str, Any]:
    """Claims of the signed cookie of this request; empty without one, or when its signature is not ours."""

    def read_one(nom: str) -> bytes | None:
        valeur = requete.cookies.get(nom)
        return decode_signed_value(get_cookie_secret(), nom, valeur.encode("latin-1")) if valeur else None

    lu = get_cookie_with_chunks(read_one, USER_COOKIE_NAME) if is_protected() else None
    claims = json.loads(lu) if lu else {}
    return claims if claims.get("is_logged_in") else {}


def _end_session(claims: Mapping[str, Any]) -> None:
    """The other tabs of this sign-in, and copies of its cookie, end with it."""
    with _verrou:
        _forget(_sorties, get_connexion().heures * 3600)
        _sorties[_key(claims)] = time.monotonic()


def _key(claims: Mapping[str, Any]) -> tuple[str, int]:
    return str(claims.get("sub")), int(claims.get("iat") or 0)


def _forget(notes: dict[Any, float], age: float) -> None:
    for cle in [c for c, moment in notes.items() if time.monotonic() - moment > age]:
        del notes[cle]


# -- files -----------------------------------------------------------------------------------------------------------------


def watch_files(fichiers: MediaFileManager) -> None:
    """Note for whom each file is offered: at once, or, for a file made when it is asked for, the button then the file."""
    add, add_deferred, execute_deferred = fichiers.add, fichiers.add_deferred, fichiers.execute_deferred

    def add_noted(*arguments: Any, **nommes: Any) -> str:
        return _offer(add(*arguments, **nommes), st.context.cookies.get(VISITEUR))

    def add_deferred_noted(*arguments: Any, **nommes: Any) -> str:
        return _offer(add_deferred(*arguments, **nommes), st.context.cookies.get(VISITEUR))

    def execute_deferred_noted(identifiant: str) -> str:
        adresse = execute_deferred(identifiant)
        with _verrou:
            pour = [visiteur for quoi, visiteur in _offerts if quoi == identifiant]
        for visiteur in pour:
            _offer(adresse, visiteur)
        return adresse

    fichiers.add, fichiers.add_deferred, fichiers.execute_deferred = add_noted, add_deferred_noted, execute_deferred_noted


def _offer(quoi: str, visiteur: str | None) -> str:
    if visiteur:
        with _verrou:
            _forget(_offerts, get_connexion().heures * 3600)
            _offerts[quoi.rpartition("/")[2], visiteur] = time.monotonic()
    return quoi


def may_fetch(requete: Request) -> bool:
    """Was this file offered to this browser a short while ago, and may its person still see figures?"""
    cle = requete.url.path.rpartition("/")[2], requete.cookies.get(VISITEUR, "")
    if time.monotonic() - _offerts.get(cle, float("-inf")) > REMISE:
        return False
    if not is_protected():
        return True
    claims = read_claims(requete)
    if not claims or not is_current(claims):
        return False
    from indicators.ui import donnees  # as in app.py: its caches need Streamlit's runtime

    return access.get_acces(donnees.open_store().read(), access.read_personne(claims, get_connexion())).peut_lire


class Garde:
    """Plain ASGI layer: files to their browser only, the page asked for after the sign-in, cookies for HTTPS only where it is."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        requete, chemin = Request(scope), scope["path"]
        avant, media, _ = chemin.partition("/media/")
        fichier = bool(media) and not avant.endswith("/static")  # there Streamlit's own fonts are
        if fichier and not await run_in_threadpool(may_fetch, requete):
            await PlainTextResponse(REFUS, 403, {"cache-control": "no-store"})(scope, receive, send)
            return
        if chemin.endswith("/auth/logout") and (claims := read_claims(requete)):
            _end_session(claims)

        async def send_noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                entetes = MutableHeaders(raw=list(message["headers"]))
                statut = message["status"]
                if fichier:
                    entetes["cache-control"] = "private, no-store"
                if chemin.endswith("/auth/login") and statut >= 400:  # Streamlit's own words are two, in English, on a white page
                    statut, entetes["location"] = 302, unquote(_asked(requete)) or "/"
                    entetes.append("set-cookie", _write_cookie(ECHEC, "1", ANNONCE))
                _set_cookies(requete, statut, entetes)
                message = {**message, "status": statut, "headers": _secure(entetes.raw)}
            await send(message)

        await self.app(scope, receive, send_noted)


def _set_cookies(requete: Request, statut: int, entetes: MutableHeaders) -> None:
    chemin = requete.url.path
    page = requete.method == "GET" and entetes.get("content-type", "").startswith("text/html")
    if page and VISITEUR not in requete.cookies:
        entetes.append("set-cookie", f"{VISITEUR}={secrets.token_urlsafe(24)}; Path=/; HttpOnly; SameSite=Lax")
    if chemin.endswith("/auth/login") and statut == 302:
        entetes.append("set-cookie", _write_cookie(SUITE, _asked(requete), REMISE))
    if chemin.endswith("/oauth2callback") and statut == 302:
        suite = unquote(requete.cookies.get(SUITE, ""))
        if suite.startswith("/") and not suite.startswith(("//", "/\\")):  # this server only
            entetes["location"] = suite
        entre = any(c.startswith(f"{USER_COOKIE_NAME}=") and "Max-Age=0" not in c for c in entetes.getlist("set-cookie"))
        entetes.append("set-cookie", _write_cookie(ECHEC, "", 0) if entre else _write_cookie(ECHEC, "1", ANNONCE))
        entetes.append("set-cookie", _write_cookie(SUITE, "", 0))


def _write_cookie(nom: str, valeur: str, age: int) -> str:
    return f"{nom}={valeur}; Max-Age={age}; Path=/; HttpOnly; SameSite=Lax"


def _asked(requete: Request) -> str:
    """The page of ours from which the sign-in was asked for, quoted; empty when it is not known."""
    venue = urlsplit(requete.headers.get("referer", ""))
    adresse = quote(venue.path + (f"?{venue.query}" if venue.query else ""), safe="/")
    return adresse if venue.netloc == requete.headers.get("host") and len(adresse) <= ADRESSE_MAX else ""


def _secure(entetes: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Behind HTTPS no cookie travels in clear; Streamlit leaves that out."""
    if not is_protected() or not (get_redirect_uri(get_secrets_auth_section()) or "").startswith("https:"):
        return entetes
    return [(nom, valeur + b"; Secure" if nom == b"set-cookie" and b"; secure" not in valeur.lower() else valeur)
            for nom, valeur in entetes]
