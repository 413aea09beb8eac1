"""Database schema, step by step."""
