"""What surrounds the pages: French HTML shell, security headers, compression, hosts, errors, health.

Everything is worked out from the Streamlit that is installed: when a release changes its page in a way we do not know, the
server refuses to start and says what is missing.
"""

from __future__ import annotations

import logging
import re
import secrets
import traceback
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.convertors import StringConvertor, register_url_convertor
from starlette.middleware import Middleware
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from indicators.errors import ErreurMetier
from indicators.formats import FINE, INSECABLE, bind_punctuation
from indicators.settings import read_settings
from indicators.ui.garde import Garde

RACINE = Path(__file__).resolve().parents[2]
FRAME = RACINE / "indicators" / "ui" / "frame.py"
ICONE = FRAME.with_name("icone.png")
TITRE = "Schéma enfance-famille"

ACCUEIL = "synthese"
PAGES = tuple(sorted(f.stem for f in (RACINE / "pages").glob("*.py")))  # a new file in pages/ is a new address

STREAMLIT = Path(st.__file__).parent / "static"
SANS_SCRIPT = "<p>Ce tableau de bord a besoin de JavaScript\u202f: activez-le dans votre navigateur, puis rechargez la page.</p>"

HOTES_LOCAUX = ["localhost", "127.0.0.1", "[::1]", "testserver"]
ECOUTES_LARGES = ("", "0.0.0.0", "::")  # never names that a browser asks for

HOTE_INCONNU = (
    f"Ce nom de serveur n’est pas connu du tableau de bord{FINE}: demandez la bonne adresse à la personne qui l’administre.\n"
    f"Pour elle{FINE}: déclarez ce nom dans «{INSECABLE}server.allowedHosts{INSECABLE}» de .streamlit/config.toml.\n")
SANS_CAPTEUR = ", ".join(f"{x}=()" for x in ("accelerometer", "camera", "display-capture", "geolocation", "gyroscope",
                                             "magnetometer", "microphone", "midi", "payment", "serial", "usb"))

# What Streamlit still replaces in a text whose marks are all escaped: icons, its logo, arrows and signs. A character of no width
# parts them. Then what it makes a link of.
JOINTURE = "\u2060"
REMPLACES = re.compile(r"(:(?=[a-z][\w+/-]*:)|[<>~-](?=[-=>]))", re.ASCII | re.IGNORECASE)
ADRESSES = re.compile(r"(https?:|www|@)(?=//|\.|[\w-])", re.IGNORECASE)
RETOURNEURS = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)), 0xFFFD)  # they would turn our own words round

journal = logging.getLogger("indicators.ui")


def build_page() -> str:
    """Streamlit's page in French, with the chart library announced; RuntimeError when the installed page is unknown."""
    html = (STREAMLIT / "index.html").read_text(encoding="utf-8")
    graphique = "".join(
        f'<link rel="modulepreload" crossorigin href="./static/js/{f.name}">'
        for f in sorted((STREAMLIT / "static" / "js").glob("PlotlyChart.*.js"))
    )
    for motif, remplacement in (
        (r'<html lang="en">', '<html lang="fr">'),
        (r"<title>Streamlit</title>", f"<title>{TITRE}</title>"),
        (r"<noscript>.*?</noscript>", f"<noscript>{SANS_SCRIPT}</noscript>"),
        (r"</head>", f'{graphique}<script src="./francais.js"></script><script src="./presentation.js"></script></head>'),
    ):
        html, trouves = re.subn(motif, lambda _, texte=remplacement: texte, html, flags=re.DOTALL)
        if trouves != 1:
            raise RuntimeError(
                f"La page de Streamlit {st.__version__} a changé : « {motif} » s’y trouve {trouves} fois, pas une."
            )
    return html


def build_csp(html: str, integration: Sequence[str] = ()) -> str:
    """Content-Security-Policy of that page: this server only, and the inline scripts that the page holds, by their hash.

    `integration` are the other sites that may show it in a frame.
    """
    scripts = re.findall(r"<script>(.*?)</script>", html, flags=re.DOTALL)
    empreintes = " ".join(f"'sha256-{b64encode(sha256(s.encode()).digest()).decode()}'" for s in scripts)
    regles = (
        "default-src 'self'",
        f"script-src 'self' {empreintes}",  # no eval: our charts do without (tests/browser/test_pages.py)
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' ws: wss:",  # not every browser takes 'self' for the WebSocket of this server
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        " ".join(("frame-ancestors 'self'", *integration)),
    )
    return "; ".join(regles)


