"""What people and events ask this service for, by subject. Imperative names, frozen values, no I/O."""
