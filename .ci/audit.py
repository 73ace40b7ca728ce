"""Known vulnerabilities of what is installed in .venv. Exit 1 when there is one; a network that does not answer is only said.

pip-audit runs in an environment of its own (.venv-audit, from requirements-audit.txt), which never weighs on the application.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import venv
from pathlib import Path

RACINE = Path(__file__).resolve().parents[1]
AUDIT = RACINE / ".venv-audit"
BIN = "Scripts" if sys.platform == "win32" else "bin"
SANS_RESEAU = re.compile(r"connection ?error|could not connect|failed to establish|max retries|name resolution|timed out|timeout"
                         r"|network is unreachable|proxy ?error|connection (refused|reset|aborted)", re.IGNORECASE)


def judge(sortie: str, erreur: str) -> tuple[int, str]:
    """Exit code and what to say of pip-audit's answer: `sortie` its JSON document, `erreur` what it wrote beside."""
    try:
        paquets = json.loads(sortie)["dependencies"]
    except (json.JSONDecodeError, KeyError, TypeError):
        if SANS_RESEAU.search(erreur):
            return 0, "Audit des dépendances : le réseau ne répond pas, rien n’a été vérifié."
        return 1, f"Audit des dépendances : pip-audit a échoué.\n{erreur}"
    failles = [f"  {p['name']} {p['version']} : {v['id']}, corrigée en {', '.join(v['fix_versions']) or '(pas encore)'}"
               for p in paquets for v in p.get("vulns", ())]
    ignores = [p["name"] for p in paquets if "skip_reason" in p]
    if len(ignores) == len(paquets):
        return 0, "Audit des dépendances : la source des failles ne connaît aucun de ces paquets, rien n’a été vérifié."
    compte = f"{len(paquets) - len(ignores)} paquets vérifiés sur {len(paquets)}"
    if failles:
        return 1, "\n".join([f"Audit des dépendances : {compte}, failles connues :", *failles])
    sans_reponse = f" ; sans réponse pour {', '.join(ignores)}" if ignores else ""
    return 0, f"Audit des dépendances : {compte}, aucune faille connue{sans_reponse}."


def main() -> int:
    """Install pip-audit if need be, run it, say what it found."""
    if not (AUDIT / "pyvenv.cfg").exists():
        venv.create(AUDIT, with_pip=True)
    python = AUDIT / BIN / "python"
    installe = subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--retries", "1",
                               "-r", RACINE / "requirements-audit.txt"], capture_output=True, text=True, check=False)
    if installe.returncode:
        code, dit = judge("", installe.stderr)
    else:
        (paquets,) = [*RACINE.glob(".venv/lib/python3*/site-packages"), *RACINE.glob(".venv/Lib/site-packages")][:1]
        fini = subprocess.run([python, "-m", "pip_audit", "--path", paquets, "--format", "json", "--progress-spinner", "off"],
                              capture_output=True, text=True, check=False)
        code, dit = judge(fini.stdout, fini.stderr)
    print(dit, file=sys.stderr if code else sys.stdout)
    return code


if __name__ == "__main__":
    sys.exit(main())
