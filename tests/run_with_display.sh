#!/bin/sh
# Run a command inside a virtual screen where xvfb-run is there, else as it is.
set -eu
if command -v xvfb-run >/dev/null 2>&1; then
    exec xvfb-run -a -s "-screen 0 1366x768x24" "$@"
fi
exec "$@"
