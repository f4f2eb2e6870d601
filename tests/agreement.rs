//! Two readers of one text, and two evaluators of one policy, agree: the scanner with the grammar, the core's
//! interpreter with a naive reading of generated policies.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use pol::compile;
use pol::interp::{self, Evaluator, Inputs};
use pol::source::{FileId, SourceMap};
use pol::syntax::{self, scan, words};
use pol::value::{Date, Fact, Number, RunError, Value};
use proptest::prelude::*;

fn policy_files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut waiting = vec![root.join("policies"), root.join("tests/cases")];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).expect("the folder can be read").flatten() {
            let path = entry.path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "pol") {
                found.push(path);
            }
        }
    }
    found.sort();
    assert!(found.len() > 20, "the policy files are not found");
    found
}

#[test]
fn tokens_joined_are_the_text() {
    for path in policy_files() {
        let text = fs::read_to_string(&path).expect("a policy is text");
        let mut end = 0;
        for lexeme in scan::lex(&text) {
            assert_eq!(lexeme.start, end, "{}: a hole at {end}", path.display());
            end = lexeme.end;
        }
        assert_eq!(end, text.len(), "{}", path.display());
    }
}

#[test]
fn every_terminal_of_the_grammar_is_a_run_of_tokens() {
    let mut terminals = 0;
    for path in policy_files() {
        let text = fs::read_to_string(&path).expect("a policy is text");
        let lexemes = scan::lex(&text);
        let starts: BTreeSet<usize> = lexemes.iter().map(|lexeme| lexeme.start).collect();
        let ends: BTreeSet<usize> = lexemes.iter().map(|lexeme| lexeme.end).collect();
        for place in syntax::terminals(FileId(0), &text) {
            terminals += 1;
            let (start, end) = (place.start as usize, place.end as usize);
            // The text of a string stands inside its marks, which are one token with it.
            let inside_string = lexemes
                .iter()
                .any(|l| l.token == Some(syntax::token::Token::String) && l.start < start && end < l.end);
            let edges = starts.contains(&start) && ends.contains(&end);
            assert!(
                edges || inside_string,
                "{}: `{}` is cut through a token",
                path.display(),
                &text[start..end]
            );
        }
    }
    assert!(terminals > 5_000, "the terminals are not found");
}

#[test]
fn every_item_keyword_opens_its_item_in_both_languages() {
    let bodies = [
        ("use", "m.{a}"),
        ("policy", "p { issued 2020-01-01 }"),
        ("enum", "E { a }"),
        ("unit", "u = 2吨"),
        ("record", "R { key id: text }"),
        ("param", "p = 1"),
        ("define", "d for R = 1"),
        ("open", "param p: rate between 1% and 2% { by \"b\" }"),
        ("fill", "p = 2%"),
        ("table", "t { hit first given a: bool gives bool row - => true }"),
        ("register", "l \"L\" from \"l.csv\" key id"),
        ("calendar", "w from \"w.csv\" { covers 2020-01-01..2020-12-31 }"),
        ("measure", "m for R { entitle x }"),
        ("duty", "o for R { comply a: true }"),
        ("target", "t for R { reach a: true }"),
        ("best", "of x { a.b c.d }"),
        ("budget", "b = 1元 { draws a.b order by c last cut }"),
        ("amend", "p from 2020-01-01 = 2"),
        ("principle", "p { reason \"r\" }"),
        ("case", "\"c\" for m { given { } expect granted }"),
    ];
    assert_eq!(bodies.len(), words::ITEMS.len());
    for ((english, chinese), (keyword, body)) in words::ITEMS.iter().zip(bodies) {
        assert_eq!(*english, keyword);
        for word in [english, chinese] {
            // `best of` is one word in Chinese.
            let body = if *word == "就高" { body.trim_start_matches("of ") } else { body };
            let text = format!("{word} {body}\n");
            let mut sources = SourceMap::default();
            let id = sources.add("x.pol", text.clone());
            let (file, problems) = syntax::parse(id, &text);
            assert!(problems.is_empty(), "{text}: {:?}", problems[0].message);
            assert_eq!(file.items.len(), 1, "{text}");
        }
    }
}

// ---------------------------------------------------------------- generated policies

/// A condition on a record with two booleans and three numbers.
#[derive(Debug, Clone)]
enum Test {
    Field(u8),
    Not(Box<Test>),
    And(Box<Test>, Box<Test>),
    Or(Box<Test>, Box<Test>),
    Less(Box<Term>, Box<Term>),
    Equal(Box<Term>, Box<Term>),
    Known(u8),
}

#[derive(Debug, Clone)]
enum Term {
    Field(u8),
    Literal(i8),
    Add(Box<Term>, Box<Term>),
    Subtract(Box<Term>, Box<Term>),
    Multiply(Box<Term>, Box<Term>),
    Divide(Box<Term>, Box<Term>),
    Least(Box<Term>, Box<Term>),
    If(Box<Test>, Box<Term>, Box<Term>),
    Otherwise(u8, i8),
}

