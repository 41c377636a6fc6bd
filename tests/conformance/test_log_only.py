"""What only the embedded log has to show: one file, its leases, its ways to fail."""

import sqlite3
import time
from pathlib import Path

import pytest

from services.chassis.bus import Outgoing
from services.chassis.bus_log import LogBus
from services.chassis.errors import BusUnavailable, CamiError
from tests.conformance.helpers import eventually, open_at, send, start, take, texts


@pytest.mark.parametrize("url", ["", "log", "log:", "carrier-pigeon:loft"])
def test_a_url_of_no_known_kind_is_refused(url: str) -> None:
    with pytest.raises(CamiError, match="log:PATH"):
        open_at(url)


def test_folders_are_made(tmp_path: Path) -> None:
    open_at(f"log:{tmp_path / 'a' / 'b' / 'events.sqlite3'}").close()
    assert (tmp_path / "a" / "b" / "events.sqlite3").exists()


def test_a_path_that_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BusUnavailable, match="cannot be opened"):
        open_at(f"log:{tmp_path / 'file' / 'events.sqlite3'}")


def test_a_file_that_is_no_log(tmp_path: Path) -> None:
    (tmp_path / "events.sqlite3").write_text("a letter to somebody " * 100)
    with pytest.raises(BusUnavailable, match="cannot be opened"):
        open_at(f"log:{tmp_path / 'events.sqlite3'}")


def test_a_log_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "events.sqlite3"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(CamiError, match="version 99"):
        open_at(f"log:{path}")


def test_a_log_of_the_first_version_keeps_the_progress_of_its_groups(tmp_path: Path) -> None:
    """There a service was one group over all its topics; now it is one for each, and none begins anew."""
    path = tmp_path / "events.sqlite3"
    bus = open_at(f"log:{path}")
    for topic in ("cami.donors", "cami.projects"):
        bus.publish([Outgoing(topic, f"{number}", {}, b"") for number in range(40)])
    subscription = bus.subscribe("matching", ["cami.donors", "cami.projects"])
    read = take(subscription, 80, commit=False)
    for message in read:
        if message.topic == "cami.donors":
            subscription.commit(message)
    subscription.close()
    bus.close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version=1")
    connection.close()

    later = open_at(f"log:{path}")
    assert dict(later.lag("matching")) == {}
    assert dict(later.lag("matching.donors")) == {"cami.donors": 0}
    assert dict(later.lag("matching.projects")) == {"cami.projects": 40}
    later.close()


def test_processes_may_make_the_file_at_the_same_time(tmp_path: Path) -> None:
    url = f"log:{tmp_path / 'events.sqlite3'}"
    processes = [start("tests.conformance.publisher", url, "topic", f"{number}") for number in range(4)]
    assert [process.communicate()[0] for process in processes] == ["published\n"] * 4
    bus = open_at(url)
    assert sorted(texts(bus.read("topic"))) == ["0", "1", "2", "3"]
    assert len(bus.end_offsets("topic")) == 4
    bus.close()


def test_a_full_disk_refuses_the_whole_batch_and_harms_nothing(tmp_path: Path) -> None:
    url = f"log:{tmp_path / 'events.sqlite3'}"
    with start("tests.conformance.full_disk", url, "topic") as process:
        assert process.communicate()[0] == "refused\npublished\n"
        assert process.returncode == 0
    bus = open_at(url)
    assert texts(bus.read("topic")) == ["before", "after"]
    bus.close()


def test_a_topic_keeps_its_number_of_partitions(tmp_path: Path) -> None:
    path = tmp_path / "events.sqlite3"
    for partitions in (2, 8):
        bus = LogBus(path, partitions=partitions)
        send(bus, "topic", [f"{partitions}"])
        assert set(bus.end_offsets("topic")) == {0, 1}
        bus.close()


def move_members_elsewhere(path: Path, *, expires_in: float) -> None:
    """Make all members look like those of another machine, whose leases are not renewed from here."""
    connection = sqlite3.connect(path)
    connection.execute("UPDATE member SET machine = 'elsewhere', expires = ?", (time.time() + expires_in,))
    connection.commit()
    connection.close()


def test_a_member_on_another_machine_keeps_its_partitions_until_its_lease_expires(tmp_path: Path) -> None:
    path = tmp_path / "events.sqlite3"
    bus = LogBus(path, poll_seconds=0.02)
    send(bus, "topic", ["1"])
    silent = bus.subscribe("group", ["topic"])
    take(silent, 1, commit=False)
    move_members_elsewhere(path, expires_in=3600)
    heir = bus.subscribe("group", ["topic"])
    assert list(heir.poll(0.1)) == []
    move_members_elsewhere(path, expires_in=-1)
    assert texts(take(heir, 1)) == ["1"]
    bus.close()


def test_a_member_that_was_taken_for_dead_joins_again(tmp_path: Path) -> None:
    path = tmp_path / "events.sqlite3"
    bus = LogBus(path, poll_seconds=0.02)
    send(bus, "topic", ["1", "2"], key="key")
    slow = bus.subscribe("group", ["topic"])
    first, second = take(slow, 2, commit=False)
    slow.commit(first)
    move_members_elsewhere(path, expires_in=-1)
    heir = bus.subscribe("group", ["topic"])
    assert texts(take(heir, 1, commit=False)) == ["2"]  # it owns everything now
    slow.commit(second)
    assert dict(bus.lag("group")) == {"topic": 1}
    heir.close()
    assert texts(take(slow, 1)) == ["2"]
    assert dict(bus.lag("group")) == {"topic": 0}
    bus.close()


def test_leases_are_renewed_while_a_handler_takes_its_time(tmp_path: Path) -> None:
    path = tmp_path / "events.sqlite3"
    bus = LogBus(path, poll_seconds=0.02, lease_seconds=0.3)
    send(bus, "topic", ["1"])
    busy = bus.subscribe("group", ["topic"])
    take(busy, 1, commit=False)
    connection = sqlite3.connect(path)

    def expires() -> float:
        (moment,) = connection.execute("SELECT expires FROM member").fetchone()
        assert isinstance(moment, float)
        return moment

    at_first = expires()
    eventually(lambda: expires() > at_first + 0.3, "the lease is renewed beyond its first term")
    connection.close()
    bus.close()
