use super::*;
use crate::check::sketch;
use crate::check::typed::Interval;
use crate::value::Dimension;

fn reader(ty: Type, decimals: u32) -> CellReader {
    let field = Field { decimals, ..sketch::field("f", "字段", ty) };
    CellReader::new(&sketch::relief(), &field, Number::ONE, None)
}

fn text(reader: &CellReader, text: &str) -> Result<Option<Value>, String> {
    reader.read(&Raw::Text(text))
}

fn number(digits: &str) -> Result<Option<Value>, String> {
    Ok(Some(Value::Number(digits.parse().unwrap())))
}

#[test]
fn nothing_is_missing_whatever_the_type() {
    for ty in [
        Type::Bool,
        Type::Text,
        Type::Enum(crate::check::typed::EnumId(0)),
        Type::rate(),
        Type::Date,
        Type::Time,
    ] {
        for empty in ["", "  ", "\u{3000}", "\u{FEFF}"] {
            assert_eq!(text(&reader(ty.clone(), 2), empty), Ok(None), "{ty:?}");
        }
        assert_eq!(reader(ty, 2).read(&Raw::Null), Ok(None));
    }
}

#[test]
fn numbers_in_the_unit_of_their_column() {
    let mut money = reader(Type::money("CNY"), 2);
    money.factor = Number::from_int(10_000);
    assert_eq!(text(&money, "600"), number("6000000"));
    assert_eq!(text(&money, "0.000001"), number("0.01"));
    assert_eq!(money.read(&Raw::Decimal(-15, 1)), number("-15000"));
    assert_eq!(money.read(&Raw::Decimal(15, -1)), number("1500000"));
    assert_eq!(money.read(&Raw::Float("1.5".into())), number("15000"));
    assert_eq!(text(&money, "0.0000001"), Err("0.001元 has more than 2 decimals".into()));
    assert!(text(&money, "600万").unwrap_err().contains("belongs in the column's header"));
    assert!(text(&money, "abc").unwrap_err().contains("is not a number"));
    assert!(money.read(&Raw::Float("NaN".into())).is_err());
    assert!(money.read(&Raw::Float(f64::INFINITY.to_string())).is_err());
    assert!(money.read(&Raw::Float(1e300.to_string())).is_err());
    assert!(money.read(&Raw::Bool(true)).is_err());
    assert!(money.read(&Raw::Int(i128::MAX)).is_err());
}

#[test]
fn rates_and_points() {
    let mut rate = reader(Type::rate(), 8);
    assert_eq!(text(&rate, "0.5"), number("0.5"));
    assert_eq!(text(&rate, "50%"), number("0.5"));
    assert_eq!(text(&rate, "5 ‰"), number("0.005"));
    assert_eq!(text(&rate, "５０％"), number("0.5"));
    rate.factor = Number::ratio(1, 100);
    assert_eq!(text(&rate, "50"), number("0.5"));
    assert_eq!(text(&rate, "50%"), number("0.5"));
    let points = reader(Type::points(), 8);
    assert_eq!(text(&points, "0.5个百分点"), number("0.005"));
    assert_eq!(text(&points, "0.5pp"), number("0.005"));
    assert!(text(&reader(Type::money("CNY"), 2), "50%").is_err());
}

#[test]
fn ranges_and_wholeness() {
    let mut people = reader(Type::unit(Dimension::base("人")), 0);
    people.field.range = Interval { low: Some(Number::ZERO), high: Some(Number::from_int(100)) };
    assert_eq!(text(&people, "100"), number("100"));
    assert_eq!(text(&people, "100.0"), number("100"));
    assert_eq!(text(&people, "101"), Err("101人 is above 100人".into()));
    assert_eq!(text(&people, "-1"), Err("-1人 is below 0人".into()));
    assert_eq!(text(&people, "1.5"), Err("1.5人 is not whole".into()));
}

#[test]
fn booleans_and_enums() {
    let bool = reader(Type::Bool, 0);
    for (word, value) in
        [("TRUE", true), ("是", true), ("Yes", true), ("1", true), ("否", false), ("0", false)]
    {
        assert_eq!(text(&bool, word), Ok(Some(Value::Bool(value))));
    }
    assert_eq!(bool.read(&Raw::Int(1)), Ok(Some(Value::Bool(true))));
    assert!(text(&bool, "2").is_err());
    assert!(text(&bool, "有").is_err());
    let kind = reader(Type::Enum(crate::check::typed::EnumId(0)), 0);
    assert_eq!(text(&kind, "government"), Ok(Some(Value::Enum(1))));
    assert_eq!(text(&kind, " 事业单位 "), Ok(Some(Value::Enum(2))));
    assert_eq!(
        text(&kind, "事业单"),
        Err("`事业单` is not one of 单位性质; did you mean `事业单位`?".into())
    );
}

#[test]
fn dates_and_times() {
    let mut date = reader(Type::Date, 0);
    let day = Ok(Date::new(2020, 2, 10).map(Value::Date));
    assert_eq!(text(&date, "2020/2/10"), day);
    assert_eq!(text(&date, "2020-02-10 00:00:00"), day);
    assert_eq!(date.read(&Raw::Int(20_200_210)), day);
    assert_eq!(date.read(&Raw::Day(18_302)), day);
    assert_eq!(date.read(&Raw::Moment(18_302 * 86_400, 0)), day);
    assert!(date.read(&Raw::Moment(18_302 * 86_400 + 1, 0)).unwrap_err().contains("time of day"));
    assert!(text(&date, "43871").is_err());
    assert!(text(&date, "2020-02-30").is_err());
    assert!(date.read(&Raw::Day(i64::MAX)).is_err());
    date.serials = Some(SerialDates::From1900);
    assert_eq!(text(&date, "43871"), day);
    assert!(text(&date, "43871.5").is_err());
    date.field.range.high = Some(Number::from_int(18_000));
    assert_eq!(text(&date, "2020-02-10"), Err("2020-02-10 is after 2019-04-14".into()));
    let time = reader(Type::Time, 0);
    let moment = Ok(crate::value::Time::from_seconds(18_302 * 86_400 + 52_200).map(Value::Time));
    assert_eq!(text(&time, "2020-02-10 14:30"), moment);
    assert_eq!(time.read(&Raw::Moment(18_302 * 86_400 + 52_200, 0)), moment);
    assert!(time.read(&Raw::Moment(0, 1)).is_err());
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused(content in ".{0,40}") {
        for ty in [Type::Bool, Type::Text, Type::Enum(crate::check::typed::EnumId(0)), Type::rate(),
                   Type::points(), Type::money("CNY"), Type::Date, Type::Time] {
            let mut reader = reader(ty, 2);
            reader.serials = Some(SerialDates::From1904);
            let _ = text(&reader, &content);
        }
    }

    #[test]
    fn a_decimal_comes_back(mantissa in -1_000_000_000_000i64..1_000_000_000_000, grouped: bool) {
        let number = Number::from_scaled(mantissa.into(), 2);
        let mut digits = number.to_string();
        if grouped {
            let (whole, rest) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
            let (sign, whole) = whole.split_at(usize::from(whole.starts_with('-')));
            let groups: Vec<&str> = whole.as_bytes().rchunks(3).rev().map(|c| std::str::from_utf8(c).unwrap()).collect();
            digits = format!("{sign}{}{rest}", groups.join(","));
        }
        let read = text(&reader(Type::money("CNY"), 2), &digits);
        proptest::prop_assert_eq!(read, Ok(Some(Value::Number(number))));
    }
}
