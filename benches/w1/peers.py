"""The benchmark's rules in DuckDB, Polars and DataFusion.

`peers.py PEER MODE INPUT OUTPUT THREADS` runs one measurement and prints a JSON line. MODE is `K` (columns in
memory to amounts and a number of reasons in memory), `A` (the same from a Parquet or CSV file to a Parquet file) or
`E` (with the words that pol writes as well: for each measure its status, its branch and the names of the conditions
that failed). Money is whole fen throughout; halves are rounded away from zero.
"""

import json
import os
import resource
import sys
import time

PEER, MODE, INPUT, OUTPUT, THREADS = sys.argv[1:6]
os.environ["POLARS_MAX_THREADS"] = THREADS
WAN = 1_000_000

# Lower bounds of large, medium and small: employees, revenue and assets in 万元.
SIZES = {
    "agriculture": (None, (20000, 500, 50), None),
    "industry": ((1000, 300, 20), (40000, 2000, 300), None),
    "construction": (None, (80000, 6000, 300), (80000, 5000, 300)),
    "wholesale": ((200, 20, 5), (40000, 5000, 1000), None),
    "retail": ((300, 50, 10), (20000, 500, 100), None),
    "transport": ((1000, 300, 20), (30000, 3000, 200), None),
    "storage": ((200, 100, 20), (30000, 1000, 100), None),
    "post": ((1000, 300, 20), (30000, 2000, 100), None),
    "lodging": ((300, 100, 10), (10000, 2000, 100), None),
    "catering": ((300, 100, 10), (10000, 2000, 100), None),
    "telecom": ((2000, 100, 10), (100000, 1000, 100), None),
    "software": ((300, 100, 10), (10000, 1000, 50), None),
    "real_estate": (None, (200000, 1000, 100), (10000, 5000, 2000)),
    "leasing": ((300, 100, 10), None, (120000, 8000, 100)),
    "other": ((300, 100, 10), None, None),
}


def class_test(level):
    """A class's bounds as one SQL condition over all industries, by their least values."""
    arms = []
    for industry, (employees, revenue, assets) in SIZES.items():
        parts = []
        if employees:
            parts.append(f"employees >= {employees[level]}")
        if revenue:
            parts.append(f"revenue >= {revenue[level] * WAN}")
        if assets:
            parts.append(f"assets >= {assets[level] * WAN}")
        arms.append(f"when '{industry}' then {' and '.join(parts)}")
    return f"case industry {' '.join(arms)} end"


# For each measure the conditions that it requires, by name.
MEASURES = {
    "size_class": {},
    "insurance_relief": {"enterprise": "unit_kind = 'enterprise'"},
    "job_subsidy": {
        "enterprise": "unit_kind = 'enterprise'", "not_before": "resumed_on >= date '2020-02-10'",
        "in_time": "resumed_on < date '2020-03-10'", "long": "contract_months >= 12", "insured": "insured",
    },
    "production_subsidy": {"poverty_leader": "poverty_leader", "distressed": "distressed"},
    "pig_loan_subsidy": {"farming": "industry = 'agriculture'", "large": "pigs_out >= 500"},
    "premium_support": {},
    "guarantee_waiver": {},
    "loss_carry": {},
}
# And the alternatives of those that have some.
BRANCHES = {
    "size_class": "size",
    "insurance_relief": "case when unit_kind = 'enterprise' then case when size = 'large' then 'large' else 'small' end end",
    "premium_support": "case when market in ('emerging', 'belt_road') then 'new_market' else 'usual' end",
    "loss_carry": "case when tax_loss_year = 2020 and distressed then 'long' else 'usual' end",
}


