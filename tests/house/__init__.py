"""What holds for the house as a whole: access, migrations, the registry, the markup of every page."""
