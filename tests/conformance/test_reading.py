"""Looking at the bus without a group, and moving a group."""

from datetime import UTC, datetime, timedelta

import pytest

from services.chassis.bus import Bus, Outgoing
from services.chassis.errors import Conflict, NotFound
from tests.conformance.helpers import eventually, send, take, texts

DAY = timedelta(days=1)


def test_topics_are_listed(bus: Bus, topic: str) -> None:
    send(bus, f"{topic}.b", ["1"])
    send(bus, f"{topic}.a", ["1"])
    assert [name for name in bus.topics() if name.startswith(topic)] == [f"{topic}.a", f"{topic}.b"]


def test_an_unknown_topic_is_empty(bus: Bus, topic: str) -> None:
    assert list(bus.read(topic)) == []
    assert dict(bus.end_offsets(topic)) == {}
    assert topic not in bus.topics()


def test_reading_leaves_no_trace(bus: Bus, topic: str, group: str) -> None:
    send(bus, topic, ["1", "2"])
    assert sorted(texts(bus.read(topic))) == ["1", "2"]
    assert len(take(bus.subscribe(group, [topic]), 2)) == 2


def test_end_offsets_count_what_is_there(bus: Bus, topic: str) -> None:
    send(bus, topic, [f"{number}" for number in range(30)])
    ends = bus.end_offsets(topic)
    assert sum(ends.values()) == 30
    send(bus, topic, ["more"])
    (newest,) = [message for message in bus.read(topic, from_offset=ends) if message.body == b"more"]
    assert bus.end_offsets(topic)[newest.partition] == newest.offset + 1


def test_reading_in_portions_gives_everything_once(bus: Bus, topic: str) -> None:
    wanted = [f"{number:02}" for number in range(40)]
    send(bus, topic, wanted)
    position: dict[int, int] = {}
    seen: list[str] = []
    while portion := bus.read(topic, from_offset=position, limit=7):
        assert len(portion) <= 7
        seen += texts(portion)
        position |= {message.partition: message.offset + 1 for message in portion}
    assert sorted(seen) == wanted


def test_reading_from_an_offset(bus: Bus, topic: str) -> None:
    send(bus, topic, [f"{number}" for number in range(10)], key="key")
    assert texts(bus.read(topic, from_offset=6)) == ["6", "7", "8", "9"]
    assert texts(bus.read(topic, from_offset=6, limit=2)) == ["6", "7"]
    assert list(bus.read(topic, from_offset=10)) == []


def test_reading_since_a_time(bus: Bus, topic: str) -> None:
    send(bus, topic, ["old"], key="key")
    (old,) = bus.read(topic)

    def later() -> bool:
        send(bus, topic, ["new"], key="key")
        return bus.read(topic)[-1].time > old.time

    eventually(later, "the clock goes on")
    new = bus.read(topic)[-1]
    assert texts(bus.read(topic, since=old.time))[0] == "old"
    since = bus.read(topic, since=new.time)
    assert all(message.time >= new.time for message in since)
    assert new in since


def test_what_is_restored_keeps_its_time(bus: Bus, topic: str) -> None:
    old = datetime(2024, 2, 29, 12, 0, 0, 250_000, tzinfo=UTC)
    bus.publish([Outgoing(topic, "key", {}, b"old", time=old), Outgoing(topic, "key", {}, b"older", time=old - DAY)])
    send(bus, topic, ["new"], key="key")
    assert [message.time for message in bus.read(topic)][:2] == [old, old - DAY]
    assert texts(bus.read(topic, since=old + DAY)) == ["new"]


def test_lag_counts_what_a_group_has_not_acknowledged(bus: Bus, topic: str, group: str) -> None:
    send(bus, topic, [f"{number}" for number in range(10)], key="key")
    subscription = bus.subscribe(group, [topic])
    messages = take(subscription, 10, commit=False)
    assert dict(bus.lag(group)) == {topic: 10}
    subscription.commit(messages[3])
    assert list(subscription.poll(0)) == []  # what was acknowledged is kept now
    assert dict(bus.lag(group)) == {topic: 6}
    subscription.commit(messages[-1])
    assert list(subscription.poll(0)) == []
    assert dict(bus.lag(group)) == {topic: 0}
    assert dict(bus.lag(f"{group}-unheard-of")) == {}


def test_a_commit_never_goes_back(bus: Bus, topic: str, group: str) -> None:
    send(bus, topic, [f"{number}" for number in range(5)], key="key")
    subscription = bus.subscribe(group, [topic])
    messages = take(subscription, 5, commit=False)
    subscription.commit(messages[4])
    subscription.commit(messages[1])
    assert list(subscription.poll(0)) == []
    assert dict(bus.lag(group)) == {topic: 0}


def test_seek_to_an_offset(bus: Bus, topic: str, group: str) -> None:
    send(bus, topic, [f"{number}" for number in range(6)], key="key")
    with_all = bus.subscribe(group, [topic])
    take(with_all, 6)
    with_all.close()
    bus.seek(group, topic, 4)
    again = bus.subscribe(group, [topic])
    assert texts(take(again, 2)) == ["4", "5"]
    again.close()
    bus.seek(group, topic, 0)
    assert texts(take(bus.subscribe(group, [topic]), 6)) == ["0", "1", "2", "3", "4", "5"]


def test_seek_beyond_the_end_means_only_what_is_new(bus: Bus, topic: str, group: str) -> None:
    send(bus, topic, ["old"])
    bus.seek(group, topic, 1_000_000)
    subscription = bus.subscribe(group, [topic])
    send(bus, topic, ["new"])
    assert texts(take(subscription, 1)) == ["new"]


def test_seek_to_a_time(bus: Bus, topic: str, group: str) -> None:
    send(bus, topic, ["old"], key="key")
    (old,) = bus.read(topic)

    def later() -> bool:
        send(bus, topic, ["new"], key="key")
        return bus.read(topic)[-1].time > old.time

    eventually(later, "the clock goes on")
    new = bus.read(topic)[-1]
    bus.seek(group, topic, new.time)
    first = take(bus.subscribe(group, [topic]), 1)[0]
    assert first.body == b"new"
    assert first.time >= new.time


def test_seek_is_refused_while_the_group_reads(bus: Bus, topic: str, group: str) -> None:
    send(bus, topic, ["1"])
    subscription = bus.subscribe(group, [topic])
    take(subscription, 1)
    with pytest.raises(Conflict):
        bus.seek(group, topic, 0)
    subscription.close()
    bus.seek(group, topic, 0)


def test_seek_in_an_unknown_topic(bus: Bus, topic: str, group: str) -> None:
    with pytest.raises(NotFound):
        bus.seek(group, topic, 0)
