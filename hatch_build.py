"""Builds the screens before a wheel or an editable install is made, where they are missing or old."""

import os
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parent / "tools"))
import frontend


class FrontendHook(BuildHookInterface):
    """`CAPACITY_SKIP_FRONTEND=1` leaves the screens out: `make setup` builds them itself."""

    def _is_wanted(self) -> bool:
        here = (Path(self.root) / "frontend" / "package.json").exists()
        return here and self.target_name == "wheel" and not os.environ.get("CAPACITY_SKIP_FRONTEND")

    def dependencies(self) -> list[str]:
        wanted = self._is_wanted() and not frontend.is_built(Path(self.root)) and not frontend.machine_has_node()
        return [frontend.NODE_WHEEL] if wanted else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling passes it by name
        if self._is_wanted():
            frontend.build(Path(self.root))
        if version != "editable" and not (Path(self.root) / "capacity" / "static" / ".sources").exists():
            raise FileNotFoundError("capacity/static is empty: a wheel without its screens is of no use")
