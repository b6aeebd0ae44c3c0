"""Photos in the round: by path, or chosen among what arrived in the crew's folder."""

from __future__ import annotations

from pathlib import Path

from hydrant import times
from hydrant.cli.round_desk import Back
from hydrant.cli.round_visit import Questions, Visit
from hydrant.close_words import folded
from hydrant.errors import InputRefused
from hydrant.geo.numbers import plain
from hydrant.safe_text import printable
from hydrant.survey.dialogue import YES
from hydrant.survey.photos import keep_photo
from hydrant.survey.watched import Arrived, Watched

#: Pictures that are offered at once; they are chosen by one figure each.
_MOST = 9


class Photos:
    """Takes the photos of visits."""

    def __init__(self, questions: Questions, folder: Path | None) -> None:
        self.questions, self.desk = questions, questions.desk
        self.watched = None if folder is None else Watched(folder)

    def greet(self) -> None:
        """Say where photos are looked for, or why they are not."""
        if self.watched is None:
            return
        try:
            self.watched.look()
        except InputRefused as refused:
            self.desk.refuse(refused)
        else:
            self.desk.screen.line("survey.photos_watched", folder=self.watched.folder)

    def open(self, visit: Visit) -> None:
        """Note what is in the folder when an asset is opened."""
        if self.watched is not None:
            taken_up = bool(visit.answers or visit.photos)
            since = times.from_text(visit.begun) if taken_up else None
            self.watched.open(visit.asset.uid, since=since)

    def typed(self, visit: Visit, named: str | None) -> None:
        """Take a photo by its path, watch a folder by its path, or offer what arrived.

        Raises
        ------
        InputRefused
            It cannot be taken, or no folder is named to look in.
        """
        if named is not None:
            path = _path(named)
            if not path.is_dir():
                self._keep(visit, path)
                return
            self.watched = Watched(path)
            self.watched.open(visit.asset.uid, since=times.from_text(visit.begun))
            self.desk.screen.line("survey.photos_watched", folder=path)
        if self.watched is None:
            raise InputRefused("survey.photo_no_folder")
        try:
            if not self._offer(visit, self.watched, again=True):
                self.desk.screen.line("survey.photos_none", folder=self.watched.folder)
        except Back:
            return

    def settled(self, visit: Visit) -> bool:
        """Offer what arrived since the asset was opened, before its visit is recorded.

        Returns
        -------
        False where the crew goes one question back instead.
        """
        try:
            if self.watched is not None and self._offer(visit, self.watched, again=False):
                self.questions.keep(visit)
        except InputRefused as refused:
            self.desk.refuse(refused)
        except Back:
            self.questions.go_back(visit)
            return False
        return True

    def _offer(self, visit: Visit, watched: Watched, *, again: bool) -> bool:
        """Ask which of the pictures are kept; False where there is none."""
        every = watched.arrived(visit.asset.uid, again=again)
        found, screen = every[:_MOST], self.desk.screen
        if not found:
            return False
        screen.line("survey.photos_arrived", count=len(every))
        for number, one in enumerate(found, 1):
            screen.text(f"  {number}  {printable(one.path.name)}  {one.size / 1e6:.1f} MB")
        chosen = self.desk.take(screen.t("survey.ask_photos"), lambda typed: _chosen(typed, found))
        watched.leave(visit.asset.uid, [one for one in every if one not in chosen])
        for one in chosen:
            try:
                self._keep(visit, watched.keep(one))
            except InputRefused as refused:
                self.desk.refuse(refused)
        return True

    def _keep(self, visit: Visit, file: Path) -> None:
        digest = keep_photo(file, self.questions.registry.path)
        visit.photos = tuple(dict.fromkeys((*visit.photos, digest)))
        self.desk.screen.line("survey.photo_kept", count=len(visit.photos))


def _path(named: str) -> Path:
    try:
        return Path(named.strip("\"'")).expanduser()
    except RuntimeError as error:  # the home of a user that there is none of
        raise InputRefused("survey.photo_missing", file=named, why=error) from None


def _chosen(typed: str, found: list[Arrived]) -> list[Arrived]:
    """Which pictures a line chooses: all by yes, some by their numbers, none by nothing."""
    word = folded(typed)
    if word in YES - {"1"}:
        return found
    words = plain(typed).replace(",", " ").replace("、", " ").split()
    if not all(one.isdigit() and 1 <= int(one[:9]) <= len(found) for one in words):
        raise InputRefused("survey.answer_photos", value=typed.strip(), count=len(found))
    return [found[int(one) - 1] for one in dict.fromkeys(words)]
