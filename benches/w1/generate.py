"""Synthetic enterprises of the benchmark: `generate.py ROWS OUT.parquet [--nulls] [--raw FOLDER]`.

Seeded, so that every run sees the same records. With `--nulls` 3% of the cells of every column but the key are
null. With `--raw` each column is also written as a plain array of its bytes, for the hand-written program.
"""

import os
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

INDUSTRIES = [
    "agriculture", "industry", "construction", "wholesale", "retail", "transport", "storage", "post",
    "lodging", "catering", "telecom", "software", "real_estate", "leasing", "other",
]
KINDS = ["enterprise", "government", "institution"]
MARKETS = ["emerging", "belt_road", "other"]
WAN = 10_000 * 100  # fen


def dictionary(codes, names):
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int8()), pa.array(names))


def columns(rows, seed=20200229):
    random = np.random.default_rng(seed)

    def log_normal(median, spread):
        return np.exp(random.normal(np.log(median), spread, rows))

    def day(text):
        return np.datetime64(text, "D").astype(int)

    employees = np.clip(log_normal(15, 1.6), 0, 200_000).astype(np.int32)
    wages = employees.astype(np.int64)
    return {
        "id": np.arange(rows, dtype=np.int64),
        "industry": random.integers(0, 15, rows).astype(np.int8),
        "unit_kind": random.choice(3, rows, p=[0.94, 0.02, 0.04]).astype(np.int8),
        "employees": employees,
        "revenue": np.clip(log_normal(300, 2.0) * WAN, 0, 1e15).astype(np.int64),
        "assets": np.clip(log_normal(400, 2.0) * WAN, 0, 1e15).astype(np.int64),
        "pension_due": (wages * 80_000 * random.uniform(0.7, 1.3, rows)).astype(np.int64),
        "injury_due": (wages * 2_000 * random.uniform(0.7, 1.3, rows)).astype(np.int64),
        "unemployment_due": (wages * 3_500 * random.uniform(0.7, 1.3, rows)).astype(np.int64),
        "new_hires": random.poisson(1.2, rows).astype(np.int32),
        "resumed_on": random.integers(day("2020-01-25"), day("2020-05-01"), rows).astype(np.int32),
        "contract_months": random.integers(0, 49, rows).astype(np.int32),
        "insured": random.random(rows) < 0.85,
        "poverty_leader": random.random(rows) < 0.03,
        "distressed": random.random(rows) < 0.30,
        "requested_subsidy": random.integers(0, 90 * WAN, rows),
        "pigs_out": log_normal(120, 1.5).astype(np.int32),
        "loan_interest": (log_normal(20_000, 1.0) * 100).astype(np.int64),
        "market": random.choice(3, rows, p=[0.2, 0.25, 0.55]).astype(np.int8),
        "export_premium": np.where(random.random(rows) < 0.6, 0, log_normal(30_000, 1.2) * 100).astype(np.int64),
        "guarantee_fee": np.where(random.random(rows) < 0.7, 0, log_normal(8_000, 1.0) * 100).astype(np.int64),
        "tax_loss_year": random.integers(2010, 2021, rows).astype(np.int32),
    }


def table(data, nulls):
    random = np.random.default_rng(31)
    names = {"industry": INDUSTRIES, "unit_kind": KINDS, "market": MARKETS}
    out = {}
    for name, values in data.items():
        mask = random.random(len(values)) < 0.03 if nulls and name != "id" else None
        array = pa.array(values, mask=mask)
        if name == "resumed_on":
            array = array.cast(pa.date32())
        if name in names:
            array = pa.DictionaryArray.from_arrays(array, pa.array(names[name]))
        out[name] = array
    return pa.table(out)


def main():
    rows, path = int(sys.argv[1]), sys.argv[2]
    data = columns(rows)
    if "--raw" in sys.argv:
        folder = sys.argv[sys.argv.index("--raw") + 1]
        os.makedirs(folder, exist_ok=True)
        for name, values in data.items():
            values.tofile(os.path.join(folder, name))
    pq.write_table(table(data, "--nulls" in sys.argv), path, compression="zstd", row_group_size=1 << 20)


if __name__ == "__main__":
    main()
