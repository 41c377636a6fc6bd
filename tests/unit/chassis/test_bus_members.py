"""Fair shares of the partitions, and telling the living from the dead."""

import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import psutil

from services.chassis.bus_log.members import shares
from services.chassis.processes import Process, this_process

PLACES = [(topic, partition) for topic in (1, 2, 3) for partition in range(4)]


def test_one_member_gets_everything() -> None:
    assert shares({"a": [1, 2, 3]}, PLACES) == dict.fromkeys(PLACES, "a")


def test_shares_are_even_and_complete() -> None:
    for members in ("ab", "abc", "abcd"):
        given = shares({member: [1, 2, 3] for member in members}, PLACES)
        assert set(given) == set(PLACES)
        assert set(Counter(given.values()).values()) == {len(PLACES) // len(members)}


def test_more_members_than_partitions_leaves_some_idle() -> None:
    given = shares({member: [1] for member in "abcdef"}, [(1, partition) for partition in range(4)])
    assert len(set(given.values())) == 4


def test_a_member_gets_only_topics_that_it_reads() -> None:
    given = shares({"a": [1], "b": [1, 2]}, PLACES)
    assert {member for (topic, _), member in given.items() if topic == 1} == {"a", "b"}
    assert {member for (topic, _), member in given.items() if topic == 2} == {"b"}
    assert not any(topic == 3 for topic, _ in given)


def test_the_order_in_which_members_are_listed_does_not_matter() -> None:
    assert shares({"a": [1], "b": [1]}, PLACES) == shares({"b": [1], "a": [1]}, reversed(PLACES))


def test_this_process_lives() -> None:
    assert not this_process().is_dead()


def test_a_later_process_of_the_same_number_is_another() -> None:
    assert replace(this_process(), started=this_process().started - 100).is_dead()


def test_a_process_on_another_machine_may_be_alive() -> None:
    assert not Process("elsewhere", 2**22, 0.0).is_dead()


def test_a_process_that_ended_is_dead_even_before_its_parent_asks() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.DEVNULL)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # ended, but still in the process table
    ended = Process(this_process().machine, child.pid, this_process().started)
    try:
        assert replace(ended, started=psutil.Process(child.pid).create_time()).is_dead()
    finally:
        child.wait()
    assert ended.is_dead()
