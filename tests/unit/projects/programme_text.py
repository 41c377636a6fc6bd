"""A Programme of Work of our own making, in the layout of the real one: what a next resolution could look like."""

import os
import textwrap
from pathlib import Path

import pytest

HEADER = ["", "UNEP/CMS/Résolution 11.24 (Rev.COP15)/Annexe ", "", " "]

PREFACE = """INITIATIVE POUR LES MAMMIFÈRES D’ASIE CENTRALE

Adoptée par la Conférence des Parties lors de sa 15e réunion (Campo Grande, mars 2026)

1. Adopte le Programme de travail 2026-2031 pour l’Initiative, qui remplace celui de la période
précédente (2021-2026) ;
2. Prie les Parties de le mettre en œuvre.

Annexe à la Résolution 11.24 (Rev. COP15)

PROGRAMME DE TRAVAIL

POUR L’INITIATIVE SUR LES MAMMIFÈRES D’ASIE CENTRALE (2026-2031)

Introduction

1. Les steppes et les montagnes abritent de grands mammifères migrateurs.

 Espèces (nom commun) Espèces (nom scientifique)1 Annexe de la CMS
1 Argali Ovis ammon Annexe II
2 Guépard asiatique Acinonyx jubatus Annexe I
3 Âne sauvage d’Asie Equus hemionus Annexe II
4 Cerf de Boukhara Cervus elaphus yarkandensis Annexe I et II
5 Ours de Gobi Ursus arctos isabellinus Annexe I
6 Gazelle à goitre Gazella subgutturosa Annexe II
7 Âne sauvage du Tibet Equus kiang Annexe II
8 Gazelle de Mongolie Procapra gutturosa Annexe II
9 Panthère de Perse Panthera pardus saxicolor Annexe II
10 Cheval de Przewalski Equus ferus przewalskii Annexe I
11 Antilope de Saïga Saiga spp. Annexe II
12 Panthère des neiges Panthera uncia Annexe I
13 Urial Ovis vignei Annexe II
14 Chameau sauvage Camelus bactrianus Annexe I
15 Yack sauvage Bos grunniens Annexe I
16 Chat de Pallas Otocolobus manul Annexe II
17 Lynx d’Eurasie Lynx lynx Annexe II


1 Les noms scientifiques suivent une liste de référence, dont les changements récents ne sont
pas tous repris.
 Espèces partageant la même aire de répartition non répertoriées à la CMS
18 Renard corsac Vulpes corsac Non répertorié

Ces espèces sont présentes dans les 15 États de l’aire de
répartition suivants2 :

AFGHANISTAN, Bhoutan, Chine, INDE, République islamique d’IRAN, KAZAKHSTAN,
KIRGHIZSTAN, MONGOLIE, Népal, PAKISTAN, Fédération de Russie, TADJIKISTAN,
Turkménistan, GÉORGIE et OUZBÉKISTAN.


2 Parties à la CMS en majuscules.
 Programme de travail 2026-2031

Vision
Des populations viables.
"""

BODY = """Partie I Mesures transversales

1. Coopération Responsable Priorité

1.1 Mettre en commun les enseignements tirés de chaque paysage, en particulier :
a) tenir un registre commun ;
b) le publier (voir également les points 2.1 et
2.2) ; et
c) le relire.

CMS, Alliance pour le manul
(PICA), agences
gouvernementales

Haute (a, b) / Basse (c)

1.2. Publier un guide. PICA, ONG nationales, locales
et internationales

Élevée

1.3 Encourager les échanges entre gardes, conformément à la mesure 4.2 du Plan d’action pour l’argali et à la
section 3. Fondation Lynx, agences
gouvernementales

Moyenne/
Basse

1.3 Tenir un atelier tous les deux ans, y compris :
i. un ordre du jour ;
ii. un compte rendu.

Autorités coutumières et CMS
haute

2. Financement durable et mécanismes de compensation dans les pays de l’aire de
répartition Responsable Priorité

2.1 Créer un fonds. CMS Haute
2.2 Suivre les dépenses (voir 1.1 à 1.3).

Fondation Lynx, Agence
régionale de suivi (à confirmer) Moyenne
@PAGE@
2.4 Établir un bilan dont la portée dépasse la seule région et qui précise les points suivants, à savoir :

a) les recettes ;
b) les dépenses ;

Fondation Lynx, ONG,
agences

Haute/Moyen
ne
@PAGE@c) les écarts.

gouvernementales

Partie III Mesures spécifiques aux espèces

3. Chat de Pallas (Otocolobus manul3) Responsable Priorité

3.1 Recenser les tanières. Institutions
scientifiques

Basse


3 Felis manul selon d’anciens auteurs.
@PAGE@4. Lynx boréal (Lynx linx) Responsable Priorité

4.1 Compter les lynx.

ONG

Haute

5. Hyène rayée (Hyaena hyaena) Responsable Priorité

5.1 Étudier la répartition de l’espèce.

Institutions scientifiques

Moyenne

Partie III Mesures au niveau du paysage

6. Altaï-Saïan
Pays : Mongolie, Russie et Kazakhstan
Espèces : argali, chat de Pallas, renard corsac,
panthère des neiges

Responsable Priorité

6.1 Préserver les corridors (voir aussi 9.9).

Administrations des zones
protégées

Haute
"""


def next_programme(page: str = "\f") -> str:
    """The text, whose pages start with `page`: a form feed, or the space that a converter leaves of it."""
    numbers = iter(range(12, 99))
    body = BODY
    while "@PAGE@" in body:
        body = body.replace("@PAGE@", "\n".join([*HEADER, "", str(next(numbers)), "", page]), 1)
    return PREFACE + body.replace("\n\n\n\f\n", "\n\n\n\f")


def small_programme(rows: str, section: str = "1. Coopération Responsable Priorité") -> str:
    """A programme of one section whose rows are `rows`, dedented."""
    return f"{PREFACE}Partie I Mesures transversales\n\n{section}\n\n{textwrap.dedent(rows)}"


def source_path() -> Path:
    """The real resolution's text. Skips the test where it is not at hand."""
    named = os.environ.get("CAMI_PROGRAMME_SOURCE")
    beside = Path(__file__).parents[3].parent / "shared" / "seeds" / "resolution-11.24-rev-cop13-fr.txt"
    path = Path(named) if named else beside
    if not path.is_file():
        pytest.skip("the resolution's text is not at hand: set CAMI_PROGRAMME_SOURCE to its path")
    return path
