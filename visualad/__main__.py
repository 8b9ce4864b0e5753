"""`python -m visualad` is `visualad`."""

import sys

from visualad.cli import main

if __name__ == "__main__":
    sys.exit(main())
