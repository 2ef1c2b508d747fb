#!/usr/bin/env python3
"""One table of the README from `coppice sweep report --json`: schedules by sparsity, and where two change places.

    Tests/Benchmarks/sweep_table.py REPORT.json…
"""
import json
import sys

from measure import table

SHOWN = ["one-shot", "constant", "geometric", "hybrid"]


def percent(value):
    return f"{100 * value:.2f}"


def main():
    for path in sys.argv[1:]:
        with open(path) as file:
            report = json.load(file)
        rows = []
        for ratio in report["plan"]["ratios"]:
            at = {row["schedule"]: row for row in report["rows"] if row["ratio"] == ratio}
            if any(at.get(name, {"result": {"n": 0}})["result"]["n"] < report["plan"]["seeds"] for name in SHOWN):
                continue  # not finished yet
            best = max(at[name]["result"]["mean"] for name in SHOWN)
            cells = [f"{100 * ratio:g} %", percent(at[None]["result"]["mean"])]
            for name in SHOWN:
                result = at[name]["result"]
                mean = percent(result["mean"])
                cells.append((f"**{mean}**" if result["mean"] == best else mean)
                             + f" ± {percent(result['half_width_95'])}")
            steps = "/".join(str(at[name]["steps"]) for name in SHOWN)
            rows.append(cells + [steps])
        dense = report["dense"]
        print(f"{report['plan']['study'].split()[0]}, dense {percent(dense)} %\n")
        table(["sparsity", "untrained", *SHOWN, "steps"], rows)
        for pair in report["crossovers"]:
            places = [f"{100 * at['ratio']:.1f} %" for at in pair["at"]]
            if places:
                print(f"{pair['first']} and {pair['second']} change places at {', '.join(places)}.")
        print()


if __name__ == "__main__":
    main()