def words():
    """The statuses, branches and names of failed conditions as columns of SQL."""
    columns = []
    for measure, tests in MEASURES.items():
        granted = f"case when {' and '.join(tests.values())} then 'granted' else 'refused' end" if tests else "'granted'"
        failed = ", ".join(f"case when not ({test}) then '{name}' end" for name, test in tests.items())
        columns.append(f"{granted} as {measure}_status")
        columns.append(f"nullif(concat_ws(';', {failed}), '') as {measure}_failed" if tests else
                       f"cast(null as varchar) as {measure}_failed")
        columns.append(f"cast(null as varchar) as {measure}_missing")
    columns += [f"{branch} as {measure}_branch" for measure, branch in BRANCHES.items()]
    return ", ".join(columns)


def query(source, div):
    """The whole workload as SQL; `div` is integer division."""
    named = f", {words()}" if MODE == "E" else ""
    half = lambda x: f"(case when {x} < 0 then -((1 - {x}) {div} 2) else ({x} + 1) {div} 2 end)"
    return f"""
with sized as (
  select *, case when {class_test(0)} then 'large' when {class_test(1)} then 'medium'
                 when {class_test(2)} then 'small' else 'micro' end as size
  from {source}),
insured as (
  select *, case when unit_kind <> 'enterprise' then 0 when size = 'large' then 3 else 5 end as si_months,
         pension_due + injury_due + unemployment_due as due
  from sized),
amounts as (
  select id, size, si_months,
    case when size = 'large' then {half('(due * si_months)')} else due * si_months end as si_relief,
    case when unit_kind = 'enterprise' and resumed_on >= date '2020-02-10' and resumed_on < date '2020-03-10'
              and contract_months >= 12 and insured then cast(new_hires as bigint) * 100000 else 0 end as job,
    case when poverty_leader and distressed then least(requested_subsidy, {50 * WAN}) else 0 end as production,
    case when industry = 'agriculture' and pigs_out >= 500 then {half('loan_interest')} else 0 end as pig,
    (export_premium * case when market in ('emerging', 'belt_road') then 5 else 3 end + 5) {div} 10 as premium,
    {half('guarantee_fee')} as guarantee,
    tax_loss_year + case when tax_loss_year = 2020 and distressed then 8 else 5 end as loss_carry,
    cast(unit_kind = 'enterprise' as int) + 2 * cast(size <> 'large' as int)
      + 4 * cast(resumed_on >= date '2020-02-10' as int) + 8 * cast(resumed_on < date '2020-03-10' as int)
      + 16 * cast(contract_months >= 12 as int) + 32 * cast(insured as int) + 64 * cast(poverty_leader as int)
      + 128 * cast(distressed as int) + 256 * cast(industry = 'agriculture' as int)
      + 512 * cast(pigs_out >= 500 as int) + 1024 * cast(market in ('emerging', 'belt_road') as int)
      + 2048 * cast(tax_loss_year = 2020 as int) as reasons{named}
  from insured)
select *, si_relief + job + production + pig + premium + guarantee as total from amounts"""


SUMS = {name: f"sum({name})" for name in
        ["si_relief", "job", "production", "pig", "premium", "guarantee", "loss_carry", "total", "reasons"]}
for size in ("large", "medium", "small"):
    SUMS[size] = f"sum(case when size = '{size}' then 1 else 0 end)"
SUMS_SQL = "select " + ", ".join(f"{sql} as {name}" for name, sql in SUMS.items())


def duckdb_run():
    import duckdb
    import pyarrow.parquet as pq
    connection = duckdb.connect()
    connection.execute(f"set threads={THREADS}")
    if MODE != "K":
        source = f"read_csv('{INPUT}')" if INPUT.endswith(".csv") else f"'{INPUT}'"
        start = time.perf_counter()
        connection.execute(f"copy ({query(source, '//')}) to '{OUTPUT}' (format parquet, compression snappy)")
        seconds = time.perf_counter() - start
        rows = connection.execute(f"select count(*) from '{OUTPUT}'").fetchone()[0]
        sums = connection.execute(f"{SUMS_SQL} from '{OUTPUT}'").fetchone()
        return rows, seconds, sums
    connection.execute(f"create table enterprises as select * from '{INPUT}'")
    seconds = best(lambda: connection.execute(f"create or replace table results as {query('enterprises', '//')}"))
    rows = connection.execute("select count(*) from results").fetchone()[0]
    return rows, seconds, connection.execute(f"{SUMS_SQL} from results").fetchone()


