"""Which client of a broker surely is no more."""

import subprocess
import sys

from services.chassis.bus_kafka.clients import is_dead, new_id, retire
from services.chassis.processes import this_process


def test_a_client_is_dead_when_it_has_been_closed() -> None:
    client = new_id("matching.donors")
    assert not is_dead(client)
    retire(client)
    assert is_dead(client)


def test_a_client_is_dead_when_its_process_has_ended() -> None:
    program = "from services.chassis.bus_kafka.clients import new_id; print(new_id('matching.donors'))"
    made = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()
    assert is_dead(made)


def test_of_another_machine_nothing_is_known() -> None:
    me = this_process()
    assert not is_dead(f"cami-matching.donors-0123456789ab-{me.pid}-1-1")


def test_clients_of_others_are_left_alone() -> None:
    for client in ("", "kcat", "rdkafka-1-2-3-4", "cami-a-b-c-d-e"):
        assert not is_dead(client)
