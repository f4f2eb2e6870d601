//! Generated policies in their layout and in the other language: they mean the same, and come back.

use pol::ir;
use pol::syntax::format::{Options, format};
use pol::syntax::words::Tongue;

use super::random::Random;
use super::sets::{self, Set};
use super::{STACK_BYTES, policies};

const POLICIES: u64 = 6;

/// All that engines see of a set.
fn meaning(set: &Set) -> Vec<String> {
    let params = set.plans.params.iter().map(|param| format!("{param:?}"));
    set.plans.records.iter().map(ir::print).chain(params).collect()
}

fn formatted(text: &str, keywords: Option<Tongue>) -> String {
    let found = format(&[text], &Options { keywords, ..Options::default() }).remove(0);
    assert!(found.left.is_empty(), "{:?}\n{text}", found.left);
    found.text
}

fn holds(seed: u64) -> bool {
    let text = policies::policy(&mut Random::new(seed)).to_string();
    let Ok(set) = sets::read(&text) else { return false };
    let layout = formatted(&text, None);
    assert_eq!(formatted(&layout, None), layout, "formatted once more");
    let chinese = formatted(&text, Some(Tongue::Chinese));
    let english = formatted(&chinese, Some(Tongue::English));
    assert_eq!(formatted(&english, Some(Tongue::Chinese)), chinese);
    for other in [layout, chinese, english] {
        let same = sets::read(&other).unwrap_or_else(|problems| panic!("{}\n{other}", problems[0].message));
        assert_eq!(meaning(&same), meaning(&set), "{text}\n{other}");
    }
    true
}

#[test]
fn generated_policies_mean_the_same_in_the_other_language() {
    let all = || (0..POLICIES).filter(|seed| holds(*seed)).count();
    let worker = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(all).expect("a thread");
    let sound = worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    assert!(sound > 2, "{sound} of {POLICIES} policies check");
}
