"""The look at everything that may be wrong, every few seconds: findings for the desk, folded by what they share."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from vms_api.tickets import store
from vms_api.tickets.camera_memory import CameraMemory
from vms_api.tickets.cause import WATCHED, Cause
from vms_api.tickets.desk import TicketDesk
from vms_api.tickets.fold import Together, together
from vms_api.tickets.reading import OF_CAMERAS
from vms_api.tickets.standing import Change, Concern, Standings
from vms_api.tickets.survey import Survey, WatchGround, offline, surveyed
from vms_api.tickets.ticket import Fault, Subject

_EVERY_S = 30.0
_OVERLAP = timedelta(minutes=1)
"""A ticket may say that it was closed a moment before others see it."""
_BATCH = 25
"""Most findings of one transaction: what else waits to be written is not held up by a storm."""


class TicketWatch:
    """One for the site."""

    def __init__(self, desk: TicketDesk, ground: WatchGround) -> None:
        self._desk = desk
        self._ground = ground
        settings = ground.settings
        self._standings = Standings(settings.after_minutes * 60, settings.clear_minutes * 60)
        self._is_recalled = False
        self._memory = CameraMemory(ground.health, settings.clock_limit_s)
        self._looked_at = ground.clock.now()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(_EVERY_S)

    async def look(self) -> None:
        """Reads everything once; what has lasted long enough is told to the desk."""
        waiting = [name for kind, name in map(_parted, self._standings.waiting) if kind == "camera"]
        survey = await surveyed(self._ground, self._memory, set(waiting))
        if not self._is_recalled:
            self._recall(survey)
        await self._forget_left()
        self._standings.keep(survey.has)
        now, at_s = self._ground.clock.now(), self._ground.clock.monotonic_s()
        changes = {
            concern: self._standings.see(concern, at_s, is_wrong=is_wrong) for concern, is_wrong in _told(survey)
        }
        cleared = [concern for concern, change in changes.items() if change is Change.CLEARED]
        found = [concern for concern, change in changes.items() if change is Change.FOUND]
        await self._tell_cleared(cleared)
        found += self._left_over(survey, cleared)
        await self._tell_found([*self._away(survey, found, cleared, now), *self._others(survey, found, now)])

    def _recall(self, survey: Survey) -> None:
        """What had its ticket before this process began stands, until it is seen to be well."""
        standing = [ticket for ticket in survey.open if ticket.cleared_at is None]
        self._standings.recall(Concern(ticket.subject, ticket.cause) for ticket in standing)
        shared = [ticket.id for ticket in standing if ticket.camera_id is None]
        ids = {camera_id for ticket_id in shared for camera_id in survey.members.get(ticket_id, ())}
        self._standings.recall(offline(id_) for id_ in ids if survey.is_away(id_) is not False)
        self._is_recalled = True

    async def _forget_left(self) -> None:
        """A duplicate whose original is closed has no ticket any more: if it is still wrong, it is found anew."""
        now = self._ground.clock.now()
        async with self._ground.database.read() as connection:
            found = await store.left_by_their_original(connection, self._looked_at - _OVERLAP)
        self._looked_at = now
        self._standings.forget(Concern(subject, cause) for subject, cause in found)

    def _left_over(self, survey: Survey, cleared: Sequence[Concern]) -> list[Concern]:
        """Cameras that are still away though what they shared is over: each has a ticket of its own from now on."""
        over = [ticket.id for ticket in survey.open if Concern(ticket.subject, ticket.cause) in cleared]
        ids = {camera_id for ticket_id in over for camera_id in survey.members.get(ticket_id, ())}
        return [offline(camera_id) for camera_id in sorted(ids) if self._standings.is_wrong(offline(camera_id))]

    def _others(self, survey: Survey, found: Sequence[Concern], now: datetime) -> Iterator[Fault]:
        """What is no camera that is away."""
        root = self._ground.rights.index.tree.root.id
        for concern in found:
            kind, name = _parted(concern)
            if concern.cause is Cause.OFFLINE:
                continue
            camera = survey.cameras[name] if kind == "camera" else None
            own = Subject.of_camera(camera.id, camera.name, camera.area_id) if camera else None
            facts = survey.memory.facts(name, concern.cause) if camera else survey.others[concern].facts
            yield Fault(own or Subject(concern.subject, name, root), concern.cause, now, WATCHED[concern.cause], facts)

    def _away(
        self, survey: Survey, found: Sequence[Concern], cleared: Sequence[Concern], now: datetime
    ) -> Iterator[Fault]:
        """Cameras that are away, by themselves or together."""
        ids = [concern.subject.removeprefix("camera:") for concern in found if concern.cause is Cause.OFFLINE]
        ids = [camera_id for camera_id in ids if camera_id in survey.cameras]
        shared = {
            ticket.subject: survey.members.get(ticket.id, frozenset())
            for ticket in survey.open
            if ticket.cause is Cause.OFFLINE and ticket.camera_id is None and ticket.cleared_at is None
            if Concern(ticket.subject, ticket.cause) not in cleared
        }
        alone = [camera_id for camera_id in ids if _joins(survey, camera_id, shared) is None]
        groups = self._folded(survey, alone, {id_ for members in shared.values() for id_ in members})
        joining = [group for camera_id in ids if (group := _joins(survey, camera_id, shared)) is not None]
        for group in [*joining, *groups]:
            if group.camera_ids:
                is_one = group.host is None and group.area_id is None
                facts = survey.memory.facts(group.camera_ids[0], Cause.OFFLINE) if is_one else {}
                yield Fault(self._subject(survey, group), Cause.OFFLINE, now, WATCHED[Cause.OFFLINE], facts)

    def _folded(self, survey: Survey, found: Sequence[str], shared: set[str]) -> list[Together]:
        """Groups of cameras of which something is known and that have no ticket yet."""
        if not found:
            return []
        own = {t.camera_id for t in survey.open if t.cause is Cause.OFFLINE and t.cleared_at is None and t.camera_id}
        taken = (own | shared) - set(found)
        known = {id_: survey.is_away(id_) for id_ in survey.cameras if id_ not in taken}
        places = {id_: survey.places[id_] for id_, is_wrong in known.items() if is_wrong is not None}
        away = {id_ for id_ in places if known[id_]}
        settings = self._ground.settings
        return together(
            [id_ for id_ in found if id_ in places], away, places, settings.fold_cameras, settings.fold_share
        )

    def _subject(self, survey: Survey, group: Together) -> Subject:
        if group.host is not None:
            paths = [survey.places[camera_id].area_path for camera_id in group.camera_ids]
            return Subject(f"host:{group.host}", group.host, _lowest(paths), camera_ids=group.camera_ids)
        if group.area_id is not None:
            area = self._ground.rights.index.tree.find(group.area_id)
            name = area.name if area else group.area_id
            return Subject(f"area:{group.area_id}", name, group.area_id, camera_ids=group.camera_ids)
        camera = survey.cameras[group.camera_ids[0]]
        return Subject.of_camera(camera.id, camera.name, camera.area_id)

    async def _tell_found(self, faults: Sequence[Fault]) -> None:
        for start in range(0, len(faults), _BATCH):
            async with self._ground.database.write() as transaction:
                for fault in faults[start : start + _BATCH]:
                    await self._desk.take(transaction, fault)
        self._standings.recall(Concern(fault.subject.key, fault.cause) for fault in faults)  # the shared ones, too

    async def _tell_cleared(self, cleared: Sequence[Concern]) -> None:
        now = self._ground.clock.now()
        for start in range(0, len(cleared), _BATCH):
            async with self._ground.database.write() as transaction:
                for concern in cleared[start : start + _BATCH]:
                    await self._desk.gone(transaction, concern.subject, concern.cause, now)


def _told(survey: Survey) -> Iterator[tuple[Concern, bool | None]]:
    """What is said of the cameras of which something may follow, and of all else."""
    for camera_id in survey.changed:
        for cause, is_wrong in zip(OF_CAMERAS, survey.memory.of(camera_id), strict=True):
            yield Concern(f"camera:{camera_id}", cause), is_wrong
    for concern, reading in survey.others.items():
        yield concern, reading.is_wrong


def _parted(concern: Concern) -> tuple[str, str]:
    """Of what kind its subject is, and its name or id."""
    kind, _, name = concern.subject.partition(":")
    return kind, name


def _joins(survey: Survey, camera_id: str, shared: dict[str, frozenset[str]]) -> Together | None:
    """The shared ticket that stands for what the camera belongs to; without cameras if it is one of them already."""
    where = survey.places[camera_id]
    names = [f"host:{where.host}", *(f"area:{area_id}" for area_id in reversed(where.area_path))]
    name = next((name for name in names if name in shared), None)
    if name is None:
        return None
    kind, _, key = name.partition(":")
    ids = () if camera_id in shared[name] else (camera_id,)
    return Together(ids, host=key) if kind == "host" else Together(ids, area_id=key)


def _lowest(paths: Sequence[Sequence[str]]) -> str:
    """The lowest area that all paths have."""
    shared = ""
    for ids in zip(*paths, strict=False):
        if len(set(ids)) > 1:
            break
        shared = ids[0]
    return shared
