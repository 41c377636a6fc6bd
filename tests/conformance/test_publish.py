"""What is published is there, whole, in order, and durable."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.chassis.bus import Bus, Outgoing, size_of
from services.chassis.errors import BusUnavailable, MessageTooLarge
from services.chassis.settings import Settings
from tests.conformance.helpers import send, start, take, texts


def test_messages_of_one_key_keep_their_order(bus: Bus, topic: str, group: str) -> None:
    keys = [f"key-{number}" for number in range(10)]
    for batch in range(20):
        bus.publish([Outgoing(topic, key, {}, f"{batch}-{part}".encode()) for part in range(3) for key in keys])
    messages = take(bus.subscribe(group, [topic]), 600)
    wanted = [f"{batch}-{part}" for batch in range(20) for part in range(3)]
    for key in keys:
        assert texts([message for message in messages if message.key == key]) == wanted


def test_a_key_stays_in_its_partition_and_keys_are_spread(bus: Bus, topic: str, group: str) -> None:
    for _ in range(3):
        send(bus, topic, [f"key-{number}" for number in range(50)])
    places: dict[str, set[int]] = {}
    for message in take(bus.subscribe(group, [topic]), 150):
        places.setdefault(message.key, set()).add(message.partition)
    assert all(len(partitions) == 1 for partitions in places.values())
    assert len(set.union(*places.values())) > 1


def test_offsets_rise_within_a_partition(bus: Bus, topic: str, group: str) -> None:
    send(bus, topic, [f"key-{number}" for number in range(100)])
    last: dict[int, int] = {}
    for message in take(bus.subscribe(group, [topic]), 100):
        assert message.offset > last.get(message.partition, -1)
        last[message.partition] = message.offset


def test_several_threads_publish_at_once_and_nothing_is_lost(bus: Bus, other_bus: Bus, topic: str, group: str) -> None:
    def publish(publisher: int) -> None:
        for number in range(25):
            send((bus, other_bus)[publisher % 2], topic, [f"{publisher}:{number}"], key=f"key-{publisher}")

    threads = [threading.Thread(target=publish, args=(publisher,)) for publisher in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    messages = take(bus.subscribe(group, [topic]), 100)
    for publisher in range(4):
        mine = [message for message in messages if message.key == f"key-{publisher}"]
        assert texts(mine) == [f"{publisher}:{number}" for number in range(25)]


def test_headers_key_and_body_survive_as_they_were(bus: Bus, topic: str, group: str) -> None:
    headers = {"ce_type": "cami.test.v1", "имя": "Снежный барс 🐆", "empty": "", "quote": "\"'\\\n"}
    body = bytes(range(256))
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    bus.publish([Outgoing(topic, "ключ/é/雪豹", headers, body)])
    (message,) = take(bus.subscribe(group, [topic]), 1)
    assert (message.topic, message.key, message.headers, message.body) == (topic, "ключ/é/雪豹", headers, body)
    assert before <= message.time <= datetime.now(UTC) + timedelta(milliseconds=1)


def test_empty_key_headers_and_body(bus: Bus, topic: str, group: str) -> None:
    bus.publish([Outgoing(topic, "", {}, b"")])
    (message,) = take(bus.subscribe(group, [topic]), 1)
    assert (message.key, message.headers, message.body) == ("", {}, b"")


def test_large_messages(bus: Bus, topic: str, group: str) -> None:
    bodies = [bytes([number]) * (5 * 1024 * 1024) for number in range(4)]
    bus.publish([Outgoing(topic, "key", {}, body) for body in bodies])
    assert [message.body for message in take(bus.subscribe(group, [topic]), 4)] == bodies


def test_messages_up_to_the_limit_and_a_clear_word_beyond(bus: Bus, topic: str, group: str) -> None:
    limit = Settings().max_message_bytes
    largest = Outgoing(topic, "key", {"name": "é"}, b"x" * (limit - len("key") - len("name") - 2))
    assert size_of(largest) == limit
    bus.publish([largest])
    with pytest.raises(MessageTooLarge, match=f"{limit + 1} bytes"):
        bus.publish([Outgoing(topic, "key", {}, b"small"), replace(largest, body=largest.body + b"x")])
    assert [message.body for message in bus.read(topic)] == [largest.body]
    assert [message.body for message in take(bus.subscribe(group, [topic]), 1)] == [largest.body]


def test_publishing_nothing_is_fine(bus: Bus) -> None:
    bus.publish([])


def test_several_topics_in_one_call(bus: Bus, topic: str, group: str) -> None:
    bus.publish([Outgoing(f"{topic}.{name}", "key", {}, name.encode()) for name in ("a", "b")])
    messages = take(bus.subscribe(group, [f"{topic}.a", f"{topic}.b"]), 2)
    assert {(message.topic, message.body) for message in messages} == {(f"{topic}.a", b"a"), (f"{topic}.b", b"b")}


def test_what_was_published_survives_kill_9_at_once(bus_url: str, bus: Bus, topic: str, group: str) -> None:
    with start("tests.conformance.publisher", bus_url, topic, "kept") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "published\n"
        process.kill()
    assert texts(take(bus.subscribe(group, [topic]), 1)) == ["kept"]


def test_a_reader_hears_what_another_process_publishes(bus_url: str, bus: Bus, topic: str, group: str) -> None:
    subscription = bus.subscribe(group, [topic])
    assert subscription.poll(0) == ()
    with start("tests.conformance.publisher", bus_url, topic, "news") as process:
        assert texts(take(subscription, 1)) == ["news"]
        process.kill()


def test_processes_may_make_a_topic_at_the_same_time(bus_url: str, bus: Bus, topic: str) -> None:
    processes = [start("tests.conformance.publisher", bus_url, topic, f"{number}") for number in range(3)]
    assert [process.communicate()[0] for process in processes] == ["published\n"] * 3
    assert sorted(texts(bus.read(topic))) == ["0", "1", "2"]


def test_a_closed_bus_says_so(bus: Bus, topic: str, group: str) -> None:
    subscription = bus.subscribe(group, [topic])
    bus.close()
    bus.close()
    with pytest.raises(BusUnavailable):
        send(bus, topic, ["late"])
    with pytest.raises(BusUnavailable):
        bus.subscribe(group, [topic])
    with pytest.raises(BusUnavailable):
        subscription.poll(0)
