//! What a case is for, and why there is none, in the language of the set.

use super::search::{Why, below};
use super::seen::Way;
use super::targets::shown;
use crate::boundary::Reach;
use crate::check::show::{Language, show_value};
use crate::check::typed::{Field, Head, MeasureKind, OpenItem, Param, Program, Type};
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

    pub fn of_type(&self, ty: &Type, value: &Value) -> String {
        show_value(self.program, ty, value, self.language)
    }

    pub fn step(&self, param: &Param, value: &str) -> String {
        format!("{} = {value}: {}", param.head.name, self.language.pick("never used", "从未用到"))
    }

    pub fn at_step(&self, head: &Head, param: &Param, value: &str) -> String {
        self.of(head, format!("{}{}{value}", param.head.label, self.language.pick(" is ", "为")))
    }

    pub fn condition(&self, head: &Head, test: &Test, way: Way) -> String {
        let way = match way {
            Way::True => self.language.pick(" holds", "成立"),
            Way::False => self.language.pick(" does not hold", "不成立"),
            Way::Missing => self.language.pick(" is not known", "尚不知道"),
        };
        self.of(head, format!("“{}”{way}", test.label))
    }

    pub fn way(&self, way: Way) -> &'static str {
        match way {
            Way::True => self.language.pick("never true", "从未成立"),
            Way::False => self.language.pick("never false", "从未不成立"),
            Way::Missing => self.language.pick("never missing", "从未缺失"),
        }
    }

    pub fn branch(&self, head: &Head, kind: MeasureKind, test: &Test) -> String {
        if kind != MeasureKind::Measure {
            return self.of(head, status(self.language, &test.name).to_owned());
        }
        self.of(head, format!("“{}”{}", test.label, self.language.pick(" is taken", "适用")))
    }

    pub fn taken(&self) -> &'static str {
        self.language.pick("never taken", "从未适用")
    }

    /// Where a field stands beside its boundary. `points` are below, at and above it.
    pub fn beside(&self, head: &Head, field: &Field, points: &[Option<Value>; 3], point: usize) -> String {
        let show = |at: usize| points[at].as_ref().map(|value| self.value(field, value)).unwrap_or_default();
        let (label, own) = (&field.label, show(point));
        let edge = show(1);
        let what = match (self.language, point) {
            // The boundary itself is no value of the field.
            (Language::English, 0) if edge.is_empty() => format!("{label} is {own}, just below the boundary"),
            (Language::English, 2) if edge.is_empty() => format!("{label} is {own}, just above the boundary"),
            (Language::Chinese, 0) if edge.is_empty() => format!("{label}{own}，略低于界限"),
            (Language::Chinese, 2) if edge.is_empty() => format!("{label}{own}，略高于界限"),
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

    /// A comparison of which no case was looked for: where it stands, and what it is about.
    pub fn untold(&self, place: Option<&str>, names: &[String]) -> String {
        let place = place.map_or_else(String::new, |place| format!("{place}: "));
        let what = self.language.pick("boundary", "界限");
        format!("{place}{what} {}", names.join(", ")).trim_end().to_owned()
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
            (Why::Across, None) => pick(
                "it is of a value across records (a sum, a count, a rank), for which no records are made up; write it by hand",
                "它是跨记录的值（合计、个数、名次）的界限，这样的记录不会自动编造，请自己写",
            ),
            (Why::NotTurned, None) => pick(
                "the value at which it turns cannot be told by going back from it; write it by hand",
                "无法由它倒推出恰在界限上的值，请自己写",
            ),
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

/// The word for an answer, which is known by its English name.
pub fn status(language: Language, name: &str) -> &str {
    const CHINESE: &[(&str, &str)] = &[
        ("granted", "给予"),
        ("refused", "拒绝"),
        ("undetermined", "待定"),
        ("conflict", "冲突"),
        ("not_in_force", "未施行"),
        ("error", "错误"),
        ("met", "已履行"),
        ("breached", "已违反"),
        ("not_yet_due", "未到期"),
        ("not_bound", "不受约束"),
        ("attained", "已达到"),
        ("missed", "未达到"),
    ];
    match language {
        Language::English => name,
        Language::Chinese => CHINESE.iter().find(|(own, _)| *own == name).map_or(name, |(_, word)| word),
    }
}
