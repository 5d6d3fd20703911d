"""`python -m workings_build`: the same as `workings`."""

from workings_build.cli import main

if __name__ == "__main__":
    main()
