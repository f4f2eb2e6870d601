//! Cases as examples: what is given, and what the program answers.

use std::collections::BTreeSet;

use maud::{Markup, html};

use crate::check::show::{Language, show_value};
use crate::check::typed::{Case, CaseTarget, DefineId, MeasureId, Program, RecordId};
use crate::explain::{Explainer, Explanation};
use crate::interp::{self, Aggregates, Evaluator, Inputs};
use crate::ir;
use crate::trial;
use crate::value::{Fact, Value};

use super::View;
use super::labels::capital;

/// The answers of all cases of a program.
#[derive(Debug)]
pub(super) struct Examples {
    /// By case: an answer for each record that one is expected for.
    answers: Vec<Vec<Answer>>,
}

/// What the program answers for one record of a case.
#[derive(Debug)]
pub(super) struct Answer {
    /// The position among the records of the case.
    record: usize,
    /// How it is to be coloured: `good`, `bad` or `open`.
    class: &'static str,
    text: String,
    /// Labels of benefits with what is given.
    amounts: Vec<(String, String)>,
}

impl Examples {
    /// Runs every case of a program.
    pub fn new(program: &Program, core: &ir::Program, language: Language) -> Examples {
        let explainer = Explainer::new(program);
        let runner = Runner { program, core, explainer: &explainer, language };
        let answers = program.cases.iter().map(|case| runner.answers(case)).collect();
        Examples { answers }
    }
}

/// The cases that do not come out as expected, by position; the same in every language.
pub(super) fn failing(program: &Program, core: &ir::Program) -> BTreeSet<usize> {
    let report = trial::run(program, core, trial::Options::new(Language::default()));
    let failing = report.results.iter().enumerate().filter(|(_, result)| !result.passed());
    failing.map(|(at, _)| at).collect()
}

struct Runner<'a> {
    program: &'a Program,
    core: &'a ir::Program,
    explainer: &'a Explainer<'a>,
    language: Language,
}

impl Runner<'_> {
    fn answers(&self, case: &Case) -> Vec<Answer> {
        let record = target_record(self.program, case.target);
        let plan = self.explainer.plan(record);
        let mut inputs = Inputs::new(self.core, case.as_of);
        case.set.iter().for_each(|(param, value)| inputs.set(*param, value.clone()));
        let plans = self.explainer.plans();
        let mut population = Aggregates::start(plans);
        let facts = |plan, fields: &[Option<Value>]| interp::assuming(plan, fields, &case.assumed);
        let records: Vec<Vec<Fact>> = case.records.iter().map(|given| facts(plan, &given.fields)).collect();
        records.iter().for_each(|fields| population.add(plans, plan, &inputs, fields));
        for (other, fields) in &case.others {
            let plan = self.explainer.plan(*other);
            population.add(plans, plan, &inputs, &facts(plan, fields));
        }
        let finished = population.finish(plans);
        let asked =
            case.records.iter().zip(&records).enumerate().filter(|(_, (given, _))| given.expect.is_some());
        let answer = |(at, (_, fields)): (usize, (_, &Vec<Fact>))| {
            let answer = match case.target {
                CaseTarget::Measure(id) => {
                    let explained =
                        self.explainer.explain(id, &inputs, Some(&finished), fields, self.language);
                    of_measure(&explained)
                }
                CaseTarget::Define(id) => {
                    let mut evaluator = Evaluator::new(plan, &inputs, Some(&finished), fields);
                    let name = &self.program.defines[id.index()].head.name;
                    let fact = evaluator.define(name);
                    self.of_define(id, record, fact.as_ref())
                }
            };
            Answer { record: at, ..answer }
        };
        asked.map(answer).collect()
    }

    fn of_define(&self, id: DefineId, record: RecordId, fact: Option<&Fact>) -> Answer {
        let define = &self.program.defines[id.index()];
        let (class, text) = match fact {
            Some(Fact::Known(value)) => {
                ("good", show_value(self.program, &define.body.ty, value, self.language))
            }
            Some(Fact::Missing(missing)) => {
                let inputs = &self.explainer.plan(record).inputs;
                let causes = missing.causes.iter().filter_map(|at| inputs.get(usize::from(at)));
                let names: Vec<String> = causes.map(|input| self.field_label(record, &input.name)).collect();
                let said = self.language.pick("undetermined: missing ", "待定，缺少：");
                ("open", format!("{said}{}", names.join(self.language.pick(", ", "、"))))
            }
            Some(Fact::Error(error)) => ("bad", error.to_string()),
            None => ("open", String::new()),
        };
        Answer { record: 0, class, text, amounts: Vec::new() }
    }

    fn field_label(&self, record: RecordId, name: &str) -> String {
        let fields = &self.program.records[record.index()].fields;
        fields
            .iter()
            .find(|field| field.name == name)
            .map_or_else(|| name.to_owned(), |own| own.label.clone())
    }
}

fn target_record(program: &Program, target: CaseTarget) -> RecordId {
    match target {
        CaseTarget::Measure(MeasureId(at)) => program.measures[at as usize].record,
        CaseTarget::Define(DefineId(at)) => program.defines[at as usize].record,
    }
}

