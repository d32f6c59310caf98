"""What is kept, why, and for how long: one table, which the daily clean-up obeys and `/donnees` shows.

The texts are for the people of whom something is kept, so they are French, like the screens. Source: law 9; the CNIL's
recommendation of 14 October 2021 on logs (six months to a year).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Data(StrEnum):
    """A kind of what is kept."""

    CREDENTIALS = "credentials"
    LINKS = "links"
    ACCOUNTS = "accounts"
    """Of people who have no credential any more: so those go first."""
    AUDIT = "audit"
    HOUSEHOLD_KEYS = "household_keys"
    REQUESTS = "requests"
    HOLDS = "holds"
    LEDGER = "ledger"
    SITES = "sites"
    DEVICE = "device"
    LOGS = "logs"


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind of data, in words for whoever it may concern.

    `days` is how long after its end the clean-up takes it away; None where something else ends it, or nothing has to.
    `{term}` in `until` is that number of days in words.
    """

    data: Data
    name: str
    what: str
    why: str
    ground: str
    seen_by: str
    until: str
    days: int | None = None

    def term(self, days: Mapping[Data, int]) -> str:
        """Until when it is kept, as it is set here."""
        kept_days = days.get(self.data, self.days)
        return self.until if kept_days is None else self.until.format(term=in_words(kept_days))


_YEAR_DAYS = 365
_PUBLIC_TASK = "mission d’intérêt public : accueillir et orienter les personnes sans abri (RGPD, article 6.1.e)"
_SECURITY = "obligation de sécurité (RGPD, articles 5.1.f et 32)"
_NOBODY = "ne permet d’identifier personne ; sert une mission d’intérêt public (RGPD, article 6.1.e)"

TABLE: tuple[Kept, ...] = (
    Kept(
        Data.CREDENTIALS,
        "Sessions, appareils et jetons d’accès",
        "L’empreinte d’un secret (jamais le secret), le nom donné à l’appareil, les dates de création, de dernière "
        "utilisation et de fin.",
        "Laisser entrer un appareil ou une personne, et pouvoir l’arrêter en deux secondes.",
        _SECURITY,
        "La personne elle-même ; pour les appareils, les administrateurs et les écoutants.",
        "tant que l’accès est ouvert, puis {term} après sa fin",
        30,
    ),
    Kept(
        Data.LINKS,
        "Liens qui ouvrent une fois",
        "L’empreinte du secret d’un lien d’invitation ou de nouveau mot de passe, ses dates de création, de fin et "
        "d’utilisation.",
        "Inviter quelqu’un, ou lui rendre l’accès, sans mot de passe par défaut.",
        _SECURITY,
        "Personne : le lien n’est montré qu’une fois, à qui l’a demandé.",
        "{term} après son utilisation ou sa fin",
        7,
    ),
    Kept(
        Data.ACCOUNTS,
        "Comptes des professionnels",
        "Adresse électronique professionnelle, rôle et structures ; mot de passe et second facteur sous une forme qui "
        "ne permet pas de retrouver le mot de passe. Ni nom, ni téléphone.",
        "Savoir qui a le droit de lire ou de modifier le tableau.",
        _PUBLIC_TASK,
        "Les administrateurs du territoire.",
        "tant que l’accès est ouvert, puis {term} après la fin du dernier accès",
        30,
    ),
    Kept(
        Data.AUDIT,
        "Journal des actes",
        "Quand, quel rôle, quel appareil, quel acte (une structure modifiée, un accès donné, une adresse protégée "
        "lue) et sur quoi, par un identifiant. Ni nom, ni adresse électronique.",
        "Savoir après coup qui a lu une adresse protégée ou modifié quelque chose.",
        _SECURITY,
        "Les administrateurs du territoire.",
        "{term}",
        365,
    ),
    Kept(
        Data.HOUSEHOLD_KEYS,
        "Ménages d’une même nuit",
        "Une clé calculée à partir d’un code donné au téléphone et d’un secret de la nuit. Le code n’est pas gardé.",
        "Compter une seule fois un ménage qui rappelle dans la nuit.",
        _PUBLIC_TASK,
        "Personne : elle ne sert qu’au calcul.",
        "le secret est détruit après la nuit ; dès lors, plus personne ne peut retrouver un ménage",
    ),
    Kept(
        Data.REQUESTS,
        "Demandes et réponses",
        "L’heure, la composition du ménage (nombre de femmes, d’hommes, d’enfants), les besoins, la réponse. Ni nom, "
        "ni nationalité, ni situation administrative, ni texte libre.",
        "Compter les demandes et celles qui restent sans solution.",
        _NOBODY,
        "Les écoutants et les administrateurs du territoire.",
        "sans limite, pour les statistiques",
    ),
    Kept(
        Data.HOLDS,
        "Places tenues",
        "Le code d’une place tenue et l’identifiant technique de l’équipe qui l’a demandée. Aucun nom.",
        "Rendre une place tenue à son équipe, même après une panne.",
        _PUBLIC_TASK,
        "L’équipe, la structure et les écoutants.",
        "tant que la place est tenue, puis {term} après sa fin",
        2,
    ),
    Kept(
        Data.LEDGER,
        "Registre des places",
        "Chaque comptage, entrée, sortie et place tenue, numérotés. Une place tenue porte un code, jamais un nom.",
        "Reconstruire le tableau et son histoire, sans trou.",
        _NOBODY,
        "Les écoutants et les administrateurs ; chaque équipe pour sa structure.",
        "sans limite",
    ),
    Kept(
        Data.SITES,
        "Structures",
        "Nom, adresse, téléphone et horaires des structures, leur nombre de places. L’adresse d’une structure "
        "protégée n’est montrée qu’à sa propre équipe et aux écoutants, puis à l’équipe qui y accompagne un ménage.",
        "Orienter vers une place.",
        _PUBLIC_TASK,
        "Selon la structure : tout le monde, les professionnels, ou les seules personnes qui doivent la connaître.",
        "tant que la structure existe ; ensuite son histoire reste, pour les statistiques",
    ),
    Kept(
        Data.DEVICE,
        "Sur votre téléphone ou votre tablette",
        "Le dernier tableau reçu et ce qui n’a pas encore pu être envoyé. Aucun traceur, aucune mesure d’audience ; un "
        "seul cookie, qui sert à rester connecté.",
        "Continuer à travailler quand le réseau manque.",
        _SECURITY,
        "Vous.",
        "jusqu’à l’envoi, ou jusqu’à ce que vous effaciez les données du site dans votre navigateur",
    ),
    Kept(
        Data.LOGS,
        "Journaux techniques",
        "Pour chaque requête : l’heure, le type d’adresse demandée, le résultat, la durée. Ni adresse IP, ni contenu, "
        "ni identité.",
        "Faire fonctionner le service et comprendre une panne.",
        _SECURITY,
        "Les personnes qui exploitent le serveur.",
        "selon le réglage du serveur ; ils ne contiennent aucune donnée personnelle",
    ),
)
"""Whatever is kept is in here; what is not here is not kept."""

FORGOTTEN: Mapping[Data, int] = {kept.data: kept.days for kept in TABLE if kept.days is not None}
"""What the daily clean-up takes away, and after how many days, unless it was set otherwise."""


def in_words(days: int) -> str:
    """A number of days as one says it in French."""
    if days == _YEAR_DAYS:
        return "12 mois"
    return "1 jour" if days == 1 else f"{days} jours"
