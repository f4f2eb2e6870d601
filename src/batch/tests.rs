//! Binding, reading, answering: on the small policy of `check::sketch`.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Int32Type};
use arrow_array::{
    ArrayRef, BooleanArray, Decimal128Array, DictionaryArray, Float64Array, Int64Array, RecordBatch,
    StringArray, TimestampMicrosecondArray,
};
use arrow_schema::{DataType, Field, Schema, TimeUnit};

use super::*;
use crate::check::sketch;
use crate::check::typed::{Program, RecordId};
use crate::ir::lower;
use crate::value::{Number, Value};

fn schema(headers: &[&str]) -> Schema {
    Schema::new(headers.iter().map(|header| Field::new(*header, DataType::Utf8, true)).collect::<Vec<_>>())
}

fn bind(headers: &[&str]) -> Result<Binding, Vec<BindProblem>> {
    Binding::new(&sketch::relief(), RecordId(0), &schema(headers), &BindOptions::default())
}

fn problems(headers: &[&str]) -> Vec<String> {
    bind(headers).unwrap_err().into_iter().map(|problem| problem.message).collect()
}

fn texts(columns: &[(&str, &[&str])]) -> RecordBatch {
    let arrays: Vec<ArrayRef> =
        columns.iter().map(|(_, cells)| Arc::new(StringArray::from(cells.to_vec())) as ArrayRef).collect();
    let headers: Vec<&str> = columns.iter().map(|(header, _)| *header).collect();
    RecordBatch::try_new(Arc::new(schema(&headers)), arrays).unwrap()
}

fn engine(options: EngineOptions) -> Engine {
    let program = sketch::relief();
    let plans = Arc::new(lower(&program));
    Engine::new(Arc::new(program), plans, RecordId(0), sketch::date("2020-03-15"), options).unwrap()
}

#[test]
fn columns_by_name_label_and_unit() {
    let binding = bind(&[
        "\u{FEFF}credit_code",
        " 营业收入（万元） ",
        "due (千元)",
        "从业人员",
        "复工日期(年月日)",
        "备注",
    ])
    .unwrap();
    assert_eq!(binding.fields[0].column, Some(0));
    assert_eq!(binding.fields[3].header, "营业收入（万元）");
    assert_eq!(binding.fields[5].column, Some(4));
    assert_eq!(binding.unknown, ["备注"]);
    assert_eq!(binding.missing, ["unit_kind", "new_hires", "insured"]);
    let read = |field: usize, text| binding.fields[field].reader.read(&Raw::Text(text));
    assert_eq!(read(3, "600"), Ok(Some(Value::Number(Number::from_int(6_000_000)))));
    assert_eq!(read(4, "1.5"), Ok(Some(Value::Number(Number::from_int(1_500)))));
}

#[test]
fn what_does_not_fit_is_said_all_at_once() {
    assert_eq!(
        problems(&["营业收入(吨)", "revenue", "从业人员(元)", "due(斗)"]),
        [
            "column 营业收入(吨): the field `revenue` is money in 元",
            "column 从业人员(元): the field `employees` is a number of 人",
            "column due(斗): `斗` is no unit; the field `due` is money in 元",
            "the columns 营业收入(吨) and revenue are all the field `revenue`",
            "there is no column for the key `credit_code` (统一社会信用代码)",
        ]
    );
    let zoned = DataType::Timestamp(TimeUnit::Second, Some("UTC".into()));
    let schema = Schema::new(vec![
        Field::new("credit_code", DataType::Binary, true),
        Field::new("resumed_on", zoned, true),
    ]);
    let found = Binding::new(&sketch::relief(), RecordId(0), &schema, &BindOptions::default()).unwrap_err();
    assert!(found[0].message.contains("Binary"), "{}", found[0].message);
    assert!(found[1].message.contains("time zone"), "{}", found[1].message);
}

#[test]
fn the_record_is_found_from_the_columns() {
    let program: Program = sketch::relief();
    assert_eq!(find_record(&program, &schema(&["统一社会信用代码", "x"])), Ok(RecordId(0)));
    let found = find_record(&program, &schema(&["revenue", "x"]));
    assert!(found.unwrap_err().message.contains("`Enterprise`"));
}

