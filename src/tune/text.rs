//! The answer in words, and as data.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::{Course, Outcome, Question, Tried, Tuned, Weights};
use crate::check::show::{Language, show_value};
use crate::value::{Number, Value};

impl Outcome {
    /// Whether a value was found that meets the target.
    pub fn is_met(&self) -> bool {
        matches!(self, Outcome::Edge(..) | Outcome::Everywhere(_))
    }
}

/// A question with what people call its parts.
struct Words<'q> {
    question: &'q Question<'q>,
    language: Language,
}

impl Words<'_> {
    fn pick<'a>(&self, english: &'a str, chinese: &'a str) -> &'a str {
        self.language.pick(english, chinese)
    }

    fn value(&self, value: &Value) -> String {
        let param = &self.question.program.params[self.question.param.index()];
        show_value(self.question.program, &param.ty, value, self.language)
    }

    fn reached(&self, reached: &Number) -> String {
        self.question.target.value_words(self.question.program, reached, self.language)
    }

    fn quantity(&self) -> String {
        self.question.target.quantity_words(self.question.program)
    }

    /// `pig_threshold “生猪规模下限”`.
    fn param(&self) -> String {
        let head = &self.question.program.params[self.question.param.index()].head;
        let told = head.label.is_empty() || head.label == head.name;
        if told { head.name.clone() } else { format!("{} “{}”", head.name, head.label) }
    }

    fn target(&self) -> String {
        let target = &self.question.target;
        format!("{} {} {}", self.quantity(), target.relation.sign(), self.reached(&target.goal))
    }

    /// `at 1,234元/人 sum of pay = 98,765元`.
    fn line(&self, before: &str, tried: &Tried) -> String {
        let (value, reached, quantity) =
            (self.value(&tried.value), self.reached(&tried.reached), self.quantity());
        let meets = match tried.meets {
            true => self.pick("meets the target", "符合目标"),
            false => self.pick("does not", "不符合"),
        };
        match self.language {
            Language::English => format!("  {before} {value}: {quantity} = {reached}, {meets}\n"),
            Language::Chinese => format!("  {before} {value}：{quantity} = {reached}，{meets}\n"),
        }
    }
}

impl Tuned {
    /// The value that was found, what it comes to there and a step further, and how far that can be relied on.
    pub fn text(&self, question: &Question<'_>, weights: &Weights, language: Language) -> String {
        let words = Words { question, language };
        let mut out = self.headline(&words);
        let lines: Vec<(&str, &Tried)> = match &self.outcome {
            Outcome::Edge(at, beyond) => {
                vec![
                    (words.pick("at", "取"), at),
                    (words.pick("one step further, at", "再移一步，取"), beyond),
                ]
            }
            Outcome::Between(at, beyond) => {
                vec![
                    (words.pick("at", "取"), at),
                    (words.pick("and next to it, at", "相邻的一步，取"), beyond),
                ]
            }
            Outcome::Everywhere(at) | Outcome::Nowhere(at) => {
                vec![(words.pick("closest: at", "最接近：取"), at)]
            }
        };
        let now = self.now.as_ref().map(|now| (words.pick("now, at", "现为"), now));
        lines.into_iter().chain(now).for_each(|(before, tried)| out.push_str(&words.line(before, tried)));
        if !matches!(self.outcome, Outcome::Edge(..)) {
            let ends = self.tried.first().into_iter().chain(self.tried.last());
            ends.for_each(|end| out.push_str(&words.line(words.pick("end: at", "端点：取"), end)));
        }
        out.push_str(&self.course_words(&words));
        out.push_str(&self.notes(&words, weights));
        out
    }

    fn headline(&self, words: &Words<'_>) -> String {
        let (param, target) = (words.param(), words.target());
        let value = |tried: &Tried| words.value(&tried.value);
        let english = words.language == Language::English;
        let turning = matches!(self.course, Course::Turning(_));
        match &self.outcome {
            Outcome::Edge(at, beyond) => {
                let side = match (at.value < beyond.value, turning) {
                    (_, true) => words.pick("a value", "一个"),
                    (true, false) => words.pick("the greatest value", "最大"),
                    (false, false) => words.pick("the least value", "最小"),
                };
                match english {
                    true => format!("{param} = {}: {side} with {target}\n", value(at)),
                    false => format!("{param} = {}：符合 {target} 的{side}值\n", value(at)),
                }
            }
            Outcome::Everywhere(_) if self.course == Course::Constant => match english {
                true => {
                    format!("{param} does not bear on {}: {target} holds whatever it is\n", words.quantity())
                }
                false => format!("{param}不影响 {}：无论取何值都符合 {target}\n", words.quantity()),
            },
            Outcome::Everywhere(at) => match english {
                true => format!(
                    "{param}: every value that was tried has {target}, so the target decides none; {} comes closest\n",
                    value(at)
                ),
                false => {
                    format!(
                        "{param}：所试的值都符合 {target}，这个目标定不下取值；最接近的是 {}\n",
                        value(at)
                    )
                }
            },
            Outcome::Between(..) => match english {
                true => format!("no step of {param} gives {target} exactly\n"),
                false => format!("{param}按步长取值，没有恰好符合 {target} 的\n"),
            },
            Outcome::Nowhere(_) => match english {
                true => format!("no value of {param} that was tried has {target}\n"),
                false => format!("{param}所试的值都不符合 {target}\n"),
            },
        }
    }

