use super::*;
use crate::check::sketch::{self, fields};
use crate::check::typed::{self, MeasureId, RecordId};

fn shown(ty: Type, number: &str, language: Language) -> String {
    show_value(&Program::default(), &ty, &sketch::number(number), language)
}

#[test]
fn values_as_a_person_writes_them() {
    use Language::{Chinese, English};
    let yuan = || Type::money("CNY");
    assert_eq!(shown(yuan(), "256500.00", Chinese), "256,500元");
    assert_eq!(shown(yuan(), "256500.5", English), "256,500.50元");
    assert_eq!(shown(yuan(), "500000", Chinese), "50万元");
    assert_eq!(shown(yuan(), "500000", English), "500,000元");
    assert_eq!(shown(yuan(), "120000000", Chinese), "1.2亿元");
    assert_eq!(shown(Type::money("USD"), "-5000000", Chinese), "-500万美元");
    assert_eq!(shown(yuan(), "0", Chinese), "0元");
    assert_eq!(shown(Type::rate(), "0.5", English), "50%");
    assert_eq!(shown(Type::points(), "0.005", Chinese), "0.5个百分点");
    assert_eq!(shown(Type::months(), "5", Chinese), "5个月");
    assert_eq!(shown(Type::months(), "1", English), "1 month");
    assert_eq!(shown(Type::days(), "14", English), "14 days");
    assert_eq!(shown(Type::unit(Dimension::base("年")), "2020", Chinese), "2020年");
    assert_eq!(shown(Type::unit(Dimension::base("人")), "1234567", Chinese), "1,234,567人");
    let third = Value::Number(Number::ratio(-100_000, 3));
    assert_eq!(show_value(&Program::default(), &yuan(), &third, English), "-33,333.333333…元");
}

#[test]
fn expressions_in_labels() {
    let program = sketch::relief();
    let names = |language| Names {
        program: &program,
        record: RecordId(0),
        lets: &program.measures[1].lets,
        language,
    };
    let tests: Vec<&typed::Expr> = program.measures[0].requires.iter().map(|require| &require.test).collect();
    let shown: Vec<String> = tests.iter().map(|test| show_expr(names(Language::Chinese), test)).collect();
    assert_eq!(
        shown,
        ["复工日期 属于 2020-02-10 ..< 2020-02-10 + 1个月", "新吸纳就业人数 > 0人", "缴纳社会保险"]
    );
    let choice = program.measures[MeasureId(1).index()].choice.as_ref().unwrap();
    let whens: Vec<String> = choice
        .branches
        .iter()
        .map(|branch| show_expr(names(Language::English), branch.when.as_ref().unwrap()))
        .collect();
    assert_eq!(
        whens,
        ["单位性质 = 企业 and 企业规模 in {中型, 小型}", "not 单位性质 = 企业 or 企业规模 = 大型"]
    );
}

#[test]
fn brackets_only_where_they_are_needed() {
    let program = sketch::relief();
    let names = Names { program: &program, record: RecordId(0), lets: &[], language: Language::Chinese };
    let due = || sketch::own(&program, fields::DUE);
    let ten = || sketch::constant("10", Type::money("CNY"));
    use typed::ArithOp::{Add, Divide, Multiply, Subtract};
    let show = |expr| show_expr(names, &expr);
    let sum = || sketch::arith(Add, due(), ten());
    assert_eq!(show(sketch::arith(Multiply, sum(), due())), "(月缴费 + 10元) × 月缴费");
    assert_eq!(show(sketch::arith(Subtract, due(), sum())), "月缴费 − (月缴费 + 10元)");
    assert_eq!(show(sketch::arith(Add, sum(), due())), "月缴费 + 10元 + 月缴费");
    let product = sketch::arith(Multiply, due(), ten());
    assert_eq!(show(sketch::arith(Divide, due(), product)), "月缴费 ÷ (月缴费 × 10元)");
}
