"""Streams the weights of a network to Thalweg while it trains."""

from ._post import Post
from ._stream import Stream
from ._watch import scalars, watch

__all__ = ['Post', 'Stream', 'scalars', 'watch']
__version__ = '0.1.0'
