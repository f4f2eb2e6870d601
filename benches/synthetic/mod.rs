//! Synthetic policy sets of any size.

use std::fmt::Write as _;
use std::path::Path;

/// Files of a set.
const FILES: usize = 20;

/// A set of measures that look like those of a real decree: conditions, alternatives, params, a case each.
pub fn synthetic(folder: &Path, measures: usize) {
    let write =
        |name: &str, text: &str| std::fs::write(folder.join(name), text).expect("a file can be written");
    write("pol.toml", "name = \"synthetic\"\nlanguage = \"en\"\n");
    let articles: String =
        (1..=measures).map(|at| format!("{at}.Firms of kind {at} that hired get {at}元 a head.\n")).collect();
    write("source.txt", &articles);
    write(
        "records.pol",
        "policy synthetic { issued 2020-02-29  source doc = \"source.txt\"  rounding half_up to 1分  dates round down }\n\
         enum Kind { enterprise, institution, government }\n\
         record Firm { key id: text  kind: Kind  employees: count 人 in 0人..2_000_000人  revenue: money\n\
         due: money  resumed: date  term: months  insured: bool }\n",
    );
    for file in 0..FILES {
        let mut text = String::from("use records.*\n");
        for at in (1..=measures).filter(|at| at % FILES == file) {
            write_measure(&mut text, at);
        }
        write(&format!("part_{file}.pol"), &text);
    }
}

fn write_measure(text: &mut String, at: usize) {
    write!(
        text,
        r#"
param amount_{at} "amount {at}" = {at}元/人 {{ cite doc art {at} "get {at}元 a head" }}

/// Measure {at} of the synthetic decree.
measure relief_{at} "relief {at}" for Firm {{
  cite doc art {at} "Firms of kind {at} that hired"
  let base = due * 50% + revenue * 1‰
  require {{
    resumed "resumed in time": resumed in 2020-02-10 ..< 2020-02-10 + 1 month
    insured
    term    "term": term >= 1 year or employees > {at}人
  }}
  except public_body "public body": kind in {{government}}
  one of {{
    small "small": employees < {limit}人 and revenue <= 500万元 => pay grant = amount_{at} * employees at most 50万元
    large "large": employees >= {limit}人 or revenue > 500万元 => {{ pay grant = base * 30%, defer months = 6个月 }}
  }}
}}

case "relief {at} is given" for relief_{at} {{
  given {{ kind: enterprise, employees: 10人, revenue: 1万元, due: 100元, resumed: 2020-02-20, insured: true, term: 24个月 }}
  expect granted small {{ grant: {grant}元 }}
}}
"#,
        limit = at % 500 + 20,
        grant = (at * 10).min(500_000),
    )
    .expect("a string takes all that is written");
}