impl Test {
    fn print(&self) -> String {
        match self {
            Test::Field(at) => format!("b{at}"),
            Test::Not(inner) => format!("(not {})", inner.print()),
            Test::And(a, b) => format!("({} and {})", a.print(), b.print()),
            Test::Or(a, b) => format!("({} 或 {})", a.print(), b.print()),
            Test::Less(a, b) => format!("({} < {})", a.print(), b.print()),
            Test::Equal(a, b) => format!("({} 等于 {})", a.print(), b.print()),
            Test::Known(at) => format!("(known n{at})"),
        }
    }
}

impl Term {
    fn print(&self) -> String {
        match self {
            Term::Field(at) => format!("n{at}"),
            Term::Literal(value) => format!("({value})"),
            Term::Add(a, b) => format!("({} + {})", a.print(), b.print()),
            Term::Subtract(a, b) => format!("({} - {})", a.print(), b.print()),
            Term::Multiply(a, b) => format!("({} × {})", a.print(), b.print()),
            Term::Divide(a, b) => format!("({} / {})", a.print(), b.print()),
            Term::Least(a, b) => format!("min({}, {})", a.print(), b.print()),
            Term::If(when, a, b) => format!("(if {} then {} else {})", when.print(), a.print(), b.print()),
            Term::Otherwise(at, value) => format!("(n{at} otherwise ({value}))"),
        }
    }
}

/// What a naive reader makes of an expression.
#[derive(Debug, Clone, PartialEq)]
enum Naive<T> {
    Known(T),
    Missing,
    Error,
}

struct Record {
    bools: [Option<bool>; 2],
    numbers: [Option<i8>; 3],
}

fn strict<A, B, C>(a: Naive<A>, b: Naive<B>, f: impl FnOnce(A, B) -> Naive<C>) -> Naive<C> {
    match (a, b) {
        (Naive::Error, _) | (_, Naive::Error) => Naive::Error,
        (Naive::Known(a), Naive::Known(b)) => f(a, b),
        _ => Naive::Missing,
    }
}

impl Record {
    fn test(&self, test: &Test) -> Naive<bool> {
        let compare = |a: &Term, b: &Term, f: fn(&Number, &Number) -> bool| {
            strict(self.term(a), self.term(b), |a, b| Naive::Known(f(&a, &b)))
        };
        match test {
            Test::Field(at) => self.bools[*at as usize].map_or(Naive::Missing, Naive::Known),
            Test::Known(at) => Naive::Known(self.numbers[*at as usize].is_some()),
            Test::Not(inner) => match self.test(inner) {
                Naive::Known(value) => Naive::Known(!value),
                other => other,
            },
            Test::And(a, b) => self.both(a, b, false),
            Test::Or(a, b) => self.both(a, b, true),
            Test::Less(a, b) => compare(a, b, |a, b| a < b),
            Test::Equal(a, b) => compare(a, b, |a, b| a == b),
        }
    }

    /// `and` is decided by one false, `or` by one true.
    fn both(&self, a: &Test, b: &Test, decides: bool) -> Naive<bool> {
        match (self.test(a), self.test(b)) {
            (Naive::Known(x), _) | (_, Naive::Known(x)) if x == decides => Naive::Known(decides),
            (a, b) => strict(a, b, |_, _| Naive::Known(!decides)),
        }
    }

    fn term(&self, term: &Term) -> Naive<Number> {
        let number = |value: i8| Number::from_int(value.into());
        match term {
            Term::Field(at) => {
                self.numbers[*at as usize].map_or(Naive::Missing, |value| Naive::Known(number(value)))
            }
            Term::Literal(value) => Naive::Known(number(*value)),
            Term::Add(a, b) => strict(self.term(a), self.term(b), |a, b| Naive::Known(a.add(&b))),
            Term::Subtract(a, b) => strict(self.term(a), self.term(b), |a, b| Naive::Known(a.sub(&b))),
            Term::Multiply(a, b) => strict(self.term(a), self.term(b), |a, b| Naive::Known(a.mul(&b))),
            Term::Divide(a, b) => {
                strict(self.term(a), self.term(b), |a, b| a.div(&b).map_or(Naive::Error, Naive::Known))
            }
            Term::Least(a, b) => strict(self.term(a), self.term(b), |a, b| Naive::Known(a.min(b))),
            Term::If(when, a, b) => match self.test(when) {
                Naive::Known(true) => self.term(a),
                Naive::Known(false) => self.term(b),
                Naive::Error => Naive::Error,
                // Either side may be needed, so an error in one is an error.
                Naive::Missing => match (self.term(a), self.term(b)) {
                    (Naive::Error, _) | (_, Naive::Error) => Naive::Error,
                    _ => Naive::Missing,
                },
            },
            Term::Otherwise(at, value) => Naive::Known(number(self.numbers[*at as usize].unwrap_or(*value))),
        }
    }
}

