"""Exports: asked for by one person, approved by another, built by the node, downloaded once."""
