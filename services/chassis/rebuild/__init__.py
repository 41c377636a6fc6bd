"""Makes the read copies of a service anew from the log, while the service works."""

from services.chassis.rebuild.rebuilding import Report, rebuild

__all__ = ["Report", "rebuild"]