/// The answer of a measure without what every example on its page would repeat.
fn of_measure(explained: &Explanation) -> Answer {
    let label = explained.measure.label.as_str();
    let text = explained.summary.strip_prefix(label).unwrap_or(&explained.summary);
    let text = text.trim_start_matches([':', '：', ' ']).to_owned();
    let class = match explained.status.as_str() {
        "granted" | "met" | "attained" => "good",
        "refused" | "breached" | "missed" | "error" | "conflict" => "bad",
        _ => "open",
    };
    let given = matches!(explained.status.as_str(), "granted" | "breached" | "missed");
    let amounts = explained.benefits.iter().filter(|_| given);
    let amounts = amounts.map(|benefit| (benefit.label.clone(), benefit.amount.clone()));
    Answer { record: 0, class, text, amounts: amounts.collect() }
}

impl View<'_> {
    /// The examples of an entry as a table.
    pub fn examples(&self, cases: &[usize]) -> Markup {
        let words = self.words;
        html! {
            table.examples {
                thead { tr {
                    th scope="col" { (words.example) } th scope="col" { (words.given) } th scope="col" { (words.answer) }
                } }
                @for at in cases { (self.example(*at)) }
            }
        }
    }

    /// One example: a row for each record that an answer is expected for.
    fn example(&self, at: usize) -> Markup {
        let (words, case) = (self.words, &self.program.cases[at]);
        let record = target_record(self.program, case.target);
        let answers = &self.examples.answers[at];
        let answered = |given: usize| answers.iter().find(|answer| answer.record == given);
        let rows = case.records.len().max(1);
        html! {
            tbody {
                @for (number, given) in case.records.iter().enumerate() {
                    tr {
                        @if number == 0 {
                            th scope="rowgroup" rowspan=(rows) {
                                span lang=[self.lang_of(&case.title)] { (case.title) }
                                br;
                                small { (words.as_of) " " (case.as_of) }
                                (self.trying(case))
                                @if self.failing.contains(&at) { p.warning { (words.fails) } }
                            }
                        }
                        td {
                            (self.given(record, &given.fields))
                            @if number == 0 { (self.others(case)) }
                        }
                        td { @if let Some(answer) = answered(number) { (self.answer(answer)) } }
                    }
                }
            }
        }
    }

    /// What a case assumes of figures and of what is left to others.
    fn trying(&self, case: &Case) -> Markup {
        let params = case.set.iter().map(|(param, value)| {
            let param = &self.program.params[param.index()];
            (&param.head.label, self.value(&param.ty, value))
        });
        let defines = case.assumed.iter().map(|(define, value)| {
            let define = &self.program.defines[define.index()];
            (&define.head.label, self.value(&define.body.ty, value))
        });
        html! {
            @for (label, value) in params.chain(defines) {
                br; small { (self.words.trying) " " (label) " = " (value) }
            }
        }
    }

    fn answer(&self, answer: &Answer) -> Markup {
        html! {
            p class={ "answer " (answer.class) } { (capital(&answer.text)) }
            @if !answer.amounts.is_empty() {
                ul.amounts { @for (label, amount) in &answer.amounts { li { (label) (self.colon()) (self.language.pick(" ", "")) (amount) } } }
            }
        }
    }

    /// The records of other kinds, which the case's own may look at.
    fn others(&self, case: &Case) -> Markup {
        html! {
            @for (record, fields) in &case.others {
                p.beside { (self.words.others_given) " " (self.program.records[record.index()].head.label) }
                (self.given(*record, fields))
            }
        }
    }

    /// The fields of a record that are known.
    fn given(&self, record: RecordId, values: &[Option<Value>]) -> Markup {
        let fields = &self.program.records[record.index()].fields;
        let known: Vec<_> =
            fields.iter().zip(values).filter_map(|(field, value)| Some((field, value.as_ref()?))).collect();
        html! {
            @if known.is_empty() { span.none { (self.words.nothing_given) } }
            @else {
                ul.given { @for (field, value) in known {
                    li { (capital(&field.label)) " = " span.value { (self.value(&field.ty, value)) } }
                } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::check::typed::ExpectKind;
    use crate::compile;

    /// What an example shows is what its case expects.
    #[test]
    fn answers_are_those_that_cases_expect() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/city-sample");
        let compiled = compile::load(&root);
        let core = compile::lower(&compiled.program);
        let examples = Examples::new(&compiled.program, &core, Language::English);
        assert!(failing(&compiled.program, &core).is_empty());
        let mut seen = 0;
        for (case, answers) in compiled.program.cases.iter().zip(&examples.answers) {
            for answer in answers {
                let wanted = case.records[answer.record].expect.as_ref().map(|expect| match &expect.kind {
                    ExpectKind::Granted { .. } => ("good", "granted"),
                    ExpectKind::Refused { .. } => ("bad", "refused"),
                    ExpectKind::Undetermined { .. } => ("open", "not decided yet"),
                    _ => (answer.class, ""),
                });
                let (class, word) = wanted.expect("only what is expected is answered");
                assert!(answer.class == class && answer.text.starts_with(word), "{}: {answer:?}", case.title);
                seen += 1;
            }
        }
        assert!(seen > 10, "the set has cases");
    }
}
