"""What is said of a broker that hangs up without a word."""

import pytest

from services.chassis.bus_kafka.connection import Connection
from services.chassis.settings import Settings


@pytest.mark.parametrize(("protocol", "named"), [("SASL_SSL", True), ("SASL_PLAINTEXT", True), ("SSL", False)])
def test_with_a_sign_in_it_may_have_failed(protocol: str, named: bool) -> None:
    connection = Connection("127.0.0.1:9092", Settings(kafka_security_protocol=protocol, kafka_sasl_password="secret"))
    told = str(connection.unavailable("KafkaConnectionError: socket disconnected"))
    assert ("authentication" in told) is named
    assert "secret" not in told
    assert "authentication" not in str(connection.unavailable("timed out"))
