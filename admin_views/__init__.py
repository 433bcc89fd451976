"""The tables for managers and specialists, on SQLAdmin. Writes call the desk."""
