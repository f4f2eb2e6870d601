//! What things are called in a language: the label or the name, whichever people of that language can read.

use crate::check::show::Language;
use crate::check::typed::{Benefit, Condition, Head, Measure, Program};
use crate::syntax::ast::Named;

/// Characters that links in formulas are marked with; no label has them.
pub(super) const MARKS: [char; 3] = ['\u{E000}', '\u{E001}', '\u{E002}'];

/// A thing in words, from its name and its label (empty where it has none).
pub(super) fn spoken(language: Language, name: &str, label: &str) -> String {
    let given = !label.is_empty() && label != name;
    let text = match language {
        Language::Chinese if given && (is_chinese(label) || !is_chinese(name)) => label.to_owned(),
        Language::English if given && (!is_chinese(label) || is_chinese(name)) => label.to_owned(),
        Language::English if !is_chinese(name) => plain(name),
        _ => name.to_owned(),
    };
    text.replace(MARKS, "")
}

/// As [`spoken`], of what a file declares.
pub(super) fn spoken_named(language: Language, named: &Named) -> String {
    spoken(language, &named.name.text, named.label.as_ref().map_or("", |label| &label.text))
}

/// Whether a text has Chinese characters.
pub(super) fn is_chinese(text: &str) -> bool {
    text.chars()
        .any(|c| matches!(c, '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}'))
}

/// The first letter as at the start of a sentence.
pub(super) fn capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}

/// `new_hires` and `NewHires` in words: `new hires`.
fn plain(name: &str) -> String {
    let mut out = String::new();
    let mut before = '_';
    for c in name.chars() {
        if c.is_uppercase() && (before.is_lowercase() || before.is_numeric()) {
            out.push(' ');
        }
        match c {
            '_' => out.push(' '),
            _ => out.extend(c.to_lowercase()),
        }
        before = c;
    }
    out.trim().to_owned()
}

/// The program with every label as the language has it, so that whatever prints labels speaks that language.
pub(super) fn in_language(program: &Program, language: Language) -> Program {
    let mut program = program.clone();
    let head = |head: &mut Head| head.label = spoken(language, &head.name, &head.label);
    for own in &mut program.enums {
        head(&mut own.head);
        own.variants.iter_mut().for_each(|own| own.label = spoken(language, &own.name, &own.label));
    }
    for own in &mut program.records {
        head(&mut own.head);
        own.fields.iter_mut().for_each(|own| own.label = spoken(language, &own.name, &own.label));
    }
    for own in &mut program.tables {
        head(&mut own.head);
        own.inputs.iter_mut().for_each(|own| own.label = spoken(language, &own.name, &own.label));
    }
    program.params.iter_mut().for_each(|own| head(&mut own.head));
    program.defines.iter_mut().for_each(|own| head(&mut own.head));
    program.registers.iter_mut().for_each(|own| head(&mut own.head));
    program.calendars.iter_mut().for_each(head);
    program.budgets.iter_mut().for_each(|own| head(&mut own.head));
    program.principles.iter_mut().for_each(|own| head(&mut own.head));
    program.measures.iter_mut().for_each(|own| of_measure(own, language));
    program
}

fn of_measure(measure: &mut Measure, language: Language) {
    let speak = |name: &str, label: &mut String| *label = spoken(language, name, label);
    let condition = |own: &mut Condition| speak(&own.name, &mut own.label);
    let benefit = |own: &mut Benefit| speak(&own.name, &mut own.label);
    speak(&measure.head.name, &mut measure.head.label);
    measure.lets.iter_mut().for_each(|own| speak(&own.name, &mut own.label));
    for list in [&mut measure.checks, &mut measure.requires, &mut measure.excepts] {
        list.iter_mut().for_each(condition);
    }
    measure.benefits.iter_mut().for_each(benefit);
    for branch in measure.choice.iter_mut().flat_map(|choice| &mut choice.branches) {
        speak(&branch.name, &mut branch.label);
        branch.benefits.iter_mut().for_each(benefit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_or_a_name_by_the_language() {
        let said = |name: &str, label: &str| {
            (spoken(Language::English, name, label), spoken(Language::Chinese, name, label))
        };
        let both = |english: &str, chinese: &str| (english.to_owned(), chinese.to_owned());
        assert_eq!(said("new_hires", "新吸纳就业人数"), both("new hires", "新吸纳就业人数"));
        assert_eq!(said("补贴", "subsidy"), both("subsidy", "补贴"));
        assert_eq!(said("补贴", "给企业的补贴"), both("给企业的补贴", "给企业的补贴"));
        assert_eq!(said("resumed", "resumed in time"), both("resumed in time", "resumed in time"));
        assert_eq!(said("UnemploymentEvent", ""), both("unemployment event", "UnemploymentEvent"));
        assert_eq!(said("补贴", "补贴"), both("补贴", "补贴"));
    }
}
