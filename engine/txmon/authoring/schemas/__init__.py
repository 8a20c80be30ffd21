"""JSON Schemas of the files of a pack, for editors that complete, check and explain YAML."""

from __future__ import annotations

from txmon.authoring.schemas.make import KINDS, schema_of, schema_text

__all__ = ["KINDS", "schema_of", "schema_text"]
