"""Draws the plots of a report into the folder named on the command line; runs where matplotlib is."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot


def _gates(rows: list[Any], path: Path) -> None:
    """How much of its limit each gate takes."""
    figure, axes = pyplot.subplots(figsize=(9, 0.26 * len(rows) + 1), layout="constrained")
    shares = [middle / limit for _, limit, middle, _, _ in rows]
    spread = [
        [(middle - least) / limit for _, limit, middle, least, _ in rows],
        [(largest - middle) / limit for _, limit, middle, _, largest in rows],
    ]
    colours = ["tab:green" if share <= 1 else "tab:red" for share in shares]
    axes.barh([row[0] for row in rows], shares, xerr=spread, color=colours, error_kw={"elinewidth": 0.8})
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_xlim(0, max(2.0, *shares) * 1.1)
    axes.set_xlabel("measured / limit; bars beyond 1 are over it")
    axes.invert_yaxis()
    axes.tick_params(labelsize=8)
    figure.savefig(path, dpi=110)


def _rivals(data: dict[str, Any], path: Path) -> None:
    """Each contender beside protobuf, on a logarithmic scale."""
    subjects = data["rivals"]
    figure, all_axes = pyplot.subplots(
        len(subjects), 1, figsize=(9, 3 * len(subjects)), layout="constrained", squeeze=False
    )
    for axes, (subject, rows) in zip(all_axes[:, 0], subjects.items(), strict=True):
        width = 0.8 / len(rows)
        for index, (name, ratios) in enumerate(zip(data["contenders"], rows, strict=True)):
            places = [case + index * width for case in range(len(ratios))]
            axes.bar(places, [ratio or 0 for ratio in ratios], width, label=name)
        axes.set_yscale("log")
        axes.set_xticks([case + 0.4 - width / 2 for case in range(len(data["cases"]))], data["cases"])
        axes.set_title(subject, fontsize=9)
        axes.set_ylabel("time / protobuf's")
        axes.axhline(1, color="black", linewidth=0.8)
    all_axes[0, 0].legend(fontsize=7, ncols=3)
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    plan = json.load(sys.stdin)
    _gates(plan["gates"], folder / "gates.png")
    if plan["rivals"]:
        _rivals(plan, folder / "contenders.png")
    print("null")
