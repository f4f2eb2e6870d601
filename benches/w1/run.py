"""The benchmark as one command: `python3 benches/w1/run.py [--rows N] [--quick]`, from the project's root.

Makes the data and an environment for the peers (under target/w1), builds pol and the hand-written program, runs
all of them on the same records, makes sure that every sum of every result agrees, and prints the table.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "benches" / "w1"
WORK = ROOT / "target" / "w1"
PYTHON = WORK / "venv" / "bin" / "python"
PEERS = ["duckdb", "polars", "datafusion"]
# What pol calls the columns that the peers call so.
NAMES = {
    "si_relief": "insurance_relief.si_relief", "job": "job_subsidy.amount", "production": "production_subsidy.amount",
    "pig": "pig_loan_subsidy.amount", "premium": "premium_support.amount", "guarantee": "guarantee_waiver.amount",
    "loss_carry": "loss_carry.until", "large": "size_class.large", "medium": "size_class.medium",
    "small": "size_class.small",
}


def call(*command, **options):
    return subprocess.run([str(part) for part in command], check=True, cwd=ROOT, **options)


def lines(*command, env=None):
    """The JSON lines that a program prints."""
    done = call(*command, stdout=subprocess.PIPE, text=True, env=env)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def prepare(rows):
    WORK.mkdir(parents=True, exist_ok=True)
    if not PYTHON.exists():
        call(sys.executable, "-m", "venv", WORK / "venv")
        call(PYTHON, "-m", "pip", "install", "--quiet", "-r", HERE / "requirements.txt")
    data, nulls, raw = WORK / f"{rows}.parquet", WORK / f"{rows}-nulls.parquet", WORK / f"{rows}-raw"
    if not data.exists():
        call(PYTHON, HERE / "generate.py", rows, data, "--raw", raw)
    if not nulls.exists():
        call(PYTHON, HERE / "generate.py", rows, nulls, "--nulls")
    csv = WORK / f"{rows}.csv"
    if not csv.exists():
        text = "import sys, pyarrow.parquet as p, pyarrow.csv as c; c.write_csv(p.read_table(sys.argv[1]), sys.argv[2])"
        call(PYTHON, "-c", text, data, csv)
    native = WORK / "native"
    call("rustc", "--edition", "2024", "-O", "-C", "target-cpu=native", HERE / "native.rs", "-o", native)
    call("cargo", "build", "--release", "--quiet")
    call("cargo", "bench", "--bench", "w1", "--no-run", "--quiet")
    return data, nulls, csv, raw, native


def timed(name, mode, threads, rows, *command):
    """A whole process: its time and its peak memory."""
    script = (
        "import json,resource,subprocess,sys,time\n"
        "start=time.perf_counter(); subprocess.run(sys.argv[1:],check=True)\n"
        "seconds=time.perf_counter()-start\n"
        "memory=resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss//1024\n"
        "print(json.dumps({'seconds':seconds,'memory':memory}))"
    )
    best = None
    for _ in range(2):
        own = lines(sys.executable, "-c", script, *command)[0]
        best = own if best is None or own["seconds"] < best["seconds"] else best
    return {"peer": name, "mode": mode, "threads": threads, "rows": rows, **best}


def measure(rows, data, nulls, csv, raw, native, peers):
    results = lines(native, raw, rows)
    results += lines("cargo", "bench", "--quiet", "--bench", "w1", "--", data, nulls)
    results += lines(native, raw, rows)
    pol = ROOT / "target" / "release" / "pol"
    for mode, source in [("E parquet", data), ("E csv", csv)]:
        for threads in (1, 2):
            out = WORK / "answers.parquet"
            results.append(timed("pol", mode, threads, rows, pol, "eval", HERE, "--as-of", "2020-03-31", "--input",
                                 source, "--output", out, "--threads", threads, "--quiet"))
        for peer in peers:
            own = lines(PYTHON, HERE / "peers.py", peer, "E", source, WORK / f"{peer}.parquet", 2)
            results += [{**line, "mode": mode} for line in own]
            own = lines(PYTHON, HERE / "peers.py", peer, "A", source, WORK / f"{peer}.parquet", 2)
            results += [{**line, "mode": f"{mode}, amounts only"} for line in own]
        results.append(timed("pol", f"{mode}, amounts only", 2, rows, pol, "eval", HERE, "--as-of", "2020-03-31",
                             "--input", source, "--output", WORK / "amounts.parquet", "--threads", 2, "--no-reasons",
                             "--quiet"))
    results += lines("cargo", "bench", "--quiet", "--bench", "w1", "--", "--baseline", data, WORK / "answers.parquet")
    for peer in peers:
        results += [{**line, "mode": "K memory"} for line in lines(PYTHON, HERE / "peers.py", peer, "K", data, "-", 2)]
    return results


def check(results):
    """Every sum of every result is the same wherever it is told."""
    known = {}
    for result in results:
        if "nulls" in result["mode"]:
            continue
        for name, value in result.get("sums", {}).items():
            known.setdefault(name, {}).setdefault(value, []).append(result["peer"])
    for name, own in NAMES.items():
        for value, peers in known.get(own, {}).items():
            known.setdefault(name, {}).setdefault(value, []).extend(peers)
    for name in list(NAMES) + ["total"]:
        values = known.get(name, {})
        if len(values) != 1:
            sys.exit(f"{name} differs: {values}")
    print(f"sums of {len(NAMES) + 1} results agree across {sorted(set(sum((p for v in known.values() for p in v.values()), [])))}")


def table(results):
    best = {}
    for result in results:
        key = (result["mode"], result["threads"], result["peer"])
        if key not in best or result["seconds"] / result["rows"] < best[key]["seconds"] / best[key]["rows"]:
            best[key] = result
    print(f"{'measured':<38} {'threads':>7} {'who':<11} {'seconds':>9} {'rows/s':>13} {'MB':>6} {'pol is':>8}")
    for (mode, threads, peer), result in sorted(best.items()):
        rate = result["rows"] / result["seconds"]
        own = best.get((mode, threads, "pol"))
        ratio = own["rows"] / own["seconds"] / rate if own else None
        print(f"{mode:<38} {threads:>7} {peer:<11} {result['seconds']:>9.3f} {rate:>13,.0f} "
              f"{result.get('memory', ''):>6} {f'{ratio:.2f} x' if ratio else '':>8}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--quick", action="store_true", help="100,000 rows, and only DuckDB beside pol")
    arguments = parser.parse_args()
    rows = 100_000 if arguments.quick else arguments.rows
    paths = prepare(rows)
    results = measure(rows, *paths, PEERS[:1] if arguments.quick else PEERS)
    check(results)
    table(results)
    (WORK / "results.json").write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
