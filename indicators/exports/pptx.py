"""The slides of a séance as a PowerPoint file: titles that make an outline, native charts and tables, arithmetic in the notes."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

from indicators.exports.archive import date_export, seal_archive
from indicators.exports.contenu import (
    AUCUNE_DECISION,
    clean,
    list_chemins,
    list_decisions,
    list_lignes,
    list_montrees,
    name_document,
    split_groupes,
    write_cible,
    write_nombre,
    write_notes,
    write_rang,
    write_realise,
    write_releve,
    write_statut,
)
from indicators.exports.diapositives import (
    CORPS,
    MARGE,
    PIED,
    TON,
    UTILE,
    Boite,
    Morceau,
    Paragraphe,
    add_diapo,
    add_etiquette,
    add_tableau,
    add_texte,
    close_diapos,
    create_presentation,
    split_grille,
    write_texte,
)
from indicators.exports.mesure import fit_taille, measure_bloc
from indicators.exports.natifs import add_chemin, add_comptes, add_trajectoire
from indicators.formats import FINE, INSECABLE
from indicators.formats import titre as format_titre
from indicators.meetings.deck import Deck, Diapo, Grille, LigneMontree
from indicators.model import Sujet
from indicators.theme import style

BAS = PIED - 10
COLONNE = 270.0  # the column beside a chart
CHEMINS_PAR_DIAPO = 8
LIGNES_SOUS_GRAPHIQUE = 4
PARTS = {"N°": 1.3, "Minutes": 1.1, "Point": 7, "Nombre": 1, "Statut": 1.6, "Indicateur": 3.4, "Décision": 4, "Action": 2,
         "Responsable": 1.8, "Échéance": 1.5, "État": 1.3, "Période": 1.2, "Motif": 2.4, "Réalisé": 1.7, "Attendu": 1.3,
         "Cible": 1.3}


def build_pptx(deck: Deck) -> bytes:
    """The presentation of that deck; the same bytes for the same deck."""
    prs = create_presentation()
    quand = date_export(deck.entete)
    proprietes = prs.core_properties
    proprietes.title = proprietes.subject = name_document(deck.entete)
    proprietes.author = proprietes.last_modified_by = clean(deck.entete.plan.nom)
    proprietes.language, proprietes.keywords, proprietes.comments = "fr-FR", clean(deck.entete.plan.intitule), ""
    proprietes.created = proprietes.modified = quand
    proprietes.revision = 1
    for diapo in deck.diapos:
        _add(prs, deck, diapo)
    if not any(d.sujet is Sujet.RELEVE for d in deck.diapos) and deck.decisions:
        _add(prs, deck, Diapo("releve", Sujet.RELEVE, Sujet.RELEVE.label, Sujet.RELEVE.label))
    close_diapos(prs)
    tampon = io.BytesIO()
    prs.save(tampon)
    return seal_archive(tampon.getvalue(), quand)


def _add(prs: Any, deck: Deck, diapo: Diapo) -> None:
    dessins: dict[Sujet, Callable[[Any, Deck, Diapo], None]] = {
        Sujet.OUVERTURE: _add_ouverture, Sujet.SYNTHESE: _add_synthese, Sujet.ACTION: _add_action, Sujet.RELEVE: _add_releve}
    dessins.get(diapo.sujet, _add_grilles)(prs, deck, diapo)


def _start(prs: Any, deck: Deck, diapo: Diapo, titre: str | None = None, surtitre: str | None = None, plus: str = "") -> Any:
    """A slide with all that every one of them bears."""
    e = deck.entete
    dit = diapo.surtitre if surtitre is None else surtitre
    seance = e.seance.nom
    ouverture = diapo.sujet is Sujet.OUVERTURE
    surtitre = "" if ouverture else f"{seance} · {dit}" if dit and dit != diapo.titre else seance
    pied = " ".join(filter(None, (e.perimetre, e.avertissement)))
    notes = "\n\n".join(filter(None, (plus, write_notes(deck, diapo))))
    return add_diapo(prs, titre or diapo.titre, surtitre, pied, notes, ouverture)


def _add_ouverture(prs: Any, deck: Deck, diapo: Diapo) -> None:
    page = _start(prs, deck, diapo)
    textes = [diapo.surtitre, *(p for p in diapo.phrases if p != deck.entete.avertissement)]  # the footer says it
    taille = fit_taille(textes, UTILE, 240, (24, 22, 20, 18, 16, 14, 12)) or 12
    write_texte(page.placeholders[1].text_frame, [[Morceau(clean(t))] for t in textes if t], taille)


def _add_synthese(prs: Any, deck: Deck, diapo: Diapo) -> None:
    page = _start(prs, deck, diapo)
    textes = [p for p in diapo.phrases if p != deck.entete.avertissement]
    add_texte(page, Boite(MARGE + UTILE - COLONNE, CORPS, COLONNE, BAS - CORPS), [[Morceau(t)] for t in textes])
    lignes = [x.ligne for x in deck.lignes]
    b = Boite(MARGE, CORPS, UTILE - COLONNE - 20, BAS - CORPS)
    if lignes:
        add_comptes(page, lignes, b, "Indicateurs par statut")
    else:
        add_texte(page, b, [[Morceau("Aucun indicateur n’est suivi à cette date.", couleur=TON.gris)]])
    nom, chemins = list_chemins(deck, diapo)
    groupes = split_groupes(chemins, CHEMINS_PAR_DIAPO)
    for k, groupe in enumerate(groupes, 1):
        suite = _start(prs, deck, diapo, write_rang(nom, k, len(groupes)))
        add_chemin(suite, groupe, Boite(MARGE, CORPS, UTILE, BAS - CORPS))


def _add_grilles(prs: Any, deck: Deck, diapo: Diapo) -> None:
    """Sentences, then each table, on as many slides as they need."""
    page, haut = _start(prs, deck, diapo), CORPS
    if diapo.phrases:
        place = min(60.0, measure_bloc(diapo.phrases, UTILE, 20)) if diapo.grilles else BAS - CORPS
        add_texte(page, Boite(MARGE, CORPS, UTILE, place), [[Morceau(t)] for t in diapo.phrases])
        haut += place + 8
    for grille in diapo.grilles:
        page, haut = _add_grille(prs, deck, diapo, grille, page, haut)


def _add_grille(prs: Any, deck: Deck, diapo: Diapo, grille: Grille, page: Any, haut: float) -> tuple[Any, float]:
    """One table from `haut` on that slide, going on with others; the last slide and where it is free."""
    parts = [PARTS.get(c, 1.2) for c in grille.colonnes]
    taille = next((t for t in (18, 16, 14) if len(split_grille(grille, parts, UTILE, BAS - haut, t)) == 1), 14)
    if haut > CORPS and BAS - haut < 90:
        page, haut = _start(prs, deck, diapo, f"{diapo.titre} (suite)"), CORPS
    restantes = grille
    while restantes.lignes:
        une = split_grille(restantes, parts, UTILE, BAS - haut, taille)[0]
        add_tableau(page, grille, une, parts, Boite(MARGE, haut, UTILE, BAS - haut), taille)
        _note_coupes(page, restantes.lignes[: len(une.lignes)], une.lignes)
        restantes = Grille(grille.titre, grille.colonnes, restantes.lignes[len(une.lignes) :])
        haut += sum(une.hauteurs) + 14
        if restantes.lignes:
            page, haut = _start(prs, deck, diapo, f"{diapo.titre} (suite)"), CORPS
    return page, haut


def _note_coupes(page: Any, entieres: Sequence[Sequence[str]], ecrites: Sequence[Sequence[str]]) -> None:
    """Whole texts of the cells that had to be cut."""
    coupes = [e for a, b in zip(entieres, ecrites, strict=True) for e, c in zip(a, b, strict=True) if clean(e) != c]
    if coupes:
        notes = page.notes_slide.notes_text_frame
        notes.text = clean("\n\n".join([notes.text, *(f"Texte entier{FINE}: {c}" for c in coupes)]))


# -- an action -------------------------------------------------------------------------------------------------------------


def _add_action(prs: Any, deck: Deck, diapo: Diapo) -> None:
    montree = next((a for a in deck.actions if a.action.action == diapo.action), None)
    if montree is None:
        _add_grilles(prs, deck, diapo)
        return
    nom = f"{montree.action.action} {montree.action.intitule}"
    lignes = list_montrees(deck, diapo)
    x = lignes[0] if lignes else None
    dites = (nom, f"{montree.mot}.")  # above the title, and on the label
    autres = [p for p in diapo.phrases if p not in dites and not p.startswith(f"{montree.mot}{FINE}:")
              and not (x and x.position in p)]
    prises = list_decisions(deck, diapo.action).lignes
    entiers = "\n".join([*autres, *(f"Décision {d[0]}{FINE}: {d[1]}" for d in prises)])
    page = _start(prs, deck, diapo, surtitre=nom, plus=entiers)
    gauche = MARGE if x is None else MARGE + UTILE - COLONNE
    large = UTILE if x is None else COLONNE
    add_etiquette(page, Boite(gauche, CORPS, COLONNE, 34), style(montree.action.cellule), montree.mot)
    paragraphes: list[Paragraphe] = [[Morceau(f"{format_titre(montree.action.cellule_raison)}.")]]
    paragraphes += _list_faits(x) if x else []
    paragraphes += [[Morceau(p)] for p in autres]
    paragraphes += [[Morceau(f"Décision {d[0]}{FINE}: ", True), Morceau(_write_decision(d))] for d in prises]
    add_texte(page, Boite(gauche, CORPS + 42, large, BAS - CORPS - 42), paragraphes, (18, 16, 14, 13, 12, 11))
    if x is not None:
        _add_dessins(page, lignes)


def _write_decision(d: Sequence[str]) -> str:
    return d[1] + "".join(f", {dit}" for dit in (d[3], f"avant le {d[4]}" if d[4] else "") if dit)


def _list_faits(x: LigneMontree) -> list[Paragraphe]:
    """Status and figures of the indicator that is drawn."""
    li = x.ligne
    faits = [("Indicateur", f"{li.indicateur}, {write_statut(x)}"), ("Réalisé", write_realise(x)),
             ("Attendu à cette date", write_nombre(x, li.attendu)), ("Cible", write_cible(x))]
    return [[Morceau(f"{nom}{FINE}: ", couleur=TON.gris), Morceau(dit, True)] for nom, dit in faits if dit]


def _add_dessins(page: Any, lignes: Sequence[LigneMontree]) -> None:
    """The first indicator large, the others in a table under it."""
    large, bas = UTILE - COLONNE - 20, BAS
    if autres := tuple(lignes[1:]):
        grille = list_lignes(autres[:LIGNES_SOUS_GRAPHIQUE], "Autres indicateurs de l’action")
        parts = [PARTS[c] for c in grille.colonnes]
        une = split_grille(grille, parts, large, 150, 11)[0]
        bas -= sum(une.hauteurs) + 8
        reste = len(autres) - len(une.lignes)
        if reste:
            bas -= 18
            texte = f"Et {reste}{INSECABLE}autre{'s' if reste > 1 else ''}{FINE}: voir le rapport."
            add_texte(page, Boite(MARGE, BAS - 16, large, 16), [[Morceau(texte, couleur=TON.gris)]], (11,))
        add_tableau(page, grille, une, parts, Boite(MARGE, bas + 8, large, sum(une.hauteurs)), 11)
    b = Boite(MARGE, CORPS, large, bas - CORPS)
    if not add_trajectoire(page, lignes[0], b):
        vide = f"{lignes[0].ligne.indicateur}{FINE}: aucune valeur ni cible à dessiner."
        add_texte(page, b, [[Morceau(vide, couleur=TON.gris)]])


def _add_releve(prs: Any, deck: Deck, diapo: Diapo) -> None:
    grille = list_decisions(deck)
    page, haut = _start(prs, deck, diapo), CORPS
    textes = [*diapo.phrases, *write_releve(deck), *([] if grille.lignes else [AUCUNE_DECISION])]
    if textes:
        place = min(60.0, measure_bloc(textes, UTILE, 20))
        add_texte(page, Boite(MARGE, CORPS, UTILE, place), [[Morceau(t)] for t in textes])
        haut += place + 8
    if grille.lignes:
        _add_grille(prs, deck, diapo, grille, page, haut)
