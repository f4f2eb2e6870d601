//! Checked programs written by hand, for tests of what comes after the checker.

use crate::check::typed::*;
use crate::source::{FileId, Span};
use crate::value::{Date, Number, Rounding, Value, VariantSet};

pub const SPAN: Span = Span { file: FileId(0), start: 0, end: 0 };

pub fn date(text: &str) -> Date {
    let mut parts = text.split('-').map(|part| part.parse::<i64>().unwrap());
    let mut next = || parts.next().unwrap();
    Date::new(next(), next(), next()).unwrap()
}

pub fn number(text: &str) -> Value {
    Value::Number(text.parse().unwrap())
}

pub fn head(name: &str, label: &str) -> Head {
    Head {
        name: name.into(),
        label: label.into(),
        docs: String::new(),
        module: "m".into(),
        span: SPAN,
        cites: vec![],
    }
}

pub fn cite(article: u32, quote: &str) -> Cite {
    let places = CitePlaces { source: SPAN, article: SPAN, quote: SPAN };
    Cite { source: "lu_2020".into(), article: Some(article), quote: Some(quote.into()), span: SPAN, places }
}

pub fn field(name: &str, label: &str, ty: Type) -> Field {
    Field {
        name: name.into(),
        label: label.into(),
        docs: String::new(),
        span: SPAN,
        ty,
        key: false,
        optional: false,
        data_unit: Number::ONE,
        data_unit_word: String::new(),
        range: Interval::default(),
        decimals: 6,
    }
}

pub fn enumeration(name: &str, label: &str, variants: &[(&str, &str)]) -> Enum {
    let variant =
        |(name, label): &(&str, &str)| Variant { name: (*name).into(), label: (*label).into(), span: SPAN };
    Enum { head: head(name, label), variants: variants.iter().map(variant).collect() }
}

pub fn expr(kind: ExprKind, ty: Type) -> Expr {
    Expr { kind, ty, span: SPAN, range: Interval::default(), decimals: None }
}

pub fn test(kind: ExprKind) -> Expr {
    expr(kind, Type::Bool)
}

pub fn constant(text: &str, ty: Type) -> Expr {
    expr(ExprKind::Const(number(text)), ty)
}

pub fn day(text: &str) -> Expr {
    expr(ExprKind::Const(Value::Date(date(text))), Type::Date)
}

pub fn compare(op: CompareOp, a: Expr, b: Expr) -> Expr {
    test(ExprKind::Compare(op, Box::new(a), Box::new(b)))
}

pub fn variants(of: Expr, set: &[u8]) -> Expr {
    test(ExprKind::Variants(Box::new(of), set.iter().copied().collect::<VariantSet>()))
}

pub fn arith(op: ArithOp, a: Expr, b: Expr) -> Expr {
    let ty = a.ty.clone();
    expr(ExprKind::Arith(op, Box::new(a), Box::new(b)), ty)
}

pub fn condition(name: &str, label: &str, test: Expr) -> Condition {
    Condition { name: name.into(), label: label.into(), test, cites: vec![], span: SPAN }
}

pub fn benefit(kind: BenefitKind, name: &str, label: &str, amount: Amount, ty: Option<Type>) -> Benefit {
    let money = ty.as_ref().is_some_and(|ty| ty.currency().is_some());
    Benefit {
        draws: None,
        kind,
        name: name.into(),
        label: label.into(),
        amount,
        ty,
        rounding: money.then(|| (Rounding::HalfUp, "0.01".parse().unwrap())),
        decimals: if money { 2 } else { 0 },
        months: None,
        cites: vec![],
        span: SPAN,
    }
}

pub fn branch(name: &str, label: &str, when: Option<Expr>, benefits: Vec<Benefit>) -> Branch {
    let refuse = benefits.is_empty();
    Branch { name: name.into(), label: label.into(), when, benefits, refuse, cites: vec![], span: SPAN }
}

pub fn measure(name: &str, label: &str) -> Measure {
    Measure {
        kind: MeasureKind::Measure,
        checks: vec![],
        due: None,
        head: head(name, label),
        record: RecordId(0),
        force: Force::default(),
        lets: vec![],
        requires: vec![],
        excepts: vec![],
        choice: None,
        benefits: vec![],
    }
}