def datafusion_run():
    import datafusion
    config = datafusion.SessionConfig().with_target_partitions(int(THREADS))
    context = datafusion.SessionContext(config)
    if INPUT.endswith(".csv"):
        context.register_csv("enterprises", INPUT)
    else:
        context.register_parquet("enterprises", INPUT)
    if MODE != "K":
        start = time.perf_counter()
        context.sql(query("enterprises", "/")).write_parquet(OUTPUT, compression="snappy")
        seconds = time.perf_counter() - start
        context.register_parquet("results", OUTPUT)
        return summed(context, seconds)
    batches = context.table("enterprises").collect()
    context.deregister_table("enterprises")
    context.register_record_batches("enterprises", [batches])
    results = []

    def run():
        results[:] = context.sql(query("enterprises", "/")).collect()

    seconds = best(run)
    context.register_record_batches("results", [results])
    return summed(context, seconds)


def summed(context, seconds):
    rows = context.sql("select count(*) as n from results").to_pylist()[0]["n"]
    return rows, seconds, list(context.sql(f"{SUMS_SQL} from results").to_pylist()[0].values())


def polars_run():
    import polars as pl
    scan = pl.scan_csv(INPUT, try_parse_dates=True) if INPUT.endswith(".csv") else pl.scan_parquet(INPUT)
    if MODE != "K":
        start = time.perf_counter()
        polars_query(pl, scan).sink_parquet(OUTPUT, compression="snappy")
        seconds = time.perf_counter() - start
        results = pl.scan_parquet(OUTPUT).collect()
    else:
        frame = scan.collect().lazy()
        kept = []

        def run():
            kept[:] = [polars_query(pl, frame).collect()]

        seconds = best(run)
        results = kept[0]
    own = [results[name].sum() for name in SUMS if name in results.columns]
    own += [int((results["size"].cast(pl.String) == size).sum()) for size in ("large", "medium", "small")]
    return len(results), seconds, own


