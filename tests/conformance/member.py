"""A member of a group in a process of its own: `python -m tests.conformance.member URL TOPIC GROUP FOLDER NAME`.

It notes what it handles in FOLDER/NAME.txt, and while it holds messages of a partition it keeps FOLDER/holds-PARTITION.
If another living process has that file, two own the partition at once: it says so in FOLDER/violations.txt. It ends
when its standard input is closed.
"""

import os
import sys
import threading
from pathlib import Path

import psutil

from tests.conformance.helpers import open_at


def hold(path: Path, folder: Path) -> None:
    """Take the file, or report that a living process has it."""
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    except FileExistsError:
        holder = int(path.read_text() or "0")
        if holder and psutil.pid_exists(holder) and psutil.Process(holder).status() != psutil.STATUS_ZOMBIE:
            with open(folder / "violations.txt", "a") as file:
                file.write(f"{path.name}: {holder} and {os.getpid()}\n")
        path.write_text(str(os.getpid()))
    else:
        os.write(descriptor, str(os.getpid()).encode())
        os.close(descriptor)


def main(url: str, topic: str, group: str, folder: Path, name: str) -> None:
    """Handle messages until standard input ends."""
    ended = threading.Event()

    def wait_for_the_end() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    bus = open_at(url)
    subscription = bus.subscribe(group, [topic])
    with open(folder / f"{name}.txt", "a", buffering=1) as notes:
        while not ended.is_set():
            messages = subscription.poll(0.1)
            held = {folder / f"holds-{message.partition}" for message in messages}
            for path in held:
                hold(path, folder)
            for message in messages:
                notes.write(message.body.decode() + "\n")
                subscription.commit(message)
            for path in held:
                path.unlink()
    bus.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4]), sys.argv[5])
