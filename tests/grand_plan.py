"""The files of a large plan: what the tests open every page on, and what the benchmark times."""

from __future__ import annotations

from datetime import date, timedelta

from indicators.reading import FichierRecu
from tests.conftest import plan_minimal

ACTIONS, INDICATEURS, PARTENAIRES = 80, 300, 30


def build_grand_plan() -> list[FichierRecu]:
    """80 actions, 300 indicators, 30 partners; each line has a target and four values, ten of them in six territories too."""
    jours = [date(2020, 1, 1) + timedelta(days=15 * k) for k in range(ACTIONS)]
    codes = [f"I{k:03}" for k in range(INDICATEURS)]
    territoires = [f"T{k}" for k in range(6)]
    return plan_minimal(
        territoire=[{"code": "38", "nom": "Isère"},
                    *({"code": t, "nom": f"Territoire {t}", "parent": "38", "type": "bassin"} for t in territoires)],
        orientation=[{"code": f"O{k}", "intitule": f"Orientation {k}", "ordre": k} for k in range(8)],
        action=[{"code": f"A{k:02}", "orientation": f"O{k % 8}", "intitule": f"Action numéro {k} de ce grand plan", "debut": j,
                 "echeance_initiale": date(2023, 6, 30), "echeance": date(2023, 6, 30 if k % 3 else 1)}
                for k, j in enumerate(jours)],
        partenaire=[{"code": f"P{k:02}", "nom": f"Partenaire {k}"} for k in range(PARTENAIRES)],
        participation=[{"action": f"A{k:02}", "partenaire": f"P{(k + d) % PARTENAIRES:02}", "role": r}
                       for k in range(ACTIONS) for d, r in enumerate(("pilote", "copilote", "contributeur", "contributeur"))],
        indicateur=[{"code": c} for c in codes],
        action_indicateur=[{"action": f"A{k % ACTIONS:02}", "indicateur": c} for k, c in enumerate(codes)],
        cible=[{"indicateur": c, "role": r, "date": d, "valeur": v} for c in codes
               for r, d, v in (("reference", "2019-12-31", 10), ("finale", "2024-12-31", 20))],
        mesure=[*({"indicateur": c, "periode": a, "valeur": 10 + k % 5 + a - 2019}
                  for k, c in enumerate(codes) for a in range(2020, 2024)),
                *({"indicateur": c, "territoire": t, "periode": a, "valeur": 1 + k + a - 2019} for c in codes[:10]
                  for k, t in enumerate(territoires) for a in range(2020, 2024))],
    )
