#!/usr/bin/env python3
"""Counts deadlines anew, from what trackier-regimes(5) says and without anything of the program: time zones are
those of Python.

  deadlines.py HOLIDAYS CASES

Each line of CASES is "ANCHOR UNIT N ZONE END", the anchor in UTC as 2026-11-27T22:47:31Z; the answer is a line with the
last moment in time, in the same form, or "unknown" when the holidays of a year are not in the table.
"""
import calendar
import json
import sys
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

UTC = timezone.utc
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def to_utc(wall):
    """Aware local time as UTC; None for a time that clocks leap over."""
    moment = wall.astimezone(UTC)
    back = moment.astimezone(wall.tzinfo)
    return moment if back.replace(tzinfo=None) == wall.replace(tzinfo=None) else None


def first_of(day, zone):
    """The moment from which on it is `day` or later, and no earlier day again."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    for fold in 1, 0:  # a midnight that comes twice: the last one that a day before leads to
        moment = to_utc(midnight.replace(fold=fold))
        if moment is not None and (moment - SECOND).astimezone(zone).date() < day:
            return moment
    # Clocks leap over midnight. PEP 495: fold=0 takes the offset before, so the result lies behind the leap by as
    # much as the time lies behind its beginning; walk back to it.
    moment = midnight.replace(fold=0).astimezone(UTC)
    while (moment - SECOND).astimezone(zone).date() >= day:
        moment -= timedelta(minutes=1)
    return moment


def end_of(day, zone):
    return first_of(day + DAY, zone) - SECOND


class UnknownYear(Exception):
    pass


def is_work(day, holidays):
    if day.weekday() >= 5:
        return False
    if str(day.year) not in holidays:
        raise UnknownYear
    return day.isoformat() not in holidays[str(day.year)]


def last_day(begin, unit, n, holidays):
    if unit == "calendar_days":
        return begin + n * DAY
    if unit == "business_days":
        day = begin
        while n:
            day += DAY
            n -= is_work(day, holidays)
        return day
    month = begin.year * 12 + begin.month - 1 + n
    year, month = divmod(month, 12)
    return date(year, month + 1, min(begin.day, calendar.monthrange(year, month + 1)[1]))


def due(anchor, unit, n, name, end, all_holidays):
    if unit == "hours":
        return anchor + timedelta(hours=n)
    zone = ZoneInfo(name)
    local = anchor.astimezone(zone)
    day = last_day(local.date(), unit, n, all_holidays.get(name, {}))
    if end == "end_of_local_day":
        return end_of(day, zone)
    wall = datetime.combine(day, local.time().replace(fold=0), tzinfo=zone)
    return to_utc(wall.replace(fold=1)) or end_of(day, zone)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        holidays = json.load(file)["zones"]
    with open(sys.argv[2], encoding="utf-8") as file:
        lines = file.readlines()
    for line in lines:
        anchor, unit, n, zone, end = line.split()
        try:
            anchor = datetime.strptime(anchor, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
            print(due(anchor, unit, int(n), zone, end, holidays).strftime("%Y-%m-%dT%H:%M:%SZ"))
        except UnknownYear:
            print("unknown")


main()
