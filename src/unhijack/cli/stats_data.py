"""What works, as ``unhijack stats --json`` has it: a contract, names are never changed."""

from collections.abc import Mapping

from unhijack.core.data import Json
from unhijack.core.figures import (
    DAYS,
    Compared,
    Curve,
    Figures,
    Median,
    Point,
    Share,
    Summary,
    Uplift,
)


def figures_data(figures: Figures) -> dict[str, Json]:
    """One object; null is what is not known."""
    return {
        "as_of": figures.as_of.isoformat(),
        "received": figures.verified + sum(figures.left.values()),
        "left_out": {left.name.lower(): count for left, count in sorted(figures.left.items())},
        "verified": figures.verified,
        "told": figures.everyone.told,
        "refuted_claims": figures.refuted,
        **_summary(figures.everyone),
        "uplift": _uplift(figures.uplift),
        "arms": [_compared(one) for one in figures.compared],
        "causes": dict(figures.causes),
        "hosters": [_hoster(one) for one in figures.hosters],
        "hosters_hidden": figures.hosters_hidden,
        "by": figures.by or None,
        "groups": [{"name": one.name, **_summary(one)} for one in figures.groups],
        "groups_hidden": figures.groups_hidden,
        "redirected_visitors_a_day_avoided": figures.away_a_day,
        "redirected_visitors_cases": figures.away_cases,
    }


def _summary(one: Summary) -> dict[str, Json]:
    return {
        "cases": one.cases,
        "told": one.told,
        "clean": one.clean,
        "receipt": _share(one.received),
        "bounced": _share(one.bounced),
        "reinfected": {str(days): _share(share) for days, share in one.relapsed.items()},
        "followed": one.curve.count if one.curve else 0,
        "clean_by_day": _by_day(one.clean_by),
        "median_days": _median(one.median),
    }


def _hoster(one: Summary) -> dict[str, Json]:
    return {
        "name": one.name,
        **_summary(one),
        "reach": _share(one.reach),
        "hoster_bounced": _share(one.hoster_bounced),
    }


def _compared(one: Compared) -> dict[str, Json]:
    pairs = zip(one.arms, one.chances, strict=True)
    return {
        "factor": one.factor,
        "levels": [{"name": arm.name, **_summary(arm), "p": chance} for arm, chance in pairs],
    }


def _uplift(uplift: Uplift | None) -> Json:
    if uplift is None:
        return None
    return {
        "told": _curve(uplift.told),
        "untold": _curve(uplift.untold),
        "by_day": _by_day(uplift.by),
        "p": uplift.chance,
    }


def _curve(curve: Curve | None) -> Json:
    if curve is None:
        return None
    by_day = {day: curve.at(day) for day in DAYS}
    return {
        "followed": curve.count,
        "clean_by_day": _by_day(by_day),
        "median_days": _median(curve.median),
    }


def _by_day(points: Mapping[int, Point | None]) -> dict[str, Json]:
    return {str(day): _point(points.get(day)) for day in DAYS}


def _point(point: Point | None) -> Json:
    if point is None:
        return None
    return {
        "value": round(point.value, 6),
        "low": round(point.low, 6),
        "high": round(point.high, 6),
    }


def _share(share: Share) -> Json:
    if share.value is None:
        return None
    return {
        "value": round(share.value, 6),
        "low": round(share.low, 6),
        "high": round(share.high, 6),
        "count": share.count,
        "of": share.of,
    }


def _median(median: Median | None) -> Json:
    if median is None:
        return None
    return {"value": median.days, "low": median.low, "high": median.high}
