"""One suite for every event bus: what `services.chassis.bus` promises, each implementation keeps."""
