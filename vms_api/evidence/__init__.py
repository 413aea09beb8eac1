"""Evidence packages: what was recorded, with a signed manifest that can be checked anywhere."""
