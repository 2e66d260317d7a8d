"""What a page is told of one event: its values, its partners, the rules it broke, its words."""

from __future__ import annotations

import json
from collections import OrderedDict
from typing import Any

from rtkit.clip import Clip
from rtkit.errors import RtkitError
from rtkit.folding import fold
from rtkit.formats import PCM_RATE
from rtkit.listing import Listing, is_piece
from rtkit.moments import Moment, Span
from rtkit.summaries import summary
from rtkit.wording import Wording

MOST_PARTNERS = 10
AROUND_S = 1.0  # of sound that belongs to no item, before and behind an event
LONGEST_S = 300.0  # of a sound that a page is given
KEPT = 4  # sounds, for the pages that will ask for them
Told = dict[str, Any]


class Details:
    """Tells of events, and keeps the sounds that it told of last."""

    def __init__(self, listing: Listing) -> None:
        self._listing = listing
        self._clips: OrderedDict[str, Clip] = OrderedDict()

    def of(self, index: int) -> Told:
        """All that is to be told of an event."""
        listing, moment = self._listing, self._listing.timeline[index]
        told: Told = {
            "index": index,
            "group": listing.group(index),
            "t": moment.t,
            "source": moment.source,
            "name": moment.type,
            "tree": fold(moment, listing.seconds(moment)).told(),
            "raw": moment.text,
            "json": json.dumps(moment.event, indent=2, ensure_ascii=False, default=str),
            "violations": [one.sentence for one in listing.violations.get(index, ())],
            **self._partners(index),
        }
        try:
            return told | self._sounding(index, moment)
        except RtkitError as trouble:  # the file of a loaded timeline is gone
            return told | {"trouble": str(trouble)}

    def sound(self, key: str) -> bytes | None:
        """A sound that was told of, as 16-bit mono at 24 kHz; None if that was too long ago."""
        clip = self._clips.get(key)
        return None if clip is None else clip.resampled(PCM_RATE).to_pcm16()

    def _partners(self, index: int) -> Told:
        """Those of the same group; of many the pieces are left out first."""
        listing = self._listing
        partners = listing.partners(index)
        others = [i for i in partners if i != index]
        if len(others) > MOST_PARTNERS:
            others = [i for i in others if not is_piece(listing.timeline[i])] or others
        told = [self._named(i) for i in others[:MOST_PARTNERS]]
        return {"partners": told, "more": max(0, len(partners) - 1 - len(told))}

    def _named(self, index: int) -> list[Any]:
        moment = self._listing.timeline[index]
        says = summary(moment, self._listing.seconds(moment))
        return [index, moment.t, moment.source, moment.type, says]

    def _sounding(self, index: int, moment: Moment) -> Told:
        item_id = self._listing.item_of(index)
        wording = self._listing.wording(item_id) if item_id else None
        if wording is None:
            return self._around(moment) if moment.audio else {}
        told: Told = {"item": item_id, "speaker": wording.speaker, "timed": wording.timed}
        told["words"] = [[w.text, w.start, w.end, w.carriers] for w in wording.words]
        if wording.clip is None:
            return told
        return told | self._of_item(index, wording, wording.clip)

    def _of_item(self, index: int, wording: Wording, clip: Clip) -> Told:
        stretch = wording.stretch(index)
        key = f"{wording.item_id} {len(clip.samples)}"
        told = self._keep(key, clip, stretch or (0.0, clip.duration))
        told["sound"] |= {"own": stretch is not None, "heard": wording.heard_s}
        return told

    def _around(self, moment: Moment) -> Told:
        """The sound of an event that belongs to no item, with some of its track around it."""
        assert moment.audio
        track = self._listing.timeline.tracks[moment.audio.track]
        rate = track.format.rate
        first = max(0, moment.audio.first - round(AROUND_S * rate))
        last = moment.audio.first + moment.audio.count + round(AROUND_S * rate)
        clip = track.clip(Span(track.name, first, last - first))
        start = (moment.audio.first - first) / rate
        key = f"{track.name} {first} {len(clip.samples)}"
        return self._keep(key, clip, (start, start + moment.audio.count / rate))

    def _keep(self, key: str, clip: Clip, stretch: tuple[float, float]) -> Told:
        clip = clip.cut(0, min(LONGEST_S, clip.duration))
        self._clips[key] = clip
        self._clips.move_to_end(key)
        while len(self._clips) > KEPT:
            self._clips.popitem(last=False)
        sound = {"key": key, "seconds": clip.duration, "own": True, "heard": None}
        return {"sound": sound | dict(zip(("from", "to"), stretch, strict=True))}
