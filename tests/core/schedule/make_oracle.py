#!/usr/bin/python3
"""Writes croniter_oracle.tsv beside itself: what python3-croniter (Debian 12: 1.3.5) answers for cron expressions.

    apt-get install python3-croniter && /usr/bin/python3 tests/core/schedule/make_oracle.py

The same table each time (the seed is fixed). Left out, because croniter follows another rule than core/schedule:

- spans in which a zone's clocks change: core/schedule/cron.hpp has vixie cron's rule, croniter has its own;
- `*/step` in one day field while the other is restricted: crontab(5) wants both days, croniter either;
- a restricted day field that allows every day ("1-31") beside a restricted one: croniter takes it for `*`.
"""

import datetime
import pathlib
import random
import zoneinfo

from croniter import croniter

ZONES = ["UTC", "Europe/Brussels", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Asia/Kathmandu"]
ROWS_A_ZONE = 120
UTC = datetime.timezone.utc

WRITTEN = [
    "* * * * *", "*/15 * * * *", "5-59/15 * * * *", "0 * * * *", "0 0 * * *", "30 2 * * *", "0 9-17 * * MON-FRI",
    "0 0 1 * *", "0 0 31 * *", "0 0 29 2 *", "0 0 1 1 *", "0 12 * * 7", "0 12 * * 0", "0 12 * * SUN", "0 0 13 * FRI",
    "0 0 1,15 * WED", "15 14 1 * *", "0 22 * * 1-5", "23 0-20/2 * * *", "5 4 * * sun", "0 4 8-14 * *",
    "0 0 1 */3 *", "0 0 * JAN,jul *", "59 23 31 12 *", "0 0 30 4,6,9,11 *", "10,20,30-33 8,18 * * *",
    "0 0 * 2 MON", "0 0 28-31 * *", "0 6 * * FRI-SUN", "@hourly", "@daily", "@weekly", "@monthly", "@yearly",
]


def random_field(draw, lowest, highest, names=()):
    def value(number):
        if names and draw.random() < 0.4:
            name = names[number - lowest]
            return draw.choice([name, name.upper()])
        return str(number)

    kind = draw.choice(["number", "list", "range", "stepped range"])
    first, last = sorted(draw.sample(range(lowest, highest + 1), 2))
    if kind == "number":
        return value(first)
    if kind == "list":
        return ",".join(value(draw.randint(lowest, highest)) for _ in range(draw.randint(2, 4)))
    if kind == "range":
        return f"{value(first)}-{value(last)}"
    return f"{first}-{last}/{draw.randint(1, max(1, (last - first) // 2))}"


def random_expression(draw):
    months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

    def perhaps(star, field):
        return star if draw.random() < 0.45 else field

    return " ".join([
        perhaps(draw.choice(["*", "*/7", "*/20"]), random_field(draw, 0, 59)),
        perhaps(draw.choice(["*", "*/5"]), random_field(draw, 0, 23)),
        perhaps("*", random_field(draw, 1, 31)),
        perhaps(draw.choice(["*", "*/4"]), random_field(draw, 1, 12, months)),
        perhaps("*", random_field(draw, 0, 6, days)),
    ])


def follows_another_rule(expression):
    if expression.startswith("@"):
        return False
    day_of_month, _, day_of_week = expression.split()[2:]
    if day_of_month == "*" or day_of_week == "*":
        return False
    expanded = croniter.expand(expression)[0]
    return "*" in day_of_month + day_of_week or expanded[2] == ["*"] or expanded[4] == ["*"]


def clocks_change(zone, after, until):
    """Whether the zone's offset changes within a day of the span."""
    moment, last = after - datetime.timedelta(days=1), until + datetime.timedelta(days=1)
    offset = moment.astimezone(zone).utcoffset()
    while moment < last:
        moment += datetime.timedelta(hours=1)
        if moment.astimezone(zone).utcoffset() != offset:
            return True
    return False


def random_moment(draw):
    start = datetime.datetime(2020, 1, 1, tzinfo=UTC)
    moment = start + datetime.timedelta(seconds=draw.randrange(12 * 366 * 86400))
    return moment.replace(second=0) if draw.random() < 0.5 else moment


def text(moment):
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def rows(draw):
    for name in ZONES:
        zone = zoneinfo.ZoneInfo(name)
        found = 0
        written = list(WRITTEN)
        while found < ROWS_A_ZONE:
            expression = written.pop() if written else random_expression(draw)
            if follows_another_rule(expression):
                continue
            after = random_moment(draw)
            following = croniter(expression, after.astimezone(zone)).get_next(datetime.datetime)
            if clocks_change(zone, after, following):
                continue
            yield expression, name, text(after), text(following)
            found += 1


def main():
    path = pathlib.Path(__file__).with_name("croniter_oracle.tsv")
    lines = ["\t".join(row) for row in rows(random.Random(20250501))]
    path.write_text("# made by make_oracle.py: expression, zone, after, next\n" + "\n".join(lines) + "\n")
    print(f"{len(lines)} rows in {path}")


if __name__ == "__main__":
    main()
