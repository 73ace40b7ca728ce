"""Parts of a `Deck` to JSON text and back: the rows that a frozen séance is made of.

The text is canonical (keys sorted, shortest exact floats), so that its checksum says whether it moved.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from indicators.model import Statut, StatutAction

if TYPE_CHECKING:
    from cattrs.preconf.json import JsonConverter

T = TypeVar("T")


@cache
def _converter() -> JsonConverter:
    from cattrs.preconf.json import make_converter  # here: most commands read no séance, and loading it takes longer than they do

    c = make_converter()
    statuts = {s.value: s for s in (*StatutAction, *Statut)}  # two vocabularies, no common word but by accident
    c.register_structure_hook(Statut | StatutAction, lambda v, _: statuts[v])
    c.register_unstructure_hook(datetime, lambda v: v.isoformat())
    c.register_structure_hook(datetime, lambda v, _: datetime.fromisoformat(v))
    c.register_unstructure_hook(date, lambda v: v.isoformat())
    c.register_structure_hook(date, lambda v, _: date.fromisoformat(v))
    return c


def write_part(part: Any) -> str:
    """One dataclass of the deck as canonical JSON."""
    return _converter().dumps(part, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def read_donnees(donnees: object, classe: type[T]) -> T:
    """The same dataclass from what `json.loads` gave, ValueError when it is not one.

    A field that is missing takes its default, one that is unknown is passed over.
    """
    from cattrs import BaseValidationError, transform_error

    try:
        return _converter().structure(donnees, classe)
    except BaseValidationError as erreur:
        raise ValueError(f"{classe.__name__} : {'; '.join(transform_error(erreur))}") from None
