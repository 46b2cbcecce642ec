"""The ports' implementations: a folder or file for each service, which alone knows it."""