/// Positions of the enterprise's fields in [`relief`].
pub mod fields {
    pub const CODE: u32 = 0;
    pub const KIND: u32 = 1;
    pub const EMPLOYEES: u32 = 2;
    pub const REVENUE: u32 = 3;
    pub const DUE: u32 = 4;
    pub const RESUMED: u32 = 5;
    pub const HIRES: u32 = 6;
    pub const INSURED: u32 = 7;
}

pub fn own(program: &Program, at: u32) -> Expr {
    expr(ExprKind::Field(FieldId(at)), program.records[0].fields[at as usize].ty.clone())
}

/// A small policy: one record (an enterprise), a size by table, a hiring subsidy, a relief by size and a
/// reward by rank.
pub fn relief() -> Program {
    let people = Type::unit(crate::value::Dimension::base("人"));
    let mut code = field("credit_code", "统一社会信用代码", Type::Text);
    code.key = true;
    let record = Record {
        belongs: Vec::new(),
        head: head("Enterprise", "企业"),
        fields: vec![
            code,
            field("unit_kind", "单位性质", Type::Enum(EnumId(0))),
            field("employees", "从业人员", people.clone()),
            field("revenue", "营业收入", Type::money("CNY")),
            field("due", "月缴费", Type::money("CNY")),
            field("resumed_on", "复工日期", Type::Date),
            field("new_hires", "新吸纳就业人数", people.clone()),
            field("insured", "缴纳社会保险", Type::Bool),
        ],
    };
    let mut program = Program {
        enums: vec![
            enumeration(
                "UnitKind",
                "单位性质",
                &[("enterprise", "企业"), ("government", "机关"), ("institution", "事业单位")],
            ),
            enumeration("Size", "企业规模", &[("large", "大型"), ("medium", "中型"), ("small", "小型")]),
        ],
        records: vec![record],
        ..Program::default()
    };
    program.params.push(Param {
        head: Head {
            cites: vec![cite(24, "每新吸纳1人按每人1000元标准")],
            ..head("per_hire", "吸纳就业补贴标准")
        },
        ty: Type::unit(crate::value::Dimension::base("CNY").div(&crate::value::Dimension::base("人"))),
        steps: vec![ParamStep {
            force: Force { from: Some(date("2020-02-01")), until: None },
            value: number("1000"),
            cites: vec![],
            span: SPAN,
        }],
        open: None,
    });
    program.tables.push(size_table(people));
    let call = ExprKind::Table {
        table: TableId(0),
        inputs: vec![own(&program, fields::EMPLOYEES), own(&program, fields::REVENUE)],
    };
    let body = expr(call, Type::Enum(EnumId(1)));
    program.defines.push(Define {
        open: None,
        filled: vec![],
        head: head("size", "企业规模"),
        record: RecordId(0),
        body,
    });
    program.measures = vec![job_subsidy(&program), insurance_relief(&program), top_revenue(&program)];
    program
}

fn size_table(people: Type) -> Table {
    let at_least = |text: &str| Cell::Range { low: Some((number(text), true)), high: None };
    let row = |cells: Vec<Cell>, size: u8| TableRow { cells, output: Value::Enum(size), span: SPAN };
    let input = |name: &str, label: &str, ty: Type| TableInput {
        name: name.into(),
        label: label.into(),
        ty,
        low: None,
        whole: false,
        span: SPAN,
    };
    Table {
        head: Head {
            cites: vec![cite(1, "大型、中型、小型")],
            ..head("size_2017", "统计上企业规模划分标准")
        },
        hit: Hit::First,
        inputs: vec![
            input("employees", "从业人员", people),
            input("revenue", "营业收入", Type::money("CNY")),
        ],
        output: Type::Enum(EnumId(1)),
        rows: vec![
            row(vec![at_least("300"), at_least("200000000")], 0),
            row(vec![at_least("50"), at_least("5000000")], 1),
            row(vec![Cell::Any, Cell::Any], 2),
        ],
        exclusive: false,
        complete: true,
    }
}