#[test]
fn columns_of_every_type() {
    let program = sketch::relief();
    let kinds: DictionaryArray<Int32Type> =
        vec![Some("enterprise"), None, Some("机关")].into_iter().collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("credit_code", Arc::new(Int64Array::from(vec![1, 2, 3]))),
        ("unit_kind", Arc::new(kinds)),
        ("employees", Arc::new(Float64Array::from(vec![60.0, 1.5, f64::NAN]))),
        (
            "revenue",
            Arc::new(
                Decimal128Array::from(vec![Some(60_000), None, Some(1)])
                    .with_precision_and_scale(20, 2)
                    .unwrap(),
            ),
        ),
        (
            "resumed_on",
            Arc::new(TimestampMicrosecondArray::from(vec![Some(1_581_292_800_000_000), None, Some(1)])),
        ),
        ("insured", Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)]))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let binding = Binding::new(&program, RecordId(0), &batch.schema(), &BindOptions::default()).unwrap();
    let rows = Rows::read(&binding, &RawBatch::numbered(batch));
    let row = rows.row(0);
    assert_eq!(row[0], Some(Value::Text("1".into())));
    assert_eq!(row[1], Some(Value::Enum(0)));
    assert_eq!(row[2], Some(Value::Number(Number::from_int(60))));
    assert_eq!(row[3], Some(Value::Number(Number::from_int(600))));
    assert_eq!(row[5], Some(Value::Date(sketch::date("2020-02-10"))));
    assert_eq!(row[7], Some(Value::Bool(true)));
    assert_eq!(rows.row(1)[1], None);
    assert_eq!(rows.good(), [0, 1]);
    let rejects: Vec<(u64, &str, &str)> =
        rows.rejects.iter().map(|r| (r.place.line, r.column.as_str(), r.value.as_str())).collect();
    assert_eq!(
        rejects,
        [(3, "employees", "NaN"), (3, "resumed_on", "1970-01-01T00:00:00.000001000")],
        "both bad cells of the row are said"
    );
}

/// Three firms, the second with bad cells, the last with a repeated key.
fn firms() -> RecordBatch {
    texts(&[
        ("统一社会信用代码", &["A", "B", "C", "D", "A"]),
        ("单位性质", &["企业", "军队", "enterprise", "机关", "企业"]),
        ("从业人员", &["60", "x", "", "5", "1"]),
        ("营业收入(万元)", &["600", "1", "1", "30000", "1"]),
        ("due", &["52,300.00", "1", "100.01", "", "1"]),
        ("复工日期", &["2020-02-20", "", "", "2020年3月10日", ""]),
        ("new_hires", &["3", "", "", "1", ""]),
        ("insured", &["是", "", "", "no", ""]),
        ("备注", &["first", "", "third", "", ""]),
    ])
}

fn column<'b>(batch: &'b RecordBatch, name: &str) -> &'b ArrayRef {
    batch.column_by_name(name).unwrap_or_else(|| panic!("no column {name}"))
}

fn strings(batch: &RecordBatch, name: &str) -> Vec<String> {
    let array = arrow_cast::cast(column(batch, name), &DataType::Utf8).unwrap();
    array.as_string::<i32>().iter().map(|text| text.unwrap_or("-").to_owned()).collect()
}

fn lists(batch: &RecordBatch, name: &str) -> Vec<String> {
    let texts = DataType::new_list(DataType::Utf8, true);
    let array = arrow_cast::cast(column(batch, name), &texts).unwrap();
    let join = |list: Option<ArrayRef>| {
        list.map_or("-".to_owned(), |list| {
            list.as_string::<i32>().iter().flatten().collect::<Vec<_>>().join(";")
        })
    };
    array.as_list::<i32>().iter().map(join).collect()
}

fn cents(batch: &RecordBatch, name: &str) -> Vec<Option<i128>> {
    column(batch, name).as_primitive::<Decimal128Type>().iter().collect()
}

#[test]
fn wide_answers() {
    for threads in [1, 3] {
        let answered = engine(EngineOptions { threads, ..EngineOptions::default() }).run(&firms()).unwrap();
        let batch = &answered.batch;
        let schema = batch.schema();
        let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        assert_eq!(
            names,
            [
                "credit_code",
                "job_subsidy.status",
                "job_subsidy.subsidy",
                "job_subsidy.failed",
                "job_subsidy.missing",
                "insurance_relief.status",
                "insurance_relief.relief",
                "insurance_relief.branch",
                "insurance_relief.failed",
                "insurance_relief.missing",
                "top_revenue.status",
                "top_revenue.listed",
                "top_revenue.failed",
                "top_revenue.missing",
                "total.pay",
                "total.waive",
            ]
        );
        assert_eq!(strings(batch, "credit_code"), ["A", "C", "D"]);
        assert_eq!(strings(batch, "job_subsidy.status"), ["granted", "undetermined", "refused"]);
        assert_eq!(lists(batch, "job_subsidy.failed"), ["-", "-", "resumed;insured"]);
        assert_eq!(lists(batch, "job_subsidy.missing"), ["-", "resumed_on;new_hires;insured", "-"]);
        assert_eq!(cents(batch, "job_subsidy.subsidy"), [Some(300_000), None, None]);
        assert_eq!(strings(batch, "insurance_relief.branch"), ["small", "small", "-"]);
        assert_eq!(cents(batch, "insurance_relief.relief"), [Some(26_150_000), Some(50_005), None]);
        assert_eq!(cents(batch, "total.waive"), [Some(26_150_000), Some(50_005), Some(0)]);
        assert_eq!(column(batch, "total.pay").data_type(), &DataType::Decimal128(38, 2));
        assert_eq!(column(batch, "job_subsidy.subsidy").data_type(), &DataType::Decimal128(18, 2));
        assert_eq!(strings(batch, "top_revenue.status"), ["granted", "refused", "granted"]);
        assert!(column(batch, "top_revenue.listed").as_boolean().value(0));
    }
}

