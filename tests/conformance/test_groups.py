"""Groups: at least once, each partition with one reader at a time, members come and go, also by kill -9."""

import threading
from collections import Counter
from pathlib import Path

from services.chassis.bus import Bus, Message
from tests.conformance.helpers import SESSION_SECONDS, eventually, send, start, take, texts


def test_groups_are_independent(bus: Bus, topic: str, group: str) -> None:
    send(bus, topic, ["1", "2", "3"], key="key")
    for name in ("a", "b"):
        subscription = bus.subscribe(f"{group}-{name}", [topic])
        assert texts(take(subscription, 3)) == ["1", "2", "3"]
        subscription.close()
    assert dict(bus.lag(f"{group}-a")) == {topic: 0}


def test_a_new_group_starts_at_the_beginning_and_goes_on_with_what_is_new(bus: Bus, topic: str, group: str) -> None:
    send(bus, topic, ["before"], key="key")
    subscription = bus.subscribe(group, [topic])
    assert texts(take(subscription, 1)) == ["before"]
    send(bus, topic, ["after"], key="key")
    assert texts(take(subscription, 1)) == ["after"]
    assert list(subscription.poll(0)) == []


def test_what_was_not_acknowledged_comes_again(bus: Bus, other_bus: Bus, topic: str, group: str) -> None:
    send(bus, topic, ["1", "2", "3", "4"], key="key")
    first = bus.subscribe(group, [topic])
    messages = take(first, 4, commit=False)
    first.commit(messages[1])
    first.close()
    first.close()
    assert texts(take(other_bus.subscribe(group, [topic]), 2)) == ["3", "4"]


def test_a_message_is_given_to_a_member_once(bus: Bus, topic: str, group: str) -> None:
    send(bus, topic, ["1"])
    subscription = bus.subscribe(group, [topic])
    take(subscription, 1, commit=False)
    assert list(subscription.poll(0.2)) == []


def test_a_closed_member_acknowledges_nothing(bus: Bus, topic: str, group: str) -> None:
    send(bus, topic, ["1"])
    first = bus.subscribe(group, [topic])
    (message,) = take(first, 1, commit=False)
    first.close()
    first.commit(message)
    assert texts(take(bus.subscribe(group, [topic]), 1)) == ["1"]


def test_a_waiting_reader_is_woken(bus: Bus, topic: str, group: str) -> None:
    subscription = bus.subscribe(group, [topic])
    assert list(subscription.poll(0)) == []
    heard: list[Message] = []
    reader = threading.Thread(target=lambda: heard.extend(subscription.poll(30)))
    reader.start()
    send(bus, topic, ["news"])
    reader.join(30)
    assert texts(heard) == ["news"]


def test_members_share_the_partitions(bus: Bus, other_bus: Bus, topic: str, group: str) -> None:
    members = [bus.subscribe(group, [topic]), other_bus.subscribe(group, [topic])]
    readers: dict[int, set[int]] = {0: set(), 1: set()}

    def both_have_some() -> bool:
        send(bus, topic, [f"key-{number}" for number in range(20)])
        for number, member in enumerate(members):
            for message in member.poll(0.05):
                readers[number].add(message.partition)
                member.commit(message)
        return all(readers.values())

    eventually(both_have_some, "both members have partitions")


def test_a_member_that_takes_its_time_keeps_what_it_has(
    bus: Bus, other_bus: Bus, topic: str, group: str
) -> None:  # fmt: skip
    send(bus, topic, ["1"])
    slow = bus.subscribe(group, [topic])
    (message,) = take(slow, 1, commit=False)
    heir = other_bus.subscribe(group, [topic])
    assert list(heir.poll(2 * SESSION_SECONDS)) == []
    slow.commit(message)
    send(bus, topic, [f"more {number}" for number in range(30)])
    heard = []

    def all_are_there() -> bool:
        for member in (slow, heir):
            for more in member.poll(0.05):
                heard.append(more)
                member.commit(more)
        return len(heard) >= 30

    eventually(all_are_there, "both read on")
    assert "1" not in texts(heard)


class Watch:
    """Notes who holds which partition's messages, and what has been handled."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.holders: dict[int, str] = {}
        self.violations: list[str] = []
        self.handled: Counter[str] = Counter()

    def read(self, bus: Bus, topic: str, group: str, name: str, most: int | None = None) -> None:
        """Be a member until everything is handled, or until `most` messages are; then leave."""
        subscription = bus.subscribe(group, [topic])
        count = 0
        while (most is None or count < most) and "end" not in self.handled:
            messages = subscription.poll(0.1)
            partitions = {message.partition for message in messages}
            with self.lock:
                for partition in partitions:
                    if other := self.holders.get(partition):
                        self.violations.append(f"{partition}: {other} and {name}")
                    self.holders[partition] = name
            for message in messages:
                subscription.commit(message)
                count += 1
            with self.lock:
                self.handled.update(texts(messages))
                for partition in partitions:
                    del self.holders[partition]
        subscription.close()


def test_threads_come_and_go_without_loss_or_double_ownership(
    bus: Bus, other_bus: Bus, topic: str, group: str
) -> None:  # fmt: skip
    watch = Watch()
    wanted: list[str] = []
    threads = []
    for number, most in enumerate([20, 40, None, 60, None]):
        thread = threading.Thread(
            target=watch.read, args=((bus, other_bus)[number % 2], topic, group, f"member {number}", most)
        )
        thread.start()
        threads.append(thread)
        for _ in range(10):
            sent = [f"{len(wanted) + extra:05}" for extra in range(12)]
            wanted += sent
            send(bus, topic, sent)
    eventually(lambda: set(watch.handled) >= set(wanted), "all messages are handled")
    watch.handled["end"] += 1
    for thread in threads:
        thread.join(30)
    assert watch.violations == []
    assert dict(bus.lag(group)) == {topic: 0}


def test_processes_come_and_go_even_by_kill_9(
    bus_url: str, bus: Bus, topic: str, group: str, tmp_path: Path
) -> None:  # fmt: skip
    def notes(name: str) -> list[str]:
        path = tmp_path / f"{name}.txt"
        return path.read_text().splitlines() if path.exists() else []

    def feed(until: str) -> None:
        """Publish on until the member `until` has its part."""

        def has_some() -> bool:
            sent = [f"{len(wanted) + number:05}" for number in range(20)]
            wanted.extend(sent)
            send(bus, topic, sent)
            return bool(notes(until))

        eventually(has_some, f"{until} has handled something")

    wanted: list[str] = []
    members = {name: start("tests.conformance.member", bus_url, topic, group, str(tmp_path), name) for name in "ab"}
    feed("a")
    feed("b")
    members["a"].kill()
    members["c"] = start("tests.conformance.member", bus_url, topic, group, str(tmp_path), "c")
    feed("c")
    members["b"].communicate()  # closes its input: it leaves as it should
    feed("c")
    eventually(lambda: dict(bus.lag(group)) == {topic: 0}, "everything is acknowledged")
    members["c"].communicate()
    members["a"].communicate()
    assert {name: process.returncode for name, process in members.items()} == {"a": -9, "b": 0, "c": 0}
    assert set(notes("a") + notes("b") + notes("c")) == set(wanted)
    assert not (tmp_path / "violations.txt").exists()
