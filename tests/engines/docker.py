"""Whether this machine can start containers."""

from functools import cache


@cache
def docker_answers() -> bool:
    """Whether a Docker engine answers. Asked once: to look for one that is not there takes a moment."""
    import docker  # slow to import, and most runs do without it

    try:
        client = docker.from_env(timeout=5)
    except Exception:  # whatever it says, there is no engine to be had
        return False
    try:
        return bool(client.ping())
    except Exception:
        return False
    finally:
        client.close()
