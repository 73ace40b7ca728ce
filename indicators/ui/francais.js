// Streamlit has no translation: this script puts its built-in words into French as they appear. It replaces whole strings
// only, and never touches what the pages write themselves (OURS) nor the names of icons. tests/browser/test_pages.py tells when a release
// of Streamlit brings a word that is missing here.
(() => {
  const WORDS = {
    // frame, menu, connection
    "Skip to main content": "Aller au contenu",
    "App pages": "Pages",
    "Sidebar": "Menu latéral",
    "Collapse sidebar": "Replier le menu",
    "Expand sidebar": "Déplier le menu",
    "Link to heading": "Lien vers ce titre",
    "Page not found": "Page introuvable",
    "The page that you have requested does not seem to exist. Running the app's main page.":
      "Cette page n’existe pas : voici l’accueil.",
    "Connection error": "Connexion interrompue",
    "Streamlit server is not responding. Are you connected to the internet?":
      "Le serveur ne répond plus. Vérifiez le réseau, puis rechargez la page.",
    "CONNECTING": "Connexion…",
    "Connecting": "Connexion…",
    "Running...": "Calcul en cours…",
    "Stop": "Arrêter",
    "Rerun": "Relancer",
    "Clear cache": "Vider le cache",
    "Clear caches": "Vider le cache",
    "Cancel": "Annuler",
    "Print": "Imprimer",
    "Record screen": "Enregistrer l’écran",
    "Settings": "Réglages",
    "About": "À propos",
    "System": "Système",
    "Light": "Clair",
    "Dark": "Sombre",
    // files
    "Upload": "Choisir un fichier",
    "Browse files": "Choisir un fichier",
    "Drag and drop a file here": "Déposez un fichier ici",
    "Drag and drop file here": "Déposez un fichier ici",
    "Drag and drop files here": "Déposez des fichiers ici",
    "Add files": "Ajouter des fichiers",
    "add icon": "ajouter",
    "file upload": "dépôt de fichier",
    "Error:": "Erreur :",
    // fields
    "Choose an option": "Choisir",
    "Choose options": "Choisir",
    "Choose or add an option": "Choisir ou ajouter",
    "No results": "Aucun résultat",
    "No options to select.": "Aucun choix possible",
    "Select all": "Tout choisir",
    "Selected values": "Valeurs choisies",
    "Clear all": "Tout effacer",
    "Clear value": "Effacer",
    "Open": "Ouvrir",
    "Close": "Fermer",
    "Dismiss": "Fermer",
    "Send message": "Envoyer",
    "Increment": "Augmenter",
    "Decrement": "Diminuer",
    "Show password": "Montrer le mot de passe",
    "Hide password": "Cacher le mot de passe",
    "Show password text": "Montrer le mot de passe",
    "Hide password text": "Cacher le mot de passe",
    "Copy to clipboard": "Copier",
    "Copied": "Copié",
    "Press Enter to apply": "Entrée pour appliquer",
    "Press Ctrl+Enter to apply": "Ctrl+Entrée pour appliquer",
    "Press ⌘+Enter to apply": "⌘+Entrée pour appliquer",
    "Press Enter to submit form": "Entrée pour valider",
    "Press Ctrl+Enter to submit form": "Ctrl+Entrée pour valider",
    "Press ⌘+Enter to submit form": "⌘+Entrée pour valider",
    // dates
    "dd": "jj",
    "yyyy": "aaaa",
    "Choose date": "Choisir une date",
    "Choose date range": "Choisir une période",
    "Previous month": "Mois précédent",
    "Next month": "Mois suivant",
    "Use arrow keys to navigate dates. Enter to select. Escape to close.":
      "Flèches pour changer de date, Entrée pour choisir, Échap pour fermer.",
    // tables and charts
    "Show data": "Voir les données",
    "Show/hide columns": "Colonnes affichées",
    "Add row": "Ajouter une ligne",
    "Delete row(s)": "Supprimer les lignes",
    "Download as CSV": "Télécharger (CSV)",
    "Download as PNG": "Télécharger (PNG)",
    "Search": "Rechercher",
    "Fullscreen": "Plein écran",
    "Close fullscreen": "Quitter le plein écran",
    "Sort ascending": "Trier par ordre croissant",
    "Sort descending": "Trier par ordre décroissant",
    "Autosize": "Ajuster la largeur",
    "Pin column": "Épingler la colonne",
    "Unpin column": "Désépingler la colonne",
    "Hide column": "Masquer la colonne",
    "empty": "vide",
  };

  const PATTERNS = [
    [/^(\d+)MB per file$/, "$1 Mo au plus par fichier"],
    [/^(\d+)MB per file • (.*)$/, "$1 Mo au plus par fichier • $2"],
    [/^(\d+(?:\.\d+)?)([KMG])B$/, (_, taille, prefixe) => `${taille.replace(".", ",")} ${prefixe === "K" ? "k" : prefixe}o`],
    [/^(\d+(?:\.\d+)?)B$/, (_, taille) => `${parseInt(taille, 10)} octets`],
    [/^File must be ([\d.]+)MB or smaller\.$/, "Le fichier dépasse $1 Mo."],
    [/^.* files are not allowed\.$/, "Ce type de fichier n’est pas accepté."],
    [/^(?:Error: )?Number is outside the allowed range\. Please enter a value between (.+) and (.+)\.$/,
      "Valeur attendue entre $1 et $2."],
    [/^(\d+) options? available\.$/, "$1 choix"],
    [/^Add: (.*)$/, "Ajouter : $1"],
    [/^Remove (.*)$/, "Retirer $1"],
    [/^Help for (.*)$/, "Aide : $1"],
    [/^day, (.*)$/, "jour, $1"],
    [/^month, (.*)$/, "mois, $1"],
    [/^year, (.*)$/, "année, $1"],
    [/^Choose date, (.*)$/, "Choisir une date, $1"],
    [/^Selected Date: (.*)$/, "Date choisie : $1"],
    [/^(.*) start date$/, "$1, début"],
    [/^(.*) end date$/, "$1, fin"],
    [/^(Fullscreen|Search|Download as CSV|Show\/hide columns): (.*)$/, (_, mot, nom) => `${WORDS[mot]} : ${nom}`],
  ];

  const ATTRIBUTES = ["aria-label", "title", "placeholder", "data-title"];
  const WITH_ATTRIBUTE = ATTRIBUTES.map((nom) => `[${nom}]`).join();
  const OURS = "[data-testid=stMarkdown],[data-testid=stText],[data-testid=stTable],[data-testid=stHtml]," +
    "[data-testid^=stIcon],[data-testid^=stExpanderIcon]";

  function translate(text) {
    if (Object.hasOwn(WORDS, text)) return WORDS[text];
    const found = PATTERNS.find(([form]) => form.test(text));
    return found && text.replace(...found);
  }

  function visitText(node) {
    const text = node.nodeValue.trim();
    if (!text || node.parentElement?.closest(OURS)) return;
    const french = translate(text);
    if (french) node.nodeValue = node.nodeValue.replace(text, () => french);
  }

  // An icon inside our text repeats the word that follows it: to a screen reader it would only be a name in English.
  const isIcon = (element) => element.matches("[role=img][aria-label$=' icon']");

  function visitAttributes(element) {
    if (isIcon(element)) {
      element.removeAttribute("role");
      element.removeAttribute("aria-label");
      return element.setAttribute("aria-hidden", "true");
    }
    for (const name of ATTRIBUTES) {
      const text = element.getAttribute(name);
      const french = text && translate(text);
      if (french) element.setAttribute(name, french);
    }
  }

  function visit(node) {
    if (node.nodeType === Node.TEXT_NODE) return visitText(node);
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) visitText(walker.currentNode);
    visitAttributes(node);
    node.querySelectorAll(WITH_ATTRIBUTE).forEach(visitAttributes);
  }

  function visitChange(change) {
    if (change.type === "characterData") visitText(change.target);
    else if (change.type === "attributes") visitAttributes(change.target);
    else change.addedNodes.forEach(visit);
  }

  new MutationObserver((changes) => changes.forEach(visitChange)).observe(document.documentElement, {
    subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ATTRIBUTES,
  });
  visit(document.documentElement);
})();
