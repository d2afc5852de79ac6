"""``python -m liverseg``."""

from liverseg.cli import main

if __name__ == "__main__":
    main()
