//! The benchmark's rules by hand: chunks that stay in the cache, one plain loop for each condition and measure,
//! so that the compiler vectorises them for this processor.
//!
//! `rustc -O -C target-cpu=native native.rs`, then `native FOLDER ROWS`: the columns as plain arrays. Prints one
//! JSON line for each measurement.

use std::fs;
use std::time::Instant;

const CHUNK: usize = 2048;
const WAN: i64 = 1_000_000;
const NONE: i64 = i64::MIN;

/// Lower bounds of large, medium and small by industry: employees, revenue and assets.
struct Bounds {
    employees: [[i32; 16]; 3],
    revenue: [[i64; 16]; 3],
    assets: [[i64; 16]; 3],
}

fn bounds() -> Bounds {
    let x = |large, medium, small| Some([large, medium, small]);
    type Row = (Option<[i64; 3]>, Option<[i64; 3]>, Option<[i64; 3]>);
    let rows: [Row; 15] = [
        (None, x(20000, 500, 50), None),
        (x(1000, 300, 20), x(40000, 2000, 300), None),
        (None, x(80000, 6000, 300), x(80000, 5000, 300)),
        (x(200, 20, 5), x(40000, 5000, 1000), None),
        (x(300, 50, 10), x(20000, 500, 100), None),
        (x(1000, 300, 20), x(30000, 3000, 200), None),
        (x(200, 100, 20), x(30000, 1000, 100), None),
        (x(1000, 300, 20), x(30000, 2000, 100), None),
        (x(300, 100, 10), x(10000, 2000, 100), None),
        (x(300, 100, 10), x(10000, 2000, 100), None),
        (x(2000, 100, 10), x(100000, 1000, 100), None),
        (x(300, 100, 10), x(10000, 1000, 50), None),
        (None, x(200000, 1000, 100), x(10000, 5000, 2000)),
        (x(300, 100, 10), None, x(120000, 8000, 100)),
        (x(300, 100, 10), None, None),
    ];
    let mut bounds = Bounds { employees: [[i32::MIN; 16]; 3], revenue: [[NONE; 16]; 3], assets: [[NONE; 16]; 3] };
    for (industry, (employees, revenue, assets)) in rows.into_iter().enumerate() {
        for class in 0..3 {
            if let Some(list) = employees {
                bounds.employees[class][industry] = list[class] as i32;
            }
            if let Some(list) = revenue {
                bounds.revenue[class][industry] = list[class] * WAN;
            }
            if let Some(list) = assets {
                bounds.assets[class][industry] = list[class] * WAN;
            }
        }
    }
    bounds
}

macro_rules! columns {
    ($name:ident { $($field:ident: $ty:ty),* $(,)? }) => {
        #[derive(Default)]
        struct $name { $($field: Vec<$ty>),* }
    };
}

columns!(Input {
    industry: u8, unit_kind: u8, employees: i32, revenue: i64, assets: i64, pension_due: i64, injury_due: i64,
    unemployment_due: i64, new_hires: i32, resumed_on: i32, contract_months: i32, insured: u8, poverty_leader: u8,
    distressed: u8, requested_subsidy: i64, pigs_out: i32, loan_interest: i64, market: u8, export_premium: i64,
    guarantee_fee: i64, tax_loss_year: i32,
});

columns!(Output {
    size: u8, si_months: u8, si_relief: i64, job: i64, production: i64, pig: i64, premium: i64, guarantee: i64,
    loss_carry: i32, total: i64, reasons: u32,
});

impl Output {
    fn new(rows: usize) -> Output {
        Output {
            size: vec![0; rows], si_months: vec![0; rows], si_relief: vec![0; rows], job: vec![0; rows],
            production: vec![0; rows], pig: vec![0; rows], premium: vec![0; rows], guarantee: vec![0; rows],
            loss_carry: vec![0; rows], total: vec![0; rows], reasons: vec![0; rows],
        }
    }
}

/// Half a number, halves away from zero.
fn half(number: i64) -> i64 {
    (number + 1 - i64::from(number < 0)) >> 1
}

