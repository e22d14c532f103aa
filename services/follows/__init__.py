"""Saved searches and followed records: what is new reaches those who asked to be told."""
