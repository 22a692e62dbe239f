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
    """How much of its limit each gate takes: a line for a gate, a point for a subject."""
    shares: dict[str, list[float]] = {}
    for row, limit, middle, _, _ in rows:
        shares.setdefault(row.rpartition(": ")[0] or row, []).append(middle / limit)
    figure, axes = pyplot.subplots(figsize=(9, 0.22 * len(shares) + 1), layout="constrained")
    for line, of_gate in enumerate(shares.values()):
        colours = ["tab:green" if share <= 1 else "tab:red" for share in of_gate]
        axes.scatter(of_gate, [line] * len(of_gate), color=colours, s=22, alpha=0.75, linewidths=0)
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_xlim(left=0)
    axes.set_ylim(len(shares), -1)
    axes.set_yticks(range(len(shares)), list(shares))
    axes.grid(axis="y", linewidth=0.3)
    axes.set_xlabel("measured / limit, a point for each subject; beyond 1 is over the limit")
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
    figure.legend(*all_axes[0, 0].get_legend_handles_labels(), fontsize=7, ncols=7, loc="outside upper center")
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    plan = json.load(sys.stdin)
    _gates(plan["gates"], folder / "gates.png")
    if plan["rivals"]:
        _rivals(plan, folder / "contenders.png")
    print("null")