fn chunk(bounds: &Bounds, input: &Input, from: usize, output: &mut Output, to: usize, rows: usize) {
    macro_rules! views {
        ($($name:ident)*) => { $(let $name = &input.$name[from..from + rows];)* };
    }
    macro_rules! results {
        ($($name:ident)*) => { $(let $name = &mut output.$name[to..to + rows];)* };
    }
    views! { industry unit_kind employees revenue assets pension_due injury_due unemployment_due new_hires resumed_on
        contract_months insured poverty_leader distressed requested_subsidy pigs_out loan_interest market
        export_premium guarantee_fee tax_loss_year }
    results! { size si_months si_relief job production pig premium guarantee loss_carry total reasons }
    let mut class = [3u8; CHUNK];
    for level in (0..3).rev() {
        let (x, y, z) = (&bounds.employees[level], &bounds.revenue[level], &bounds.assets[level]);
        for row in 0..rows {
            let own = usize::from(industry[row] & 15);
            let met = (employees[row] >= x[own]) & (revenue[row] >= y[own]) & (assets[row] >= z[own]);
            class[row] = if met { level as u8 } else { class[row] };
        }
    }
    size.copy_from_slice(&class[..rows]);
    for row in 0..rows {
        let months = if size[row] == 0 { 3 } else { 5 };
        si_months[row] = if unit_kind[row] == 0 { months } else { 0 };
    }
    for row in 0..rows {
        let due = (pension_due[row] + injury_due[row] + unemployment_due[row]) * i64::from(si_months[row]);
        si_relief[row] = if size[row] == 0 { half(due) } else { due };
    }
    for row in 0..rows {
        let given = (unit_kind[row] == 0) & (resumed_on[row] >= 18302) & (resumed_on[row] < 18331)
            & (contract_months[row] >= 12) & (insured[row] != 0);
        job[row] = if given { i64::from(new_hires[row]) * 100_000 } else { 0 };
    }
    for row in 0..rows {
        let given = (poverty_leader[row] != 0) & (distressed[row] != 0);
        production[row] = if given { requested_subsidy[row].min(50 * WAN) } else { 0 };
    }
    for row in 0..rows {
        let given = (industry[row] == 0) & (pigs_out[row] >= 500);
        pig[row] = if given { half(loan_interest[row]) } else { 0 };
    }
    for row in 0..rows {
        let tenths = if market[row] < 2 { 5 } else { 3 };
        premium[row] = ((export_premium[row] * tenths + 5) as u64 / 10) as i64;
    }
    for row in 0..rows {
        guarantee[row] = half(guarantee_fee[row]);
    }
    for row in 0..rows {
        let long = (tax_loss_year[row] == 2020) & (distressed[row] != 0);
        loss_carry[row] = tax_loss_year[row] + if long { 8 } else { 5 };
    }
    for row in 0..rows {
        total[row] = si_relief[row] + job[row] + production[row] + pig[row] + premium[row] + guarantee[row];
    }
    for row in 0..rows {
        let bit = |truth: bool, at: u32| u32::from(truth) << at;
        reasons[row] = bit(unit_kind[row] == 0, 0) | bit(size[row] != 0, 1) | bit(resumed_on[row] >= 18302, 2)
            | bit(resumed_on[row] < 18331, 3) | bit(contract_months[row] >= 12, 4) | bit(insured[row] != 0, 5)
            | bit(poverty_leader[row] != 0, 6) | bit(distressed[row] != 0, 7) | bit(industry[row] == 0, 8)
            | bit(pigs_out[row] >= 500, 9) | bit(market[row] < 2, 10) | bit(tax_loss_year[row] == 2020, 11);
    }
}

fn bytes(folder: &str, name: &str, rows: usize, width: usize) -> Vec<u8> {
    let mut bytes = fs::read(format!("{folder}/{name}")).expect("a column can be read");
    bytes.truncate(rows * width);
    bytes
}

fn ints64(folder: &str, name: &str, rows: usize) -> Vec<i64> {
    bytes(folder, name, rows, 8).chunks_exact(8).map(|b| i64::from_le_bytes(b.try_into().unwrap())).collect()
}