#[test]
fn rejects_and_the_summary() {
    let answered = engine(EngineOptions::default()).run(&firms()).unwrap();
    let rejects: Vec<String> =
        answered.rejects.iter().map(|r| format!("{} {}: {}", r.place.line, r.column, r.reason)).collect();
    assert_eq!(
        rejects,
        [
            "2 单位性质: `军队` is not one of 单位性质",
            "2 从业人员: `x` is not a number",
            "5 统一社会信用代码: repeats the key of line 1",
        ]
    );
    let summary = &answered.summary;
    assert_eq!((summary.records, summary.rejected), (3, 2));
    assert_eq!(summary.measures[1].statuses["granted"], 2);
    assert_eq!(summary.measures[1].branches["small"], 2);
    assert_eq!(summary.measures[0].missing["insured"], 1);
    assert_eq!(summary.totals["waive"].0.to_string(), "262000.05");
    let json = serde_json::to_string(summary).unwrap();
    assert!(json.contains(r#""waive":"262000.05""#), "{json}");
    assert_eq!(serde_json::from_str::<Summary>(&json).unwrap(), *summary);
    let mut twice = summary.clone();
    twice.merge(summary);
    assert_eq!(twice.totals["waive"].0.to_string(), "524000.1");
    assert_eq!(twice.measures[1].statuses["granted"], 4);
}

#[test]
fn long_and_list_answers() {
    let layout = |layout| {
        let answers = AnswerOptions { layout, reasons: false, ..AnswerOptions::default() };
        engine(EngineOptions { answers, ..EngineOptions::default() }).run(&firms()).unwrap().batch
    };
    let long = layout(Layout::Long);
    assert_eq!(long.num_rows(), 9);
    assert_eq!(strings(&long, "credit_code")[..4], ["A", "A", "A", "C"]);
    assert_eq!(strings(&long, "measure")[1], "insurance_relief");
    assert_eq!(cents(&long, "waive")[..3], [None, Some(26_150_000), None]);
    assert_eq!(lists(&long, "benefits")[..3], ["subsidy=3000元", "relief=261500元", "listed"]);
    assert!(long.column_by_name("failed").is_none());
    let list = layout(Layout::List);
    assert_eq!(strings(&list, "credit_code"), ["A", "A", "A", "C", "D"]);
    assert_eq!(strings(&list, "kind"), ["pay", "waive", "list", "waive", "list"]);
    assert_eq!(strings(&list, "value"), ["3000元", "261500元", "-", "500.05元", "-"]);
    assert_eq!(cents(&list, "amount")[2], None);
}

#[test]
fn labels_and_kept_columns() {
    let answers = AnswerOptions { headers: Headers::ChineseLabels, reasons: false, layout: Layout::Wide };
    let engine = engine(EngineOptions { answers, ..EngineOptions::default() });
    let batch = firms();
    let options = BindOptions { keep: Keep::Unknown, serials: None };
    let binding = engine.bind(&batch.schema(), &options).unwrap();
    let kept = binding.kept_fields(&batch.schema());
    let (raw, binding) = (RawBatch::numbered(batch), Arc::new(binding));
    let jobs = || {
        let job = Job { binding: binding.clone(), raw: raw.clone(), tag: () };
        std::iter::once(Ok::<_, EngineError>(|| Ok(job)))
    };
    let too_early = engine.start(kept.clone(), None).answer(jobs(), |_, ()| Ok(true));
    assert!(matches!(too_early, Err(EngineError::NotObserved)));
    let mut population = engine.population();
    population.observe(&engine, jobs()).unwrap();
    let mut run = engine.start(kept, Some(population.finish()));
    let mut answers = Vec::new();
    run.answer(jobs(), |answered, ()| {
        answers.push(answered);
        Ok(true)
    })
    .unwrap();
    let answered = answers.remove(0);
    let schema = run.schema();
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    assert_eq!(
        names[..4],
        ["统一社会信用代码", "备注", "一次性吸纳就业补贴.结果", "一次性吸纳就业补贴.补贴"]
    );
    assert_eq!(names[names.len() - 1], "合计.减免");
    assert_eq!(strings(&answered.batch, "备注"), ["first", "third", ""]);
}

#[test]
fn a_key_limit_and_a_parameter() {
    let engine_of = |options| engine(options).run(&firms());
    let limited = engine_of(EngineOptions { key_limit: 1, ..EngineOptions::default() });
    assert!(matches!(limited, Err(EngineError::TooManyKeys(1))));
    let set = vec![(crate::check::typed::ParamId(0), Value::Number(Number::from_int(2_000)))];
    let doubled = engine_of(EngineOptions { set, ..EngineOptions::default() }).unwrap();
    assert_eq!(cents(&doubled.batch, "job_subsidy.subsidy")[0], Some(600_000));
}

#[test]
fn an_empty_batch_gives_empty_answers() {
    let answered = engine(EngineOptions::default()).run(&firms().slice(0, 0)).unwrap();
    assert_eq!(answered.batch.num_rows(), 0);
    assert_eq!(answered.batch.num_columns(), 16);
}
