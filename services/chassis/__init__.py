"""What every service stands on: settings, database, messaging, web, languages, money, PDF. Knows no service."""
