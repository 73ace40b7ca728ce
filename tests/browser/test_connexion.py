"""Sign-in against a real OpenID Connect provider on loopback: who comes in, what they get, when it ends."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from tests.browser.conftest import PRET, RACINE, free_port, run_server

pytestmark = pytest.mark.navigateur

PLAN = "isere-2020-2024"
SECRET = "un-secret-de-test-qui-ne-protege-rien-du-tout"
COOKIE = "_streamlit_user"
PERSONNES = (
    {"sub": "lea", "email": "Lea@exemple.fr", "name": "Léa Dupré"},
    {"sub": "noe", "email": "noe@exemple.fr", "name": "Noé Garnier"},
    {"sub": "ana", "email": "ana@exemple.fr", "name": "Ana Payet", "groups": ["autre", "cn=ase,ou=pilotes"]},
)
LIEN = f"/indicateur?plan={PLAN}&observe_au=2022-12-31&code=PARC-03"


@pytest.fixture(scope="module")
def fournisseur(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the provider, which knows three people."""
    port = free_port()
    gens = [mot for p in PERSONNES for mot in ("--user-claims", json.dumps(p))]
    sortie = tmp_path_factory.mktemp("fournisseur") / "sortie.txt"
    with sortie.open("wb") as flux:
        processus = subprocess.Popen([sys.executable, "-m", "oidc_provider_mock", "-p", str(port), *gens], stdout=flux,
                                     stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    adresse = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"{adresse}/.well-known/openid-configuration", timeout=5):
                    break
            except OSError:
                time.sleep(0.1)
        else:
            pytest.fail(sortie.read_text(errors="replace"), pytrace=False)
        yield adresse
    finally:
        processus.terminate()
        processus.wait(15)


@pytest.fixture(scope="module")
def dossier(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the base, where Léa may deposit in one plan."""
    dossier = tmp_path_factory.mktemp("connexion") / "base"
    shutil.copytree(base, dossier)
    roles(dossier, "donner", "lea@exemple.fr", "depot", "--plan", PLAN)
    return dossier


def roles(dossier: Path, *mots: str) -> None:
    subprocess.run([sys.executable, "-m", "indicators", "roles", *mots], cwd=RACINE, check=True, capture_output=True,
                   env=os.environ | {"INDICATORS_BASE": str(dossier)})


@pytest.fixture(scope="module")
def hote(dossier: Path, fournisseur: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server where people sign in."""
    port, travail = free_port(), tmp_path_factory.mktemp("serveur")
    secrets = travail / "secrets.toml"
    secrets.write_text(f"""[auth]
redirect_uri = "http://127.0.0.1:{port}/oauth2callback"
cookie_secret = "{SECRET}"
client_id = "tableau"
client_secret = "peu importe"
server_metadata_url = "{fournisseur}/.well-known/openid-configuration"
""", encoding="utf-8")
    with run_server(dossier, travail / "sortie.txt", port, [f"--secrets.files={secrets}"], INDICATORS_ROLES_CLAIM="groups",
                    INDICATORS_ROLES="cn=ase,ou=pilotes=pilotage", INDICATORS_CONTACT="ase-pilotage@exemple.fr") as hote:
        yield hote


@pytest.fixture
def visiteur(navigateur: Browser, hote: str) -> Iterator[Callable[[], BrowserContext]]:
    """Makes browsers that know nobody."""
    contextes = []

    def visiteur() -> BrowserContext:
        contexte = navigateur.new_context(base_url=f"http://{hote}", locale="fr-FR")
        contexte.set_default_timeout(30_000)
        contextes.append(contexte)
        return contexte

    yield visiteur
    for contexte in contextes:
        contexte.close()


def show(page: Page, adresse: str) -> str:
    """Go there; the title of what is shown."""
    page.goto(adresse)
    page.wait_for_selector(PRET)
    return page.get_by_role("heading", level=1).first.inner_text()


def sign_in(page: Page, sub: str) -> None:
    page.get_by_role("button", name="Se connecter").click()
    page.get_by_role("button", name=sub, exact=True).click()
    page.wait_for_selector(PRET)
    expect(page.get_by_role("button", name="Se déconnecter")).to_be_visible()


def fetch(adresse: str, **entetes: str) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(adresse, headers=entetes), timeout=30) as reponse:
            return reponse.status
    except urllib.error.HTTPError as erreur:
        return erreur.code


def test_deep_link_survives_the_sign_in_and_nothing_is_seen_before(visiteur) -> None:
    page = visiteur().new_page()
    recus: list[bytes] = []
    page.on("websocket", lambda ws: ws.on("framereceived", lambda m: recus.append(m if isinstance(m, bytes) else m.encode())))
    assert show(page, LIEN) == "Connexion"
    assert page.get_by_role("link", name="Synthèse").count() == 0
    assert recus and not any(b"indicateur" in m.lower() and "Isère".encode() in m for m in recus)
    sign_in(page, "lea")
    expect(page.get_by_text("situation au 31/12/2022")).to_be_visible()
    assert f"plan={PLAN}" in page.url and "observe_au=2022-12-31" in page.url and "code=PARC-03" in page.url
    assert page.url.split("?")[0].endswith("/indicateur")
    expect(page.get_by_text("Léa Dupré")).to_be_visible()


