//! What a case is for, and why there is none, in the language of the set.

use super::search::{Why, below};
use super::seen::Way;
use super::targets::shown;
use crate::boundary::Reach;
use crate::check::show::{Language, show_value};
use crate::check::typed::{Field, Head, OpenItem, Program};
use crate::ir::{NodeId, Op, RecordPlan, Source, Test};
use crate::value::{Number, Value};

pub struct Words<'a> {
    pub program: &'a Program,
    pub language: Language,
}

impl Words<'_> {
    fn of(&self, head: &Head, what: String) -> String {
        format!("{}{}{what}", head.label, self.language.pick(": ", "："))
    }

    pub fn value(&self, field: &Field, value: &Value) -> String {
        show_value(self.program, &field.ty, value, self.language)
    }

    pub fn condition(&self, head: &Head, test: &Test, way: Way) -> String {
        let way = match way {
            Way::True => self.language.pick(" holds", "，成立"),
            Way::False => self.language.pick(" does not hold", "，不成立"),
            Way::Missing => self.language.pick(" is not known", "，尚不知道"),
        };
        self.of(head, format!("{}{way}", test.label))
    }

    pub fn way(&self, way: Way) -> &'static str {
        match way {
            Way::True => self.language.pick("never true", "从未成立"),
            Way::False => self.language.pick("never false", "从未不成立"),
            Way::Missing => self.language.pick("never missing", "从未缺失"),
        }
    }

    pub fn branch(&self, head: &Head, test: &Test) -> String {
        self.of(head, format!("{}{}", test.label, self.language.pick(" is taken", "，适用")))
    }

    pub fn taken(&self) -> &'static str {
        self.language.pick("never taken", "从未适用")
    }

    /// Where a field stands beside its boundary. `points` are below, at and above it.
    pub fn beside(&self, head: &Head, field: &Field, points: &[Option<Value>; 3], point: usize) -> String {
        let show = |at: usize| points[at].as_ref().map(|value| self.value(field, value)).unwrap_or_default();
        let (label, own) = (&field.label, show(point));
        // Where the boundary itself is no value of the field, its neighbour on the other side tells it.
        let edge = if points[1].is_some() { show(1) } else { show(2 - point) };
        let what = match (self.language, point) {
            (Language::English, 1) => format!("{label} is {own}, just at the boundary"),
            (Language::English, 0) => format!("{label} is {own}, a step below {edge}"),
            (Language::English, _) => format!("{label} is {own}, a step above {edge}"),
            (Language::Chinese, 1) => format!("{label}{own}，恰在界限上"),
            (Language::Chinese, 0) => format!("{label}{own}，比{edge}低一档"),
            (Language::Chinese, _) => format!("{label}{own}，比{edge}高一档"),
        };
        self.of(head, what)
    }

    pub fn boundary(&self, fields: &[Field], field: u16, at: Option<&Number>) -> String {
        let field = &fields[usize::from(field)];
        let at = at.map_or_else(String::new, |at| format!(" {}", shown(self, field, at)));
        format!("{} {}{at}", self.language.pick("boundary of", "界限"), field.name)
    }

    pub fn again(&self, title: &str, count: usize) -> String {
        match self.language {
            Language::English => format!("{title} ({count})"),
            Language::Chinese => format!("{title}（{count}）"),
        }
    }

    pub fn unwritten(&self) -> String {
        self.language
            .pick("a value in it has a unit that no literal can carry", "其中某个值的单位无法写成字面值")
            .to_owned()
    }

    /// Why no record was found.
    pub fn why(&self, why: Why, plan: &RecordPlan, reach: &Reach, nodes: &[NodeId]) -> String {
        let open = below(plan, nodes, &Default::default()).into_iter().find_map(|node| {
            let Op::Input(input) = plan.graph.nodes[node.index()].op else { return None };
            match plan.inputs[usize::from(input)].source {
                Source::Open(OpenItem::Define(_)) => Some(plan.inputs[usize::from(input)].name.clone()),
                _ => None,
            }
        });
        let pick = |english: &str, chinese: &str| self.language.pick(english, chinese).to_owned();
        match (why, open) {
            (_, Some(name)) => match self.language {
                Language::English => format!("it waits for `{name}`, which is left open to others"),
                Language::Chinese => format!("取决于留待落实的 `{name}`"),
            },
            (Why::Impossible | Why::TooMany, None) if nodes.iter().any(|node| reach.looks_across(*node)) => {
                pick(
                    "it looks across records, and one of its own kind is not enough",
                    "它要看其他记录，单独一条本类记录不够",
                )
            }
            (Why::AlwaysKnown, None) => pick("it is known whatever is missing", "无论缺什么都能判定"),
            (Why::Indifferent, None) => {
                pick("no record was found in which it makes a difference", "没有找到越过它而结果不同的记录")
            }
            (Why::Impossible, None) => {
                pick("no value that the fields can have does it", "各字段可取的值都做不到")
            }
            (Why::TooMany, None) => pick(
                "none was found; there are too many ways to try them all",
                "没有找到；可能的组合太多，未能全部试过",
            ),
        }
    }
}
