"""Cast: every figure by its name."""

from __future__ import annotations

from generators.composer.figures.beasts import BEASTS
from generators.composer.figures.bridges import BRIDGES
from generators.composer.figures.figure import Figure
from generators.composer.figures.heavens import HEAVENS
from generators.composer.figures.houses import HOUSES
from generators.composer.figures.landmarks import LANDMARKS
from generators.composer.figures.people import PEOPLE
from generators.composer.figures.plants import PLANTS
from generators.composer.figures.sanctuaries import SANCTUARIES
from generators.composer.figures.tableware import TABLEWARE
from generators.composer.figures.terrain import TERRAIN
from generators.composer.figures.things import THINGS
from generators.composer.figures.towers import TOWERS
from generators.composer.figures.vehicles import VEHICLES
from generators.composer.figures.walls import WALLS
from generators.composer.figures.wings import WINGS

_GROUPS = (
    *(HOUSES, SANCTUARIES, LANDMARKS, BRIDGES, TOWERS, WALLS, PLANTS, TERRAIN, VEHICLES, BEASTS, WINGS, PEOPLE, THINGS),
    *(TABLEWARE, HEAVENS),
)
FIGURES: dict[str, Figure] = {figure.name: figure for group in _GROUPS for figure in group}