fn term() -> impl Strategy<Value = Term> {
    let leaf = prop_oneof![
        (0u8..3).prop_map(Term::Field),
        (-9i8..=9).prop_map(Term::Literal),
        (0u8..3, -9i8..=9).prop_map(|(at, value)| Term::Otherwise(at, value)),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let pair = (inner.clone(), inner.clone()).prop_map(|(a, b)| (Box::new(a), Box::new(b)));
        prop_oneof![
            pair.clone().prop_map(|(a, b)| Term::Add(a, b)),
            pair.clone().prop_map(|(a, b)| Term::Subtract(a, b)),
            pair.clone().prop_map(|(a, b)| Term::Multiply(a, b)),
            pair.clone().prop_map(|(a, b)| Term::Divide(a, b)),
            pair.clone().prop_map(|(a, b)| Term::Least(a, b)),
            (inner.clone(), inner.clone(), pair).prop_map(|(a, b, (c, d))| Term::If(
                Box::new(Test::Less(Box::new(a), Box::new(b))),
                c,
                d
            )),
        ]
    })
}

fn test() -> impl Strategy<Value = Test> {
    let leaf = prop_oneof![
        (0u8..2).prop_map(Test::Field),
        (0u8..3).prop_map(Test::Known),
        (term(), term()).prop_map(|(a, b)| Test::Less(Box::new(a), Box::new(b))),
        (term(), term()).prop_map(|(a, b)| Test::Equal(Box::new(a), Box::new(b))),
    ];
    leaf.prop_recursive(4, 16, 2, |inner| {
        let pair = (inner.clone(), inner.clone()).prop_map(|(a, b)| (Box::new(a), Box::new(b)));
        prop_oneof![
            inner.prop_map(|test| Test::Not(Box::new(test))),
            pair.clone().prop_map(|(a, b)| Test::And(a, b)),
            pair.prop_map(|(a, b)| Test::Or(a, b)),
        ]
    })
}

fn records() -> impl Strategy<Value = Vec<Record>> {
    let one = (any::<[Option<bool>; 2]>(), prop::array::uniform3(prop::option::of(-9i8..=9)));
    prop::collection::vec(one.prop_map(|(bools, numbers)| Record { bools, numbers }), 1..8)
}

impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "bools {:?} numbers {:?}", self.bools, self.numbers)
    }
}

/// Checks and lowers a policy of one condition and one number; `None` where the checker rightly refuses it
/// (division by a constant zero).
fn policy(condition: &Test, amount: &Term) -> Option<(compile::Compiled, pol::ir::Program)> {
    let text = format!(
        "record R {{ key id: text  b0: bool  b1: bool  n0: number  n1: number  n2: number }}\n\
         define d for R = {}\ndefine e for R = {}\n",
        condition.print(),
        amount.print()
    );
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("pol.toml"), "name = \"generated\"\n").expect("written");
    fs::write(folder.path().join("p.pol"), &text).expect("written");
    let compiled = compile::load(folder.path());
    let errors: Vec<_> = compiled.problems.iter().filter(|problem| problem.is_error()).collect();
    if errors.iter().all(|problem| problem.code.id == "E0516") && !errors.is_empty() {
        return None;
    }
    assert!(errors.is_empty(), "{text}\n{:?}", errors[0].message);
    let core = compile::lower(&compiled.program);
    let wrong = pol::ir::verify(&core);
    assert!(wrong.is_empty(), "{text}\n{wrong:?}");
    Some((compiled, core))
}

fn plain<T: PartialEq>(fact: &Fact, value: impl Fn(&Value) -> Option<T>) -> Option<Naive<T>> {
    Some(match fact {
        Fact::Known(found) => Naive::Known(value(found)?),
        Fact::Missing(_) => Naive::Missing,
        Fact::Error(RunError::DivisionByZero) => Naive::Error,
        Fact::Error(_) => return None,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn generated_policies_mean_what_they_say(condition in test(), amount in term(), records in records()) {
        let Some((_, core)) = policy(&condition, &amount) else { return Ok(()) };
        let plan = &core.records[0];
        let inputs = Inputs::new(&core, Date::new(2020, 1, 1).expect("a date"));
        let mut evaluator = Evaluator::new(plan, &inputs, None, &interp::facts(plan, &[]));
        for record in &records {
            let mut values: Vec<Option<Value>> = vec![None];
            values.extend(record.bools.map(|value| value.map(Value::Bool)));
            values.extend(record.numbers.map(|value| value.map(|value| Value::Number(Number::from_int(value.into())))));
            evaluator.load(&interp::facts(plan, &values));
            let found = evaluator.define("d").expect("the condition is defined");
            let truth = plain(&found, |value| match value { Value::Bool(truth) => Some(*truth), _ => None });
            prop_assert_eq!(truth, Some(record.test(&condition)), "{} for {:?}", condition.print(), record);
            let found = evaluator.define("e").expect("the amount is defined");
            let number = plain(&found, |value| match value { Value::Number(number) => Some(number.clone()), _ => None });
            prop_assert_eq!(number, Some(record.term(&amount)), "{} for {:?}", amount.print(), record);
        }
    }
}
