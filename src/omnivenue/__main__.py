"""`python -m omnivenue` is `omnivenue`."""

from omnivenue.cli import main

if __name__ == "__main__":
    main()