class SecurityHeaders:
    """Plain ASGI layer that adds the security headers to every HTTP answer; the WebSocket goes through untouched."""

    def __init__(self, app: ASGIApp, csp: str, integration: Sequence[str] = ()) -> None:
        self.app = app
        self.ajouts = [
            (b"content-security-policy", csp.encode("ascii")),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"same-origin"),
            (b"permissions-policy", SANS_CAPTEUR.encode("ascii")),
            (b"cross-origin-opener-policy", b"same-origin"),
            (b"cross-origin-resource-policy", b"same-origin"),
        ]
        if not integration:  # this old header can only say « nobody else »: frame-ancestors says who may
            self.ajouts.append((b"x-frame-options", b"SAMEORIGIN"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_signed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", []), *self.ajouts]}
            await send(message)

        await self.app(scope, receive, send_signed if scope["type"] == "http" else send)


def list_hosts() -> list[str]:
    """Names by which this server may be called: `server.allowedHosts`, else this machine and the address it listens on."""
    declares = [h.strip().lower().rstrip(".") for h in st.get_option("server.allowedHosts")]
    if declares:
        return declares
    ecoute = (st.get_option("server.address") or "").lower()
    return HOTES_LOCAUX if ecoute in (*ECOUTES_LARGES, *HOTES_LOCAUX) else [*HOTES_LOCAUX, ecoute]


class KnownHosts:
    """Starlette's check of the name that this server is called by, whose refusal is said in French."""

    def __init__(self, app: ASGIApp, hotes: Sequence[str]) -> None:
        self.app = app
        self.hotes = hotes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        connu = False

        async def accept(scope: Scope, receive: Receive, send: Send) -> None:
            nonlocal connu
            connu = True
            await self.app(scope, receive, send)

        async def send_if_known(message: Message) -> None:
            if connu:
                await send(message)

        await TrustedHostMiddleware(accept, self.hotes, www_redirect=False)(scope, receive, send_if_known)
        if not connu:
            await PlainTextResponse(HOTE_INCONNU, status_code=400)(scope, receive, send)


def build_middleware() -> list[Middleware]:
    """Layers around Streamlit, outermost first."""
    integration = read_settings().integration
    return [
        Middleware(SecurityHeaders, csp=build_csp(build_page(), integration), integration=integration),
        Middleware(KnownHosts, hotes=list_hosts()),
        Middleware(ServerErrorMiddleware, handler=answer_incident),
        Middleware(Garde),
        Middleware(GZipMiddleware, minimum_size=1000, compresslevel=6),  # Streamlit leaves its 4.7 MB chart chunk bare
    ]


class OneWord(StringConvertor):
    """An address of one word: a page, or one that no longer exists. The return address of a sign-in stays Streamlit's."""

    regex = r"(?!oauth2callback$)[\w-]+"


def build_routes() -> list[Route]:
    """Our page on every address of a page, known or not, its script, its icon and the health of the service."""
    register_url_convertor("one_word", OneWord())
    html = build_page()
    a_revalider = {"cache-control": "no-cache"}

    async def page(_: Request) -> HTMLResponse:
        return HTMLResponse(html, headers=a_revalider)

    async def accueil(requete: Request) -> RedirectResponse:  # Streamlit serves its default page at « / » only
        suite = f"?{requete.url.query}" if requete.url.query else ""
        return RedirectResponse(f"/{suite}", status_code=307)

    async def francais(_: Request) -> FileResponse:
        return FileResponse(FRAME.with_name("francais.js"), media_type="text/javascript", headers=a_revalider)

    async def presentation(_: Request) -> FileResponse:
        return FileResponse(FRAME.with_name("copil") / "presentation.js", media_type="text/javascript", headers=a_revalider)

    async def icone(_: Request) -> FileResponse:
        return FileResponse(ICONE, media_type="image/png", headers=a_revalider)

    return [
        Route("/api/etat", etat),
        Route("/api/{reste:path}", unknown, methods=["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]),
        Route("/francais.js", francais),
        Route("/presentation.js", presentation),
        Route("/favicon.png", icone),
        Route(f"/{ACCUEIL}", accueil),
        Route("/", page),
        Route("/{adresse:one_word}", page),
    ]


def etat(_: Request) -> JSONResponse:
    """Health for a probe: 200 while the base opens, 503 with the reason otherwise."""
    from indicators.ui import donnees  # as in app.py: its caches need Streamlit's runtime

    try:
        donnees.open_base()
    except ErreurMetier as erreur:
        motif = {"message": erreur.message, "conseil": erreur.conseil}
    except OSError as erreur:
        motif = {"message": "La base ne s’ouvre pas.", "incident": log_incident(erreur)}
    else:
        return JSONResponse({"statut": "ok"})
    return JSONResponse({"statut": "indisponible"} | motif, status_code=503)


def unknown(_: Request) -> JSONResponse:
    """What no program finds here."""
    dit = {"message": "Cette adresse ne répond à rien.", "conseil": "L’état du service se lit par GET /api/etat."}
    return JSONResponse(dit, status_code=404)


def answer_incident(requete: Request, erreur: Exception) -> Response:
    """What is said, outside of a page, when the server itself fails: the reference under which it is found in the log."""
    reference = log_incident(erreur)
    if requete.url.path.startswith("/api/"):
        return JSONResponse({"message": "Le serveur n’a pas pu répondre.", "incident": reference}, status_code=500)
    return PlainTextResponse("Le serveur n’a pas pu répondre. Rechargez la page\u202f; si cela recommence, donnez la référence "
                             f"{reference} à la personne qui administre l’outil.\n", status_code=500)


def log_incident(erreur: BaseException) -> str:
    """Log where the exception came from and return the short reference under which it is found again."""
    reference = secrets.token_hex(3).upper()
    journal.error("incident %s\n%s", reference, write_trace(erreur))
    return reference


def keep_words_out() -> None:
    """From now on no record of any logger of this process holds the words of an exception: Streamlit logs each one on its own."""
    fabrique = logging.getLogRecordFactory()

    def build(*arguments: Any, **champs: Any) -> logging.LogRecord:
        ligne = fabrique(*arguments, **champs)
        if ligne.exc_info and ligne.exc_info[1] is not None:
            ligne.exc_text, ligne.exc_info = write_trace(ligne.exc_info[1]), None
        return ligne

    logging.setLogRecordFactory(build)


def write_trace(erreur: BaseException) -> str:
    """The places and the kinds of an exception and of those before it; never its words, which may quote a cell or a secret."""
    suite = [erreur]
    while (cause := suite[-1].__cause__ or suite[-1].__context__) and cause not in suite:
        suite.append(cause)
    return "\n".join(
        "".join(traceback.format_tb(e.__traceback__)) + f"{type(e).__module__}.{type(e).__qualname__}"
        + (f"\u202f: {e.strerror}" if isinstance(e, OSError) else "") for e in reversed(suite))


def escape_markdown(texte: str) -> str:
    """Text for where Streamlit expects Markdown, shown letter for letter; only a bare web address stays clickable.

    Its punctuation stays with its word at the end of a line: what files and errors say is typed with ordinary spaces.
    """
    dit = bind_punctuation(texte).translate(RETOURNEURS)
    lignes = re.sub(r"\n[ \t]+", "\n", dit)  # after an empty line, four spaces are code
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|~$:<>&=])", r"\\\1", REMPLACES.sub(rf"\1{JOINTURE}", lignes))


def escape_error(texte: str) -> str:
    """The same where nobody should be led elsewhere: no address is clickable."""
    return escape_markdown(ADRESSES.sub(rf"\1{JOINTURE}", texte))


def report_error(erreur: Exception) -> bool:
    """Show trouble of use as it is said, and anything else as a numbered incident; True: Streamlit adds nothing."""
    if isinstance(erreur, ErreurMetier):
        st.error(f"{escape_error(erreur.message)}\n\n{escape_error(erreur.conseil)}", icon=":material/info:")
    else:
        reference = log_incident(erreur)
        st.error(
            "Cette page n’a pas pu être affichée entièrement. Rechargez-la\u202f; si cela recommence, "
            f"donnez la référence **{reference}** à la personne qui administre l’outil.",
            icon=":material/error:",
        )
    return True