def test_a_refusal_of_the_provider_is_told(visiteur) -> None:
    page = visiteur().new_page()
    assert show(page, "/oauth2callback?error=access_denied") == "Connexion"
    expect(page.get_by_text("La connexion n’a pas abouti")).to_contain_text("ase-pilotage@exemple.fr")
    sign_in(page, "lea")
    assert "n’a pas abouti" not in page.inner_text("[data-testid=stMain]")


def test_roles_are_read_again_at_every_run(visiteur, dossier: Path) -> None:
    page = visiteur().new_page()
    show(page, "/")
    sign_in(page, "noe")
    expect(page.get_by_role("heading", level=1)).to_have_text("Vous n’avez pas encore accès")
    texte = page.inner_text("[data-testid=stMain]")
    assert "Noé Garnier" in texte and "noe@exemple.fr" in texte and "ase-pilotage@exemple.fr" in texte
    roles(dossier, "donner", "noe@exemple.fr", "lecture")
    show(page, f"/?plan={PLAN}")
    expect(page.get_by_text("situation au")).to_be_visible()
    assert page.get_by_role("link", name="Déposer").count() == 0
    assert show(page, "/depot") == "Votre rôle permet de lire, pas de déposer"
    roles(dossier, "retirer", "noe@exemple.fr", "lecture")
    page.get_by_role("button", name="Se déconnecter").wait_for()
    assert show(page, "/") == "Vous n’avez pas encore accès"


def test_role_from_a_claim(visiteur) -> None:
    page = visiteur().new_page()
    show(page, "/")
    sign_in(page, "ana")
    expect(page.get_by_text("Ana Payet")).to_contain_text("Pilotage")


def test_signing_out_ends_the_other_tabs_and_copies_of_the_cookie(visiteur, hote: str) -> None:
    contexte = visiteur()
    page, autre = contexte.new_page(), contexte.new_page()
    show(page, "/")
    sign_in(page, "ana")
    show(autre, f"/journal?plan={PLAN}")
    gardes = contexte.cookies()
    page.get_by_role("button", name="Se déconnecter").click()
    page.wait_for_url(lambda adresse: hote not in adresse)
    autre.get_by_role("link", name="Méthode").click()
    expect(autre.get_by_role("heading", level=1)).to_have_text("Connexion")
    voleur = visiteur()
    voleur.add_cookies(gardes)
    assert show(voleur.new_page(), "/") == "Connexion"


@pytest.mark.parametrize(("heures", "titre"), [(7, "à la fin du plan"), (9, "Connexion")])
def test_a_session_ends_after_the_age_set(visiteur, hote: str, heures: int, titre: str) -> None:
    contexte = visiteur()
    claims = {"sub": "lea", "email": "lea@exemple.fr", "name": "Léa", "iat": int(time.time()) - heures * 3600,
              "provider": "default", "origin": f"http://{hote}", "is_logged_in": True}
    signe = create_signed_value(SECRET, COOKIE, json.dumps(claims)).decode()
    contexte.add_cookies([{"name": COOKIE, "value": signe, "url": f"http://{hote}"}])
    page = contexte.new_page()
    assert titre in show(page, f"/?plan={PLAN}")
    assert ("session est terminée" in page.inner_text("[data-testid=stMain]")) is (heures == 9)


def test_a_file_is_for_the_browser_that_asked_for_it(visiteur, hote: str) -> None:
    contexte = visiteur()
    page = contexte.new_page()
    adresses: set[str] = set()
    page.on("request", lambda requete: adresses.add(requete.url))
    show(page, "/")
    sign_in(page, "lea")
    assert show(page, f"/depot?plan={PLAN}") == "Déposer des données"
    page.get_by_text("Modèles à remplir").click()
    with page.expect_download() as attente:
        page.get_by_role("button", name="Télécharger le modèle (Excel)").click()
    assert Path(attente.value.path()).read_bytes()[:2] == b"PK"
    fichiers = {a for a in adresses | {attente.value.url} if f"{hote}/media/" in a}
    assert attente.value.url in fichiers
    cookies = {c["name"]: c["value"] for c in contexte.cookies()}
    seul = "; ".join(f"{nom}={valeur}" for nom, valeur in cookies.items())
    assert {fetch(adresse, Cookie=seul) for adresse in fichiers} == {200}  # at once: the runs of others let such a file go
    autre = visiteur().new_page()
    show(autre, "/")
    sign_in(autre, "ana")
    for adresse in fichiers:
        assert fetch(adresse) == 403
        if adresse == attente.value.url:  # the icon is offered to everyone
            assert autre.request.get(adresse).status == 403
        assert fetch(adresse, Cookie=f"_visiteur={cookies['_visiteur']}") == 403, "signed out, the same browser gets nothing"
        sans = "; ".join(f"{nom}={valeur}" for nom, valeur in cookies.items() if nom != "_visiteur")
        assert fetch(adresse, Cookie=sans) == 403


def test_without_sign_in_a_file_is_for_its_browser_too(page: Page, serveur: str) -> None:
    adresses: set[str] = set()
    page.on("response", lambda reponse: adresses.add(reponse.url) if reponse.status == 200 else None)
    show(page, "/")
    assert page.get_by_text("Poste local, sans connexion").count() == 1
    fichiers = [a for a in adresses if f"{serveur}/media/" in a]
    assert fichiers and {fetch(a) for a in fichiers} == {403}
    assert fetch(f"http://{serveur}/media/inconnu.csv") == 403
