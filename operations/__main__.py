"""`python -m operations` is the command `taskflow`."""

from operations.cli import main

if __name__ == "__main__":
    main()