def polars_query(pl, frame):
    column = pl.col
    industry = column("industry").cast(pl.String)
    kind, market = column("unit_kind").cast(pl.String), column("market").cast(pl.String)

    def level(at):
        def bound(part, unit, name):
            values = {key: (row[part][at] * unit if row[part] else None) for key, row in SIZES.items()}
            least = industry.replace_strict(values, return_dtype=pl.Int64)
            return least.is_null() | (column(name) >= least)
        return bound(0, 1, "employees") & bound(1, WAN, "revenue") & bound(2, WAN, "assets")

    def half(x):
        return pl.when(x < 0).then(-((1 - x) // 2)).otherwise((x + 1) // 2)

    size = pl.when(level(0)).then(pl.lit("large")).when(level(1)).then(pl.lit("medium"))
    size = size.when(level(2)).then(pl.lit("small")).otherwise(pl.lit("micro"))
    enterprise, large = kind == "enterprise", column("size") == "large"
    day = lambda month, d: pl.date(2020, month, d)
    hired = enterprise & (column("resumed_on") >= day(2, 10)) & (column("resumed_on") < day(3, 10))
    hired = hired & (column("contract_months") >= 12) & column("insured")
    new_market = market.is_in(["emerging", "belt_road"])
    due = (column("pension_due") + column("injury_due") + column("unemployment_due")) * column("si_months")
    long = (column("tax_loss_year") == 2020) & column("distressed")
    tests = [enterprise, ~large, column("resumed_on") >= day(2, 10), column("resumed_on") < day(3, 10),
             column("contract_months") >= 12, column("insured"), column("poverty_leader"), column("distressed"),
             industry == "agriculture", column("pigs_out") >= 500, new_market, column("tax_loss_year") == 2020]
    reasons = sum((test.cast(pl.UInt32) * (1 << at) for at, test in enumerate(tests[1:], 1)), tests[0].cast(pl.UInt32))
    zero = pl.lit(0, pl.Int64)
    frame = frame.with_columns(size=size)
    months = pl.when(~enterprise).then(0).when(large).then(3).otherwise(5).cast(pl.Int64)
    frame = frame.with_columns(si_months=months)
    named = polars_words(pl, tests, large, new_market, long) if MODE == "E" else {}
    frame = frame.select(
        "id", "size", "si_months", **named,
        si_relief=pl.when(large).then(half(due)).otherwise(due),
        job=pl.when(hired).then(column("new_hires").cast(pl.Int64) * 100_000).otherwise(zero),
        production=pl.when(column("poverty_leader") & column("distressed"))
        .then(pl.min_horizontal(column("requested_subsidy"), pl.lit(50 * WAN))).otherwise(zero),
        pig=pl.when((industry == "agriculture") & (column("pigs_out") >= 500))
        .then(half(column("loan_interest"))).otherwise(zero),
        premium=(column("export_premium") * pl.when(new_market).then(5).otherwise(3) + 5) // 10,
        guarantee=half(column("guarantee_fee")),
        loss_carry=(column("tax_loss_year") + pl.when(long).then(8).otherwise(5)).cast(pl.Int64),
        reasons=reasons.cast(pl.Int64),
    )
    amounts = ["si_relief", "job", "production", "pig", "premium", "guarantee"]
    return frame.with_columns(total=sum((column(name) for name in amounts[1:]), column(amounts[0])))


def polars_words(pl, tests, large, new_market, long):
    """As [words] has them; `tests` are the twelve conditions, in the order of their bits."""
    enterprise, _, after, before, months, insured, poverty, distressed, farming, pigs, _, _ = tests
    required = {
        "size_class": {}, "insurance_relief": {"enterprise": enterprise},
        "job_subsidy": {"enterprise": enterprise, "not_before": after, "in_time": before, "long": months,
                        "insured": insured},
        "production_subsidy": {"poverty_leader": poverty, "distressed": distressed},
        "pig_loan_subsidy": {"farming": farming, "large": pigs},
        "premium_support": {}, "guarantee_waiver": {}, "loss_carry": {},
    }
    nothing = pl.lit(None, pl.String)
    named = {}
    for measure, own in required.items():
        failed = [pl.when(~test).then(pl.lit(name)) for name, test in own.items()]
        joined = pl.concat_str(failed, separator=";", ignore_nulls=True) if own else nothing
        named[f"{measure}_failed"] = pl.when(joined != "").then(joined)
        held = pl.all_horizontal(*own.values()) if own else pl.lit(True)
        named[f"{measure}_status"] = pl.when(held).then(pl.lit("granted")).otherwise(pl.lit("refused"))
        named[f"{measure}_missing"] = nothing
    one_of = lambda test, yes, no: pl.when(test).then(pl.lit(yes)).otherwise(pl.lit(no))
    named["size_class_branch"] = pl.col("size")
    named["insurance_relief_branch"] = pl.when(enterprise).then(one_of(large, "large", "small"))
    named["premium_support_branch"] = one_of(new_market, "new_market", "usual")
    named["loss_carry_branch"] = one_of(long, "long", "usual")
    return named


def best(run, runs=3):
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def main():
    rows, seconds, sums = {"duckdb": duckdb_run, "datafusion": datafusion_run, "polars": polars_run}[PEER]()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    names = list(SUMS)
    print(json.dumps({
        "peer": PEER, "mode": MODE, "threads": int(THREADS), "rows": rows, "seconds": seconds, "memory": memory,
        "sums": {name: int(value) for name, value in zip(names, sums)},
    }))


if __name__ == "__main__":
    main()