    fn course_words(&self, words: &Words<'_>) -> String {
        let (quantity, count) = (words.quantity(), self.tried.len());
        let ends: Vec<String> = self
            .tried
            .first()
            .into_iter()
            .chain(self.tried.last())
            .map(|own| words.value(&own.value))
            .collect();
        let ends = ends.join(words.pick(" to ", " 至 "));
        let went = match self.course {
            Course::Constant => words.pick("it is always the same", "始终不变"),
            Course::Rising => words.pick("it never falls as the value rises", "随取值增大而不减"),
            Course::Falling => words.pick("it never rises as the value rises", "随取值增大而不增"),
            Course::Turning(_) => words.pick("it is not monotone", "不是单调的"),
        };
        let mut out = match words.language {
            Language::English => format!("  {count} values tried from {ends}: {quantity}: {went}\n"),
            Language::Chinese => format!("  在 {ends} 之间试了 {count} 个值：{quantity} {went}\n"),
        };
        if let Some(turn) = &self.turn {
            for tried in turn {
                let (value, reached) = (words.value(&tried.value), words.reached(&tried.reached));
                let _ = writeln!(out, "    {value}: {reached}");
            }
            out.push_str(words.pick(
                "    other values may meet the target too, and some on the same side may not: look closer with --low and --high\n",
                "    可能还有别的值符合目标，同一侧也可能有不符合的：请用 --low、--high 缩小范围再看\n",
            ));
        }
        out
    }

    fn notes(&self, words: &Words<'_>, weights: &Weights) -> String {
        let (records, compiled) = (weights.records(), weights.compiled());
        let mut out = match words.language {
            Language::English => {
                let times = if compiled == 1 { "once".to_owned() } else { format!("{compiled} times") };
                format!(
                    "  {records} records, read and decoded once and kept in memory; machine code compiled {times}\n"
                )
            }
            Language::Chinese => {
                format!("  {records} 条记录，只读取、解码一次，留在内存；机器码编译 {compiled} 次\n")
            }
        };
        let (Outcome::Edge(at, _) | Outcome::Everywhere(at) | Outcome::Between(at, _) | Outcome::Nowhere(at)) =
            &self.outcome;
        for (count, english, chinese) in
            [(at.undetermined, "undetermined", "待定"), (at.errors, "in error", "出错")]
        {
            let _ = match (words.language, count) {
                (_, 0) => Ok(()),
                (Language::English, 1) => {
                    writeln!(out, "  1 answer is {english} at this value and not counted")
                }
                (Language::English, _) => {
                    writeln!(out, "  {count} answers are {english} at this value and not counted")
                }
                (Language::Chinese, _) => writeln!(out, "  {count} 个答复在该值下{chinese}，未计入"),
            };
        }
        if at.not_in_force {
            let day = words.question.as_of;
            let _ = match words.language {
                Language::English => writeln!(out, "  a measure that is counted is not in force on {day}"),
                Language::Chinese => writeln!(out, "  计入的措施中有 {day} 未施行的"),
            };
        }
        out
    }

    /// The same as data. Numbers are digits in base units, dates as written.
    pub fn json(&self, question: &Question<'_>, weights: &Weights, language: Language) -> Json {
        let words = Words { question, language };
        let param = &question.program.params[question.param.index()];
        let plain = |value: &Value| match value {
            Value::Number(number) => number.to_string(),
            Value::Date(date) => date.to_string(),
            other => format!("{other:?}"),
        };
        let tried = |own: &Tried| {
            json!({
                "value": plain(&own.value), "shown": words.value(&own.value), "reached": own.reached.to_string(),
                "reached_shown": words.reached(&own.reached), "meets": own.meets,
                "undetermined": own.undetermined, "errors": own.errors,
            })
        };
        let (outcome, at, beyond) = match &self.outcome {
            Outcome::Edge(at, beyond) => ("edge", at, Some(beyond)),
            Outcome::Everywhere(at) => ("everywhere", at, None),
            Outcome::Between(at, beyond) => ("between", at, Some(beyond)),
            Outcome::Nowhere(at) => ("nowhere", at, None),
        };
        let side = beyond
            .filter(|_| outcome == "edge")
            .map(|beyond| if at.value < beyond.value { "greatest" } else { "least" });
        json!({
            "param": param.head.name, "label": param.head.label,
            "target": {
                "quantity": words.quantity(), "relation": question.target.relation.sign(), "goal": question.target.goal.to_string(),
                "shown": words.target(),
            },
            "met": self.outcome.is_met(), "outcome": outcome, "side": side, "at": tried(at), "beyond": beyond.map(tried),
            "now": self.now.as_ref().map(tried), "step": self.step.to_string(),
            "course": match self.course {
                Course::Constant => "constant",
                Course::Rising => "rising",
                Course::Falling => "falling",
                Course::Turning(_) => "turning",
            },
            "monotone": !matches!(self.course, Course::Turning(_)),
            "tried": self.tried.iter().map(tried).collect::<Vec<_>>(),
            "records": weights.records(), "compiled": weights.compiled(),
        })
    }
}
