"""Streams the weights of a model while it trains."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Optional, Union

from ._checks import code_of, count_of, name_of, rows_of, share_of
from ._facts import facts, figures, finite
from ._frames import Frames
from ._groups import Fold
from ._guard import GOES_ON, guarded, words_of
from ._out import destination, stdout
from ._pace import pace_of
from ._ranks import own_rank
from ._recording import Choice, Recording, listed
from ._say import Voice
from ._tensors import settle


class Stream:
    """Streams the weight deltas of a training run to Thalweg.

        stream = Stream(model, meta={'optimizer': 'sgd', 'learningRate': 0.1})
        for step in range(1, steps + 1):
            ...                                            # train as before
            stream.record(step, loss=loss.item())
        stream.close()

        $ python train.py | thalweg run

    A model is a PyTorch module, a list or map of (name, array) that training changes in place (NumPy arrays, Keras
    variables), or a function that returns such pairs as they are now (JAX). Several models are members of one run, of
    equal tensors: a network and its perturbed twin, or its moving average.

    The constructor raises ValueError for what cannot be streamed. After that no call raises an exception: each kind of
    problem is reported once on stderr, and training continues.

    run        name of the run
    coupled    whether the members see the same batches and noise
    start      step of the present weights
    anchor     number of deltas from one anchor to the next; an anchor holds the weights themselves
    dtype      element type of the deltas, such as "f16" or "bf16"; default: that of the weights
    out        a path, a binary file object, or Post(...); default: stdout, which then holds only the stream
    meta       facts about the run: optimizer, learningRate, momentum, batchSize, seed, epsilon, ...
    pace       "every" sends each step and waits for the reader; a power of two sends that many steps as one delta;
               "budget" chooses this number. Default: "budget" for pipes and posts, "every" for files
    budget     largest share of the training time that a live reader may cost
    block      steps of the reader's block; the pace changes only between blocks
    fold       rows of a sketch that is sent instead of the weights, or {glob: rows} for groups of tensors
    sample     number of single weights that are sent in addition to the sketch
    seed       seed of the sketch's signs and of the sample
    buffers    also streams buffers, such as the statistics of batch norm, in the role "buffer"
    optimizer  a PyTorch optimizer, or one for each member, whose states are streamed too, in roles such as "exp_avg"
    reopen     when a tensor is added, removed, replaced or resized, which ends the run, begins a new run
    rank       the process of a distributed job that writes, while the others are silent; None: every process
    strict     raises exceptions instead of reporting problems
    """

    def __init__(
        self,
        *models: Any,
        run: str = 'run',
        coupled: bool = False,
        start: int = 0,
        anchor: int = 100,
        dtype: Optional[str] = None,
        out: Any = None,
        meta: Any = (),
        pace: Union[str, int, None] = None,
        budget: float = 0.03,
        block: int = 16,
        fold: Optional[Fold] = None,
        sample: int = 0,
        seed: int = 0,
        buffers: bool = False,
        optimizer: Any = None,
        reopen: bool = False,
        rank: Optional[int] = 0,
        strict: bool = False,
    ) -> None:
        self.closed, self._turn = False, threading.RLock()
        self._writes = rank is None or own_rank() == rank
        self._voice, self._strict, self._process = Voice(), strict, os.getpid()
        self._models, self._name, self._dtype, self._reopen = models, name_of('run', run), code_of(dtype), reopen
        self._about = {
            'members': len(models),
            'coupled': bool(coupled),
            'meta': facts(meta, lambda name, why: self._left_out('fact', name, why)),
        }
        seed, sample = count_of('seed', seed, 0, 2**32 - 1), count_of('sample', sample, 0)
        self._choice = Choice(rows_of(fold), sample, seed, buffers, listed(optimizer, len(models)))
        self._step, self._sent, self._runs = count_of('start', int(start), 0), 0, 0
        self._agreed, self._failed = True, False
        self._anchor_every, self._anchor_wanted = count_of('anchor', anchor), False
        block, budget = count_of('block', block), share_of('budget', budget)
        self._recording = self._recorded()
        if rank is None and self._recording.together is not None:
            raise ValueError('rank=None: no process has a whole sharded model to write. Name the one that writes.')
        if not self._writes and out is None:
            stdout.take()  # otherwise this process's output would get between the frames of the process that writes
        file = destination(out, self) if self._writes else None
        self._frames = None if file is None else Frames(file, owned=isinstance(out, (str, os.PathLike)))
        self._pace = pace_of(pace, file, budget if self._writes else 0, block)
        self._begin()

    def record(self, /, step: Optional[int] = None, epoch: Any = None, **metrics: Any) -> None:
        """Sends how far the weights have moved since the last delta, if a delta is due.

        step     counts over the whole training; default: one more than the last
        metrics  figures of the trainer, such as the loss, that are sent with the delta
        """
        if self.closed or os.getpid() != self._process:  # in a forked process the lock may stay taken
            return
        with self._turn:
            # After most steps of a small model nothing is sent. Then our code must be very short, because with cold
            # caches it runs at a tenth of its usual speed.
            if (step is None or (type(step) is int and step == self._step + 1)) and self._pace.passes():
                self._step += 1
                return
        self._record(step, epoch, metrics)

    @guarded
    def _record(self, step: Any, epoch: Any, metrics: Mapping[str, Any]) -> None:
        if self._counted(step) and self._pace.due():
            settle(self._recording.tensors)
            self._pace.arrive()
            try:
                if self._agree():
                    self._send_delta(epoch, metrics)
            finally:
                self._pace.leave()

    @guarded
    def log(self, /, step: Optional[int], epoch: Any = None, **metrics: Any) -> None:
        """Sends figures of the trainer without a delta, such as those of a validation."""
        if self._recording.run is not None:
            count = self._count_of(step, self._step)
            self._recording.run.metrics(count, self._when(epoch), self._figures(metrics))

    @guarded
    def anchor(self) -> None:
        """Sends the weights themselves: now, or after the delta that is due next."""
        self._anchor_wanted = self._step != self._last_sent
        if not self._anchor_wanted:
            self._send_anchor()

    @guarded
    def close(self) -> None:
        """Ends the run. The reader calls a stream that is not closed truncated."""
        run, self._recording.run = self._recording.run, None
        try:
            if run is not None:
                run.close()
        finally:
            self._end()

    def __getstate__(self) -> dict[str, Any]:
        """A copy, such as one inside a model that is copied or saved, is closed: a stream is written by one object."""
        return {'closed': True}

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, kind: Any, *_: Any) -> None:
        if kind is None:
            self.close()

    def _counted(self, step: Any) -> bool:
        """Records the step that has ended. Returns whether it continues from the last one."""
        last = self._step
        now = self._count_of(step, last + 1)
        if now == last:
            self._trouble('repeat', f'step {now} came twice; the movement of the second one is part of the next step.')
            return False
        self._step = now
        if now < last:
            self._trouble('back', f'step {now} comes after step {last}, so windows of the analysis close there.')
            self._pace.restart()
            self._send_anchor()
        return now > last

    def _count_of(self, step: Any, otherwise: int) -> int:
        """The given step, or the expected one if none, or an invalid one, was given."""
        if step is None:
            return otherwise
        try:
            count = int(step)
            if count == step and 0 <= count < 2**53:
                return count
        except (TypeError, ValueError, RuntimeError, OverflowError):
            pass
        self._trouble('step', f'step {step!r:.40} cannot be a step, so it is taken as {otherwise}.')
        return otherwise

    def _send_delta(self, epoch: Any, metrics: Mapping[str, Any]) -> None:
        if self._recording.run is None and not self._failed:
            self._open()  # an interrupt came while the run was being opened
            return
        run = self._recording.run
        if run is not None:
            stride = {'stride': self._pace.stride} if self._pace.stride > 1 else {}
            finite = run.delta(self._step, {**stride, **self._when(epoch)}, self._figures(metrics))
            self._last_sent, self._sent = self._step, self._sent + 1
            if finite and (self._anchor_wanted or self._sent % self._anchor_every == 0):
                run.anchor(self._step)
                self._anchor_wanted = False

    def _send_anchor(self) -> None:
        if self._agree() and self._recording.run is not None:
            self._recording.run.anchor(self._step)
            self._last_sent = self._step

    def _agree(self) -> bool:
        """Whether the run continues in all processes that share the model."""
        change, trouble = None, None
        try:
            change = self._recording.look()
        except Exception as error:
            trouble = error
        goes_on = self._exchange(ends=self._failed or change is not None or trouble is not None)
        if trouble is not None:
            self._agreed = False
            raise trouble
        if change is not None:
            self._change(f'{change} before step {self._step}')
            return False
        if not goes_on:
            self._end()
            if not self._failed:
                self._tell('others', f'another process that shares the model has ended the run. {GOES_ON}')
        return goes_on

    def _exchange(self, ends: bool) -> bool:
        """Sums the parts of all processes that share the model. Returns whether all of them continue."""
        together = self._recording.together
        if together is None:
            return not ends
        self._agreed = False
        told = together.exchange(ends, 0 if self._frames is None else self._pace.next)
        self._agreed = True
        self._pace.next = told.stride
        return not told.stops

    def _change(self, what: str) -> None:
        """Ends the run because its tensors have changed since `open`, and begins the next run if requested."""
        run, self._recording.run = self._recording.run, None
        if run is not None:
            run.close()
        if not self._reopen:
            self._end()
            self._trouble('change', f'{what}, so the run ends there. reopen=True begins a new one. {GOES_ON}')
            return
        self._recording = self._recorded()
        self._begin()
        self._tell(what, f'{what}: the run ends there, and "{self._about["run"]}" begins.')

    def _recorded(self) -> Recording:
        """The tensors of the next run in this process. Raises ValueError if the models cannot be streamed."""
        self._runs += 1
        self._about['run'] = self._name if self._runs == 1 else f'{self._name}-{self._runs}'
        self._last_sent = self._step
        return Recording(self._models, self._choice)

    @guarded
    def _begin(self) -> None:
        """Opens the run, unless this process has no part in it."""
        alone = self._frames is None and self._recording.together is None
        if not alone and self._exchange(ends=False):
            self._open()
        else:
            self._end()

    def _open(self) -> None:
        if self._frames is not None:
            self._recording.open(self._frames, self._about, self._step, self._dtype)
            self._last_sent = self._step

    def _fail(self, error: Exception) -> None:
        """Says why nothing more is sent. Other processes that share the model learn it at the next exchange."""
        if self._strict:
            raise error
        if not getattr(error, 'said', False):
            self._voice.once('failure', f'{words_of(error, self._last_sent)} {GOES_ON}')
        run, self._recording.run = self._recording.run, None
        if run is not None and not isinstance(error, OSError):
            with suppress(Exception):
                run.close()
        if self._recording.together is not None and self._agreed:
            self._failed = True
        else:
            self._end()

    def _end(self) -> None:
        self.closed = True
        if self._recording.together is not None:
            self._recording.together.leave()
        if self._frames is not None:
            self._frames.end()

    def _trouble(self, about: str, what: str) -> None:
        """Says once which problem was worked around, or raises it as an error."""
        if self._strict:
            raise ValueError(what)
        self._tell(about, what)

    def _tell(self, about: str, what: str) -> None:
        """Says once, in the process that writes, what all processes see."""
        if self._writes:
            self._voice.once(about, what)

    def _left_out(self, kind: str, name: str, why: str) -> None:
        self._trouble(f'{kind} {name}', f'{kind} "{name}" {why}; it is left out.')

    def _figures(self, metrics: Mapping[str, Any]) -> dict[str, float]:
        return figures(metrics, lambda name, why: self._left_out('metric', name, why))

    def _when(self, epoch: Any) -> dict[str, float]:
        return {} if epoch is None else finite({'epoch': epoch}, lambda _, why: self._left_out('fact', 'epoch', why))
