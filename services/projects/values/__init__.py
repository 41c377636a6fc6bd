"""Values that rules, commands and handlers of this service share: frozen, pure, without a way to be wrong about I/O."""


def N_(message: str) -> str:
    """Mark `message` as a msgid that is translated where it is shown. Answers it unchanged.

    The chassis has the same mark; rules may not import the chassis, and a mark needs no more than this.
    """
    return message
