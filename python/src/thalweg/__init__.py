"""Streams the weights of a network to Thalweg while it trains."""

from ._stream import Stream

__all__ = ['Stream']
