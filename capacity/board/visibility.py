"""Who sees what of a territory: a view for each kind of viewer, and what it makes of a site. Law 10."""

from dataclasses import dataclass
from enum import Enum

from capacity.board.access import RULES, Action, Permission, Scope
from capacity.vocabulary.words import Visibility


class Sight(Enum):
    """What a viewer has of a pool."""

    PLAIN = "plain"
    MASKED = "masked"
    """Its numbers, under an id that tells nothing."""
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class View:
    """What a kind of viewer sees. Viewers of equal views are told the same, byte for byte.

    `own` are the sites that they are of, which they see as they are.
    """

    reach: Scope
    own: frozenset[str] = frozenset()
    sees_protected: bool = False

    @property
    def is_whole(self) -> bool:
        """Everything is seen as it is."""
        return self.reach is Scope.TERRITORY and self.sees_protected

    @property
    def is_for_everybody(self) -> bool:
        """It is the public's, where the territory lets the public read."""
        return self.reach is Scope.PUBLIC_SITES

    def sight(self, site_id: str, visibility: Visibility) -> Sight:
        """What it has of the pools of a site."""
        if site_id in self.own or self.is_whole:
            return Sight.PLAIN
        if self.is_for_everybody:
            return Sight.PLAIN if visibility is Visibility.PUBLIC else Sight.HIDDEN
        if self.reach is not Scope.TERRITORY:
            return Sight.HIDDEN
        return Sight.MASKED if visibility is Visibility.PROTECTED else Sight.PLAIN


WHOLE = View(Scope.TERRITORY, sees_protected=True)


def view_of(permission: Permission) -> View:
    """The view of whoever was let do something, as far as that reaches."""
    protected = RULES[Action.READ_PROTECTED].get(permission.grant.role)
    is_of_sites = Scope.SITES in (protected, permission.scope)
    own = permission.grant.sites if is_of_sites else frozenset()
    return View(permission.scope, own, protected is Scope.TERRITORY)
