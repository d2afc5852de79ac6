"""Write napari's sample menu into the plugin's manifest, from the library's registry.

    python plugins/napari-liverseg/sample_menu.py

napari reads its menus before any code runs, so they cannot be made when it starts. A test
compares the manifest with the registry.
"""

from __future__ import annotations

from pathlib import Path

from napari_liverseg.samples import command_of, list_samples

MANIFEST = Path(__file__).parent / "src" / "napari_liverseg" / "napari.yaml"


def main() -> None:
    """Replace the commands that open samples, and the sample menu."""
    commands, entries = [], []
    for sample in list_samples():
        name, title = command_of(sample.key), sample.title.replace('"', "'")
        commands.append(
            f"    - id: napari-liverseg.{name}\n"
            f'      title: "Open sample {title}"\n'
            f"      python_name: napari_liverseg.samples:{name}\n"
        )
        entries.append(
            f"    - command: napari-liverseg.{name}\n"
            f"      key: {sample.key}\n"
            f'      display_name: "{title}"\n'
        )
    text = MANIFEST.read_text(encoding="utf-8")
    text = _between(text, "    - id: napari-liverseg.open_digital\n", "  widgets:\n", commands)
    text = _between(text, "  sample_data:\n", "  menus:\n", ["  sample_data:\n", *entries])
    MANIFEST.write_text(text, encoding="utf-8")


def _between(text: str, start: str, end: str, lines: list[str]) -> str:
    """The text with the part from `start` up to `end` replaced."""
    before, rest = text.split(start, 1)
    return before + "".join(lines) + end + rest.split(end, 1)[1]


if __name__ == "__main__":
    main()
