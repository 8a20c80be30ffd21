"""Streams of transactions made from rules: the shortest one that tells two rules apart."""

from txmon.authoring.streams.stream import Stream, StreamRow
from txmon.authoring.streams.telling import telling_stream

__all__ = ["Stream", "StreamRow", "telling_stream"]
