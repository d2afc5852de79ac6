"""All keys of the plugin: one table, bound from it and shown from it. No Qt.

Letters that napari 0.9 gives to its own label tools (1 to 7, B, C, E, F, L, M, P, V, X, Z)
stay napari's. A key means the same whatever layer is active, as far as napari lets it: the
active layer's own keys win over the viewer's, so undo is bound to the lesion layer too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from napari_liverseg import looking

if TYPE_CHECKING:
    from napari_liverseg.bench import Bench

Act = Callable[["Bench"], None]
#: (key in napari's words, what it does, how). Without an act it is napari's own, listed only.
Key = tuple[str, str, Act | None]

UNDO_KEYS: tuple[Key, ...] = (
    (
        "Control-Z",
        "Undo the last step, also one of another exam or an earlier day",
        lambda b: b.undoing.undo(),
    ),
    ("Control-Shift-Z", "Redo", lambda b: b.undoing.redo()),
    ("Control-Y", "Redo", lambda b: b.undoing.redo()),
)
DRAW_KEYS: tuple[Key, ...] = (
    ("N", "New lesion: click into it", lambda b: b.tools.take("click")),
    ("R", "New lesion: drag its diameter (RECIST line)", lambda b: b.tools.take("line")),
    ("S", "New lesion: scribble inside it", lambda b: b.tools.take("scribble")),
    ("A", "Add: scribble over what was left out", lambda b: b.tools.take("add")),
    ("D", "Take off: scribble over what is too much", lambda b: b.tools.take("remove")),
    (
        "Q",
        "Caliper: drag a length (also: drag the end of an axis)",
        lambda b: b.tools.take("caliper"),
    ),
    ("Shift-Q", "Take the lesion's calipers away", lambda b: b.axes.clear()),
    ("T", "Show or hide the axes", lambda b: b.axes.toggle()),
    ("Escape", "Put the tool away", lambda b: b.tools.take("")),
)
SHAPE_KEYS: tuple[Key, ...] = (
    ("Shift-G", "Grow the lesion by a step", lambda b: b.tools.reshape("grow")),
    ("Shift-S", "Shrink it by a step", lambda b: b.tools.reshape("shrink")),
    ("Shift-H", "Fill its holes", lambda b: b.tools.reshape("fill holes")),
    (
        "Shift-R",
        "Round it: smooth the border, keep the volume",
        lambda b: b.tools.reshape("smooth"),
    ),
    ("Shift-K", "Keep its largest piece", lambda b: b.tools.reshape("largest piece")),
    ("Shift-I", "Draw the slices between drawn ones", lambda b: b.tools.reshape("interpolate")),
)
#: In the phase under the mouse, or the one shown alone; never in the reference.
MOVE_KEYS: tuple[Key, ...] = (
    ("Alt-Left", "Move it by a pixel: left", lambda b: b.tools.moving.nudge(0, 0, -1)),
    ("Alt-Right", "right", lambda b: b.tools.moving.nudge(0, 0, 1)),
    ("Alt-Up", "up", lambda b: b.tools.moving.nudge(0, -1, 0)),
    ("Alt-Down", "down", lambda b: b.tools.moving.nudge(0, 1, 0)),
    ("Alt-PageUp", "By a slice: towards the head", lambda b: b.tools.moving.nudge(1, 0, 0)),
    ("Alt-PageDown", "towards the feet", lambda b: b.tools.moving.nudge(-1, 0, 0)),
    ("Alt and drag", "Move it by the mouse", None),
)
#: Bound by `Looking`, which lets go of them; listed here.
LOOK_KEYS: tuple[Key, ...] = tuple(
    (key, f"{words[0].upper()}{words[1:]}", None) for key, words, _ in looking.KEYS
)
#: napari's own, good to know while drawing.
NAPARI_KEYS: tuple[Key, ...] = (
    ("2", "Brush", None),
    ("1", "Eraser", None),
    ("3", "Polygon", None),
    ("6", "Move the picture", None),
    ("[  ]", "Smaller, larger brush", None),
    ("B", "Whether the brush spares other lesions", None),
    ("Space", "Hold: move the picture meanwhile", None),
)
#: Shows the sheet; bound by the dock, which has it.
HELP_KEY = "F1"
HELP_KEYS: tuple[Key, ...] = ((HELP_KEY, "This sheet", None),)
#: Groups of the help sheet, in order. Other matters add theirs.
GROUPS: dict[str, tuple[Key, ...]] = {
    "Undo": UNDO_KEYS,
    "Draw and correct": DRAW_KEYS,
    "Change the whole lesion": SHAPE_KEYS,
    "Where a lesion lies in one phase": MOVE_KEYS,
    "Look": LOOK_KEYS,
    "napari's label tools": NAPARI_KEYS,
    "Help": HELP_KEYS,
}
#: These must work while the lesion layer is active, which has keys of these names itself.
ON_LESIONS = frozenset(key for key, _, _ in UNDO_KEYS)


def all_keys() -> Iterable[tuple[str, Act]]:
    """Every key that is ours, with its act."""
    for keys in GROUPS.values():
        for key, _, act in keys:
            if act is not None:
                yield key, act


def bind(bench: Bench) -> None:
    """Bind all keys to the bench's viewer, and those that need it to each lesion layer."""
    for key, act in all_keys():
        bench.viewer.bind_key(key, _bound(bench, act), overwrite=True)
    bench.shown.connect(lambda: bind_layer(bench, bench.stage.lesions))


def unbind(viewer: Any) -> None:
    """Give the keys back to napari."""
    for key, _ in all_keys():
        viewer.bind_key(key, None, overwrite=True)


def words_of(key: str) -> str:
    """What a key does."""
    found = (words for group in GROUPS.values() for name, words, _ in group if name == key)
    return next(found, "")


def spoken(key: str) -> str:
    """A key as people write it: "Control-Shift-Z" -> "Ctrl+Shift+Z"."""
    return key.replace("Control", "Ctrl").replace("Escape", "Esc").replace("-", "+")


def bind_layer(bench: Bench, layer: Any) -> None:
    """Bind the keys that a layer of labels has itself, so that they are ours on it too."""
    for key, act in all_keys():
        if key in ON_LESIONS:
            layer.bind_key(key, _bound(bench, act), overwrite=True)


def _bound(bench: Bench, act: Act) -> Callable[[Any], None]:
    return lambda _: act(bench)
