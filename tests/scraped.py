"""What a scrape of /metrics says, read by Prometheus' own parser."""

from __future__ import annotations

from typing import Any

from prometheus_client.parser import text_string_to_metric_families

Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


def scraped(text: str) -> Series:
    families = text_string_to_metric_families(text)
    return {(one.name, frozenset(one.labels.items())): one.value for family in families for one in family.samples}


def value(series: Series, name: str, **labels: Any) -> float:
    """Of one series; 0 where there is none."""
    return series.get((name, frozenset((key, str(told)) for key, told in labels.items())), 0.0)


def labels(series: Series, name: str, label: str) -> set[str]:
    """Every value that a label of this metric takes."""
    return {dict(known)[label] for metric, known in series if metric == name and label in dict(known)}
