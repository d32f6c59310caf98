"""The closed lists of the domain: each word stands on the wire exactly as written here. Source: domain.md."""

from enum import StrEnum


class Unit(StrEnum):
    """What is counted. Rooms and persons are never added up together."""

    PLACE = "place"
    BED = "bed"
    ARMCHAIR = "armchair"
    ROOM = "room"
    LOCKER = "locker"
    MEAL = "meal"
    SHOWER = "shower"


class Audience(StrEnum):
    """For whom the places are."""

    WOMEN = "women"
    FAMILIES = "families"
    MEN = "men"
    COUPLES = "couples"
    MIXED = "mixed"
    MINORS = "minors"


class Trait(StrEnum):
    """What a pool can also take."""

    WHEELCHAIR = "wheelchair"
    PETS = "pets"
    BABIES = "babies"


class Kind(StrEnum):
    """What a site is."""

    SHELTER = "shelter"
    NIGHT_HALTE = "night_halte"
    WOMEN_HALTE = "women_halte"
    FAMILY_HALTE = "family_halte"
    DAY_CENTRE = "day_centre"
    ESI = "esi"
    SOCIAL_HOTEL = "social_hotel"
    COLD_PLAN = "cold_plan"
    BATHHOUSE = "bathhouse"
    LUGGAGE = "luggage"
    RESTAURANT = "restaurant"
    FOOD_DISTRIBUTION = "food_distribution"


class Visibility(StrEnum):
    """Who may know the site. Law 10."""

    PUBLIC = "public"
    PROFESSIONAL = "professional"
    PROTECTED = "protected"


class Status(StrEnum):
    """Whether a pool takes arrivals."""

    OPEN = "open"
    DRAINING = "draining"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class OutOfServiceReason(StrEnum):
    """Why places cannot be given tonight."""

    WORKS = "works"
    PESTS = "pests"
    OUTBREAK = "outbreak"
    STAFFING = "staffing"
    CLEANING = "cleaning"
    OTHER = "other"


class Outcome(StrEnum):
    """What became of one report. Law 4."""

    APPLIED = "applied"
    LATE = "late"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"


class Freshness(StrEnum):
    """How old what we know of a pool is. Law 7."""

    UNKNOWN = "unknown"
    FRESH = "fresh"
    AGEING = "ageing"
    STALE = "stale"


class Channel(StrEnum):
    """Who may promise a place. A contingent keeps some places of a pool for one of them."""

    THE_115 = "115"
    MARAUDE = "maraude"
    SITE = "site"


class HoldState(StrEnum):
    """Whether a hold still keeps its places, or how it ended. Law 5."""

    ACTIVE = "active"
    ARRIVED = "arrived"
    RELEASED = "released"
    EXPIRED = "expired"


class Acceptance(StrEnum):
    """Whether a protected site takes in a household that a team has announced. Law 10."""

    PENDING = "pending"
    ACCEPTED = "accepted"


class ReleaseReason(StrEnum):
    """Why a hold's places are given back before its end."""

    CANCELLED = "cancelled"
    NO_SHOW = "no_show"
    REFUSED = "refused"
    FULL_ON_ARRIVAL = "full_on_arrival"


class Side(StrEnum):
    """Who says what became of a hold: the team in the street, or the site."""

    TEAM = "team"
    SITE = "site"


class Said(StrEnum):
    """What a side says became of a hold."""

    ARRIVED = "arrived"
    NO_SHOW = "no_show"
    REFUSED = "refused"
    FULL_ON_ARRIVAL = "full_on_arrival"


class RequestState(StrEnum):
    """Whether a household's request waits for an outcome, or which one it had."""

    OPEN = "open"
    ORIENTED = "oriented"
    UNMET = "unmet"


class UnmetReason(StrEnum):
    """Why a household's request was not met (DNP)."""

    NO_PLACE = "no_place"
    NO_FIT = "no_fit"
    TOO_FAR = "too_far"
    REFUSED = "refused"
    NO_TRANSPORT = "no_transport"
    LINE_CUT = "line_cut"
    OTHER = "other"
