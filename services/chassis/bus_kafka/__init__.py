"""The event bus on Apache Kafka: for several machines, and for a log that survives the loss of one of them."""

from services.chassis.bus_kafka.bus import KafkaBus

__all__ = ["KafkaBus"]
