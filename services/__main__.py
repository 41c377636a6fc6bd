"""The command line: `cami`. Loads what the command needs, and turns our own errors into clear lines."""

import sys

import typer

ALONE = "match"
"""The commands that need no service: they keep time limits of a few seconds, and loading the services takes one."""


def main() -> None:
    """Entry point of the `cami` command: our own errors and wrong settings become clear lines and exit status 1."""
    if sys.argv[1:2] == [ALONE]:
        from services.matching.cli import app as match

        match(args=sys.argv[2:], prog_name=f"cami {ALONE}")
        return
    from pydantic import ValidationError

    from services.chassis.errors import CamiError
    from services.chassis.settings import Settings
    from services.cli import app

    try:
        app()
    except CamiError as error:
        _complain(str(error))
        raise SystemExit(1) from error
    except ValidationError as error:
        if error.title != Settings.__name__:
            raise
        for wrong in error.errors():
            _complain(f"CAMI_{str(wrong['loc'][0]).upper()}={wrong['input']}: {wrong['msg']}; see docs/settings.md")
        raise SystemExit(1) from error


def _complain(text: str) -> None:
    typer.secho(f"cami: {text}", fg="red", err=True)


if __name__ == "__main__":
    main()
