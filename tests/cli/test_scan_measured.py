"""What a scan's summary tells statistics of the logs: a way and a rate, and nobody's address."""

import json
from datetime import timedelta
from pathlib import Path

from tests.remediate.town_logs import BEGIN, PHONE, line, ordinary
from tests.support.command import unhijack
from unhijack.core.scan import read_scan

DAY = timedelta(days=1)


def test_visitors_sent_away_a_day_by_the_logs(tmp_path: Path):
    site = tmp_path / "site"
    site.mkdir()
    (site / "x.php").write_text("<?php eval(base64_decode($_POST['x']));")
    lines = ordinary(300, days=10)
    for number in range(40):
        when = BEGIN + number * DAY / 4
        visitor = f"203.0.113.{number}"
        lines.append(line(when, visitor, "GET /rolls/", 302, "https://www.google.com/", PHONE))
    log = tmp_path / "access.log"
    log.write_bytes(b"\n".join(text for _, text in sorted(lines)) + b"\n")
    done = unhijack("scan", str(site), "--json", "--logs", str(log), state=tmp_path / "state")
    summary = json.loads(done.stdout.splitlines()[-1])["summary"]
    assert summary["away_a_day"] > 1
    assert "203.0.113" not in json.dumps(summary["away_a_day"]) + summary["way"]
    scan = read_scan(done.stdout)
    assert scan.away_a_day == summary["away_a_day"]


def test_without_logs_nothing_is_said(tmp_path: Path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "x.php").write_text("<?php echo 1;")
    done = unhijack("scan", str(tmp_path / "site"), "--json", state=tmp_path / "state")
    assert "away_a_day" not in json.loads(done.stdout.splitlines()[-1])["summary"]
