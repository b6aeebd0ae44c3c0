"""Lets ``python -m hydrant`` do what ``hydrant`` does."""

from hydrant.cli.main import main

if __name__ == "__main__":
    main()
