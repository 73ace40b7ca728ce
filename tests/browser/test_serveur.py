"""The server around the pages: French shell, headers, compression, hosts, health. No browser."""

from __future__ import annotations

import asyncio
import gzip
import http.client
import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from streamlit.testing.v1 import AppTest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from indicators.errors import ErreurMetier
from indicators.ui import server
from indicators.ui.server import ACCUEIL, PAGES

ADRESSES = ["/", *(f"/{p}" for p in PAGES), "/adresse-inconnue"]


def get(hote: str, chemin: str, **entetes: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    """Status, headers and raw body; a header `Accept_Encoding` is written with an underscore here."""
    liaison = http.client.HTTPConnection(hote, timeout=30)
    try:
        liaison.request("GET", chemin, headers={nom.replace("_", "-"): v for nom, v in entetes.items()})
        reponse = liaison.getresponse()
        return reponse.status, reponse.headers, reponse.read()
    finally:
        liaison.close()


def test_health(serveur):
    statut, entetes, corps = get(serveur, "/api/etat")
    assert (statut, json.loads(corps)) == (200, {"statut": "ok"})
    assert entetes.get_content_type() == "application/json"


@pytest.mark.parametrize(("verbe", "adresse"), [("GET", "/api/inconnue"), ("POST", "/api/etat"), ("GET", "/api/")])
def test_an_unknown_request_of_a_program_is_told_in_french(serveur, verbe, adresse):
    liaison = http.client.HTTPConnection(serveur, timeout=30)
    liaison.request(verbe, adresse)
    reponse = liaison.getresponse()
    assert reponse.status == 404 and "ne répond à rien" in json.loads(reponse.read())["message"]
    liaison.close()


@pytest.mark.parametrize("adresse", ["/api/etat", "/autre"])
def test_a_failure_of_the_server_gives_a_reference_found_in_the_log(caplog, adresse):
    secret = "".join(("aze", "rty"))  # the log quotes lines of code, never what they hold

    async def fail(scope, receive, send):
        raise ValueError(secret)

    async def send(message):
        envoyes.append(message)

    envoyes = []
    (couche,) = [m for m in server.build_middleware() if "handler" in m.kwargs]
    scope = {"type": "http", "method": "GET", "path": adresse, "query_string": b"", "headers": [], "server": ("suivi", 80)}
    with ThreadPoolExecutor(1) as fil, pytest.raises(ValueError, match=secret):  # the browser keeps a loop in this thread
        fil.submit(asyncio.run, couche.cls(fail, **couche.kwargs)(scope, None, send)).result()
    dit = envoyes[1]["body"].decode()
    assert envoyes[0]["status"] == 500 and "n’a pas pu répondre" in dit
    (note,) = [r.getMessage() for r in caplog.records if "incident" in r.getMessage()]
    assert note.split()[1] in dit and "ValueError" in note and secret not in note + dit


def test_home_page_exists():
    assert ACCUEIL in PAGES


def test_the_home_page_by_its_name_leads_home_with_its_view(serveur):
    statut, entetes, _ = get(serveur, f"/{ACCUEIL}?plan=isere-2020-2024&observe_au=2022-12-31")
    assert (statut, entetes["location"]) == (307, "/?plan=isere-2020-2024&observe_au=2022-12-31")
    assert get(serveur, f"/{ACCUEIL}")[1]["location"] == "/"


@pytest.mark.parametrize("adresse", [a for a in ADRESSES if a != f"/{ACCUEIL}"])
def test_shell_is_french(serveur, adresse):
    statut, _, corps = get(serveur, adresse)
    html = corps.decode()
    assert statut == 200
    assert '<html lang="fr">' in html and "<title>Schéma enfance-famille</title>" in html
    assert "You need to enable JavaScript" not in html
    assert re.search(r'<link rel="modulepreload" crossorigin href="\./static/js/PlotlyChart\.[^"]+\.js">', html)
    for fichier in {"francais.js", "presentation.js", *re.findall(r'(?:src|href)="\./(static/[^"]+)"', html)}:
        assert get(serveur, f"/{fichier}")[0] == 200, fichier


@pytest.mark.parametrize("adresse", ["/", "/api/etat", "/francais.js", "/favicon.png", "/_stcore/health", "/_stcore/inconnue"])
def test_security_headers_everywhere(serveur, adresse):
    _, entetes, _ = get(serveur, adresse)
    for nom in ("content-security-policy", "x-content-type-options", "referrer-policy", "permissions-policy", "x-frame-options",
                "cross-origin-opener-policy", "cross-origin-resource-policy"):
        assert len(entetes.get_all(nom, [])) == 1, nom
    assert "camera=()" in entetes["permissions-policy"] and entetes["x-frame-options"] == "SAMEORIGIN"
    politique = dict(regle.split(" ", 1) for regle in entetes["content-security-policy"].split("; "))
    assert politique["default-src"] == "'self'" and politique["img-src"] == "'self' data: blob:"
    assert "'sha256-" in politique["script-src"] and "unsafe" not in politique["script-src"]
    assert "http" not in entetes["content-security-policy"] and politique["frame-ancestors"] == "'self'"
    assert not re.search(r"\d", entetes["server"] or ""), "a version for whoever looks for its holes"
    assert entetes["x-powered-by"] is None


def test_chart_library_is_compressed(serveur):
    html = get(serveur, "/")[2].decode()
    chemin = "/" + re.search(r"static/js/PlotlyChart\.[^\"]+\.js", html)[0]
    _, nus, entier = get(serveur, chemin)
    _, entetes, compresse = get(serveur, chemin, Accept_Encoding="gzip")
    assert nus["content-encoding"] is None and entetes["content-encoding"] == "gzip"
    assert gzip.decompress(compresse) == entier and len(compresse) < 0.4 * len(entier)


@pytest.mark.parametrize("adresse", ["/", "/api/etat", "/_stcore/health"])
def test_foreign_host_is_refused(serveur, adresse):
    statut, entetes, corps = get(serveur, adresse, Host="ailleurs.example")
    assert statut == 400 and entetes["content-security-policy"]
    assert "Ce nom de serveur n’est pas connu" in corps.decode() and "allowedHosts" in corps.decode()


def test_another_site_frames_the_pages_only_when_it_is_declared():
    sites = ("https://intranet.exemple.fr",)
    assert "frame-ancestors 'self' https://intranet.exemple.fr" in server.build_csp(server.build_page(), sites)
    noms = {nom for nom, _ in server.SecurityHeaders(None, "", sites).ajouts}
    assert b"x-frame-options" not in noms, "it would forbid what frame-ancestors allows"


def test_websocket_of_a_foreign_host_is_refused(serveur):
    with pytest.raises(InvalidStatus) as refus:
        connect(f"ws://{serveur}/_stcore/stream", subprotocols=["streamlit"], additional_headers={"Host": "ailleurs.example"})
    assert refus.value.response.status_code in (400, 403)


@pytest.mark.parametrize("hote", ["localhost", "127.0.0.1:80", "[::1]:80"])
def test_this_machine_is_accepted(serveur, hote):
    assert get(serveur, "/api/etat", Host=hote)[0] == 200


@pytest.mark.parametrize(
    ("declares", "ecoute", "attendus"),
    [
        ([], "127.0.0.1", server.HOTES_LOCAUX),
        ([], "0.0.0.0", server.HOTES_LOCAUX),
        ([], "suivi.exemple.fr", [*server.HOTES_LOCAUX, "suivi.exemple.fr"]),
        (["Suivi.exemple.fr."], "0.0.0.0", ["suivi.exemple.fr"]),
    ],
)
def test_hosts_follow_the_settings(monkeypatch, declares, ecoute, attendus):
    monkeypatch.setattr(server.st, "get_option", {"server.allowedHosts": declares, "server.address": ecoute}.get)
    assert server.list_hosts() == attendus


@pytest.mark.parametrize(
    ("erreur", "dit"),
    [
        (ErreurMetier("Base occupée.", "Attendez."), {"message": "Base occupée.", "conseil": "Attendez."}),
        (OSError("/srv/secret"), {"message": "La base ne s’ouvre pas."}),
    ],
)
def test_health_says_why_not(monkeypatch, erreur, dit):
    def refuse():
        raise erreur

    monkeypatch.setattr("indicators.ui.donnees.open_base", refuse)
    reponse = server.etat(None)
    corps = json.loads(reponse.body)
    assert reponse.status_code == 503 and dit.items() <= corps.items()
    assert b"secret" not in reponse.body


def test_changed_streamlit_page_is_refused(monkeypatch, tmp_path):
    (tmp_path / "index.html").write_text("<html><head></head></html>", encoding="utf-8")
    monkeypatch.setattr(server, "STREAMLIT", tmp_path)
    with pytest.raises(RuntimeError, match="a changé"):
        server.build_page()


def test_trouble_of_use_is_shown_as_it_is_said():
    def script():
        from indicators.errors import ErreurMetier
        from indicators.ui.server import report_error

        assert report_error(ErreurMetier("Le plan « ![x](http://ailleurs.example/x.png) » n’existe pas.", "Voyez --plan."))

    at = AppTest.from_function(script).run()
    assert not at.exception
    [alerte] = at.error
    assert alerte.value == (
        "Le plan «\u00a0\\!\\[x\\]\\(http\\:\u2060//ailleurs\\.example/x\\.png\\)\u00a0» "
        "n’existe pas\\.\n\nVoyez \\-\u2060\\-plan\\."
    )


def test_incident_shows_a_reference_and_no_detail(caplog):
    def script():
        from indicators.ui.server import report_error

        try:
            int("".join(("L", "éa, 12 ans")))  # the trace shows our lines, as they are written
        except ValueError as erreur:
            assert report_error(erreur)

    at = AppTest.from_function(script).run()
    assert not at.exception
    [alerte] = at.error
    reference = re.search(r"\*\*([0-9A-F]{6})\*\*", alerte.value)[1]
    assert "Léa" not in alerte.value
    [trace] = [ligne for ligne in caplog.records if reference in ligne.getMessage()]
    assert "builtins.ValueError" in trace.getMessage() and "in script" in trace.getMessage()
    assert "Léa" not in caplog.text and not trace.exc_info, "the words of an exception quote cells and secrets"
