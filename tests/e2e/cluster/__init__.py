"""The same journeys through nginx, by a process for each service and two for some, on Kafka and PostgreSQL."""