fn ints32(folder: &str, name: &str, rows: usize) -> Vec<i32> {
    bytes(folder, name, rows, 4).chunks_exact(4).map(|b| i32::from_le_bytes(b.try_into().unwrap())).collect()
}

fn read(folder: &str, rows: usize) -> Input {
    let (b, w, n) = (
        |name| bytes(folder, name, rows, 1),
        |name| ints64(folder, name, rows),
        |name| ints32(folder, name, rows),
    );
    Input {
        industry: b("industry"), unit_kind: b("unit_kind"), employees: n("employees"), revenue: w("revenue"),
        assets: w("assets"), pension_due: w("pension_due"), injury_due: w("injury_due"),
        unemployment_due: w("unemployment_due"), new_hires: n("new_hires"), resumed_on: n("resumed_on"),
        contract_months: n("contract_months"), insured: b("insured"), poverty_leader: b("poverty_leader"),
        distressed: b("distressed"), requested_subsidy: w("requested_subsidy"), pigs_out: n("pigs_out"),
        loan_interest: w("loan_interest"), market: b("market"), export_premium: w("export_premium"),
        guarantee_fee: w("guarantee_fee"), tax_loss_year: n("tax_loss_year"),
    }
}

fn sums(output: &Output) -> String {
    let wide = |column: &[i64]| column.iter().map(|value| i128::from(*value)).sum::<i128>();
    let count = |class: u8| output.size.iter().filter(|size| **size == class).count();
    format!(
        "{{\"large\":{},\"medium\":{},\"small\":{},\"si_relief\":{},\"job\":{},\"production\":{},\"pig\":{},\"premium\":{},\"guarantee\":{},\"loss_carry\":{},\"total\":{}}}",
        count(0), count(1), count(2), wide(&output.si_relief), wide(&output.job), wide(&output.production),
        wide(&output.pig), wide(&output.premium), wide(&output.guarantee),
        output.loss_carry.iter().map(|value| i64::from(*value)).sum::<i64>(), wide(&output.total),
    )
}

/// The best of several runs, in seconds.
fn best(mut run: impl FnMut()) -> f64 {
    (0..7).map(|_| { let start = Instant::now(); run(); start.elapsed().as_secs_f64() }).fold(f64::MAX, f64::min)
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (folder, rows) = (arguments.next().expect("a folder"), arguments.next().expect("rows"));
    let rows: usize = rows.parse().expect("a number of rows");
    let (bounds, input) = (bounds(), read(&folder, rows));
    let mut output = Output::new(rows);
    let all = |output: &mut Output| {
        (0..rows).step_by(CHUNK).for_each(|at| chunk(&bounds, &input, at, output, at, CHUNK.min(rows - at)));
    };
    let seconds = best(|| all(&mut output));
    println!("{{\"peer\":\"native\",\"mode\":\"K memory\",\"threads\":1,\"rows\":{rows},\"seconds\":{seconds},\"sums\":{}}}", sums(&output));
    let mut small = Output::new(4096);
    let rounds = (rows / 4096).max(1);
    let seconds = best(|| {
        for _ in 0..rounds {
            for at in (0..4096).step_by(CHUNK) {
                chunk(&bounds, &input, at, &mut small, at, CHUNK);
            }
            std::hint::black_box(&mut small);
        }
    });
    println!("{{\"peer\":\"native\",\"mode\":\"K cache\",\"threads\":1,\"rows\":{},\"seconds\":{seconds}}}", rounds * 4096);
    let half = (rows / 2).next_multiple_of(CHUNK);
    let mut halves = [Output::new(half), Output::new(half)];
    let seconds = best(|| {
        std::thread::scope(|scope| {
            for (part, output) in halves.iter_mut().enumerate() {
                let (bounds, input) = (&bounds, &input);
                scope.spawn(move || {
                    let end = ((part + 1) * half).min(rows);
                    (part * half..end).step_by(CHUNK).for_each(|at| {
                        chunk(bounds, input, at, output, at - part * half, CHUNK.min(end - at));
                    });
                });
            }
        });
    });
    println!("{{\"peer\":\"native\",\"mode\":\"K memory\",\"threads\":2,\"rows\":{rows},\"seconds\":{seconds}}}");
}