fn job_subsidy(program: &Program) -> Measure {
    let own = |at| own(program, at);
    let end = expr(
        ExprKind::AddMonths {
            date: Box::new(day("2020-02-10")),
            months: Box::new(constant("1", Type::months())),
            rule: crate::value::DayRule::Down,
        },
        Type::Date,
    );
    let resumed = test(ExprKind::Between {
        value: Box::new(own(fields::RESUMED)),
        low: Box::new(day("2020-02-10")),
        high: Box::new(end),
        high_included: false,
    });
    let people = program.records[0].fields[fields::HIRES as usize].ty.clone();
    let per_hire = expr(ExprKind::Param(ParamId(0)), program.params[0].ty.clone());
    let mut amount = arith(ArithOp::Multiply, per_hire, own(fields::HIRES));
    amount.ty = Type::money("CNY");
    let capped =
        expr(ExprKind::Least(vec![amount, constant("500000", Type::money("CNY"))]), Type::money("CNY"));
    let mut resumed = condition("resumed", "一个月内复工", resumed);
    resumed.cites.push(cite(24, "对2020年2月10日起一个月内复工"));
    Measure {
        force: Force { from: Some(date("2020-02-10")), until: Some(date("2021-01-01")) },
        requires: vec![
            resumed,
            condition(
                "hired",
                "新吸纳就业",
                compare(CompareOp::Greater, own(fields::HIRES), constant("0", people)),
            ),
            condition("insured", "缴纳社会保险", own(fields::INSURED)),
        ],
        benefits: vec![benefit(
            BenefitKind::Pay,
            "subsidy",
            "补贴",
            Amount::Exact(capped),
            Some(Type::money("CNY")),
        )],
        ..measure("job_subsidy", "一次性吸纳就业补贴")
    }
}

fn insurance_relief(program: &Program) -> Measure {
    let own = |at| own(program, at);
    let size = || expr(ExprKind::Define(DefineId(0)), Type::Enum(EnumId(1)));
    let money = Type::money("CNY");
    let due = || expr(ExprKind::Let(0), Type::money("CNY"));
    let is_firm = || variants(own(fields::KIND), &[0]);
    let small = test(ExprKind::All(vec![is_firm(), variants(size(), &[1, 2])]));
    let large = test(ExprKind::Any(vec![test(ExprKind::Not(Box::new(is_firm()))), variants(size(), &[0])]));
    let five = arith(ArithOp::Multiply, due(), constant("5", Type::plain()));
    let half = arith(
        ArithOp::Multiply,
        arith(ArithOp::Multiply, due(), constant("0.5", Type::rate())),
        constant("3", Type::plain()),
    );
    let relief =
        |amount| benefit(BenefitKind::Waive, "relief", "减免额", Amount::Exact(amount), Some(money.clone()));
    Measure {
        lets: vec![Let {
            name: "due".into(), label: "单位应缴".into(), value: own(fields::DUE), span: SPAN
        }],
        excepts: vec![condition("public_body", "机关事业单位", variants(own(fields::KIND), &[1, 2]))],
        choice: Some(Choice {
            kind: ChoiceKind::OneOf,
            branches: vec![
                branch("small", "中小微企业", Some(small), vec![relief(five)]),
                branch("large", "大型企业等", Some(large), vec![relief(half)]),
            ],
            exclusive: true,
        }),
        ..measure("insurance_relief", "阶段性减免社会保险费")
    }
}

fn top_revenue(program: &Program) -> Measure {
    let rank = Aggregate {
        kind: AggregateKind::Rank { descending: true, ties: Ties::Share },
        over: RecordId(0),
        of: Some(own(program, fields::REVENUE)),
        filter: None,
        group: None,
        known_only: false,
        mine: None,
    };
    let rank = expr(ExprKind::Aggregate(Box::new(rank)), Type::plain());
    let top = compare(CompareOp::AtMost, rank, constant("2", Type::plain()));
    Measure {
        requires: vec![condition("top", "前2位", top)],
        benefits: vec![benefit(BenefitKind::List, "listed", "列入名单", Amount::Flag, None)],
        ..measure("top_revenue", "营业收入前2位")
    }
}
