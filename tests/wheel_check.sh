#!/bin/sh
# Build both wheels, install them into a fresh environment, and look whether napari finds
# the plugin there: sh tests/wheel_check.sh PYTHON FOLDER
set -eu
python=$1
folder=$2
rm -rf "$folder"
mkdir -p "$folder/wheels"
"$python" -m venv "$folder/venv"
bin="$folder/venv/bin"
"$bin/python" -m pip install --quiet --upgrade pip build
for project in . plugins/napari-liverseg; do
    "$bin/python" -m build --quiet --wheel --outdir "$folder/wheels" "$project"
done
"$bin/python" -m pip install --quiet "$folder"/wheels/*.whl
root=$(pwd)
cd "$folder"  # so that nothing is imported from the source tree
sh "$root/tests/run_with_display.sh" venv/bin/python - <<'PYTHON'
import napari
from npe2 import PluginManager

import liverseg
import napari_liverseg
from napari_liverseg.window import open_path

manager = PluginManager.instance()
manager.discover()
manifest = manager.get_manifest("napari-liverseg")
manifest.validate_imports()
dock = open_path()
napari.current_viewer().close()
for module in (liverseg, napari_liverseg):
    assert "site-packages" in module.__file__, module.__file__
print(f"napari {napari.__version__} finds {manifest.name} {manifest.package_version}, "
      f"and {type(dock).__name__} opens")
PYTHON
