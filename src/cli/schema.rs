//! `pol schema`: the form behind a policy, as a JSON schema, a template to fill in, or an Arrow schema.

use std::path::PathBuf;

use serde_json::{Map, Value as Json, json};

use super::inputs::{record_named, unknown_record};
use super::set::{self, PolicySet};
use super::{Outcome, Stop};
use crate::check::show::{Language, show_value};
use crate::check::typed::{Field, RecordId, Type};
use crate::tables::{csv_template, xlsx_template};
use crate::value::{Date, Number, Value};

/// Show the fields that a policy needs: a JSON schema, a spreadsheet to fill in, an Arrow schema
#[derive(clap::Args)]
#[command(
    after_help = "Example: pol schema policies/shandong-2020 --record Enterprise --format xlsx --output form.xlsx"
)]
pub struct Arguments {
    /// The folder of the policy set
    #[arg(default_value = ".")]
    set: PathBuf,
    /// The record, by name or label; without it, all of them (JSON only)
    #[arg(long)]
    record: Option<String>,
    #[arg(long, value_enum, default_value_t = Layout::JsonSchema, help = "What is written")]
    format: Layout,
    /// Write to a file; a workbook needs one
    #[arg(long)]
    output: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Layout {
    /// A JSON schema (2020-12)
    JsonSchema,
    /// The header row of a CSV file
    Csv,
    /// A workbook with lists to choose from
    Xlsx,
    /// The columns and their Arrow types, as JSON
    Arrow,
}

pub fn run(arguments: &Arguments) -> Outcome {
    let set = set::load(&arguments.set)?;
    let records = records(&set, arguments.record.as_deref())?;
    match arguments.format {
        Layout::JsonSchema => {
            let schemas: Vec<Json> = records.iter().map(|id| json_schema(&set, *id)).collect();
            write(arguments, &one_or_all(schemas))
        }
        Layout::Arrow => {
            let schemas: Vec<Json> = records.iter().map(|id| arrow_schema(&set, *id)).collect();
            write(arguments, &one_or_all(schemas))
        }
        Layout::Csv | Layout::Xlsx => template(arguments, &set, &records),
    }
}

fn records(set: &PolicySet, named: Option<&str>) -> Result<Vec<RecordId>, Stop> {
    match named {
        Some(name) => record_named(set, name)
            .map(|id| vec![id])
            .ok_or_else(|| unknown_record(set, name, &format!("--record {name}"))),
        None => Ok((0..set.program.records.len()).map(|at| RecordId(at as u32)).collect()),
    }
}

fn template(arguments: &Arguments, set: &PolicySet, records: &[RecordId]) -> Outcome {
    let [record] = records else {
        let names: Vec<&str> = set.program.records.iter().map(|record| record.head.name.as_str()).collect();
        return Err(Stop::Usage(format!(
            "a template is for one record; add --record, one of {}",
            names.join(", ")
        )));
    };
    let path = match (&arguments.output, arguments.format) {
        (Some(path), _) => path.clone(),
        (None, Layout::Csv) => "-".to_owned(),
        (None, _) => return Err(Stop::Usage("a workbook needs a file: add --output form.xlsx".to_owned())),
    };
    match arguments.format {
        Layout::Csv => csv_template(&set.program, *record, &path)?,
        _ => xlsx_template(&set.program, *record, &path)?,
    }
    Ok(())
}

fn one_or_all(mut schemas: Vec<Json>) -> Json {
    if schemas.len() == 1 { schemas.remove(0) } else { Json::Array(schemas) }
}

fn write(arguments: &Arguments, json: &Json) -> Outcome {
    let text = format!("{json:#}\n");
    super::save(&text, arguments.output.as_deref())
}

/// The schema of one record as a line of NDJSON input holds it.
fn json_schema(set: &PolicySet, id: RecordId) -> Json {
    let record = &set.program.records[id.index()];
    let mut properties = Map::new();
    for field in &record.fields {
        properties.insert(field.name.clone(), property(set, field));
    }
    let required: Vec<&str> =
        record.fields.iter().filter(|field| field.key).map(|field| field.name.as_str()).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": record.head.label, "$id": record.head.name, "description": record.head.docs,
        "type": "object", "properties": properties, "required": required,
    })
}

fn property(set: &PolicySet, field: &Field) -> Json {
    let mut out = Map::new();
    out.insert("title".to_owned(), json!(field.label));
    let kind = match &field.ty {
        Type::Bool => json!("boolean"),
        Type::Number(_) if field.decimals == 0 => json!("integer"),
        Type::Number(_) => json!("number"),
        _ => json!("string"),
    };
    out.insert("type".to_owned(), if field.key { kind } else { json!([kind, "null"]) });
    match &field.ty {
        Type::Enum(id) => {
            let variants = &set.program.enums[id.index()].variants;
            let mut names: Vec<Json> = variants.iter().map(|variant| json!(variant.name)).collect();
            if !field.key {
                names.push(Json::Null);
            }
            out.insert("enum".to_owned(), Json::Array(names));
            let labels: Map<String, Json> =
                variants.iter().map(|variant| (variant.name.clone(), json!(variant.label))).collect();
            out.insert("x-labels".to_owned(), Json::Object(labels));
        }
        Type::Date => {
            out.insert("format".to_owned(), json!("date"));
        }
        Type::Time => {
            out.insert("format".to_owned(), json!("date-time"));
        }
        Type::Number(_) => number_property(field, &mut out),
        Type::Bool | Type::Text => {}
    }
    if let Some(range) = range_words(set, field) {
        out.insert("x-range".to_owned(), json!(range));
    }
    out.insert("x-optional".to_owned(), json!(field.optional));
    Json::Object(out)
}

/// Unit and bounds, in the unit in which data hold the field.
fn number_property(field: &Field, out: &mut Map<String, Json>) {
    if !field.data_unit_word.is_empty() {
        out.insert("x-unit".to_owned(), json!(field.data_unit_word));
    }
    let bound = |number: &Option<Number>| {
        let text = number.as_ref()?.div(&field.data_unit)?.to_string();
        text.parse::<serde_json::Number>().ok()
    };
    if let Some(low) = bound(&field.range.low) {
        out.insert("minimum".to_owned(), Json::Number(low));
    }
    if let Some(high) = bound(&field.range.high) {
        out.insert("maximum".to_owned(), Json::Number(high));
    }
}

fn range_words(set: &PolicySet, field: &Field) -> Option<String> {
    let show = |number: &Number| {
        let value = match field.ty {
            Type::Date => Value::Date(Date::from_days(i64::try_from(number.to_scaled(0)?).ok()?)?),
            _ => Value::Number(number.clone()),
        };
        Some(show_value(&set.program, &field.ty, &value, Language::Chinese))
    };
    Some(format!("{}..{}", show(field.range.low.as_ref()?)?, show(field.range.high.as_ref()?)?))
}

/// The columns of a Parquet or Arrow file that needs no conversion.
fn arrow_schema(set: &PolicySet, id: RecordId) -> Json {
    let record = &set.program.records[id.index()];
    let fields: Vec<Json> = record
        .fields
        .iter()
        .map(|field| {
            let ty = match &field.ty {
                Type::Bool => "bool".to_owned(),
                Type::Text => "utf8".to_owned(),
                Type::Enum(_) => "dictionary<int32, utf8>".to_owned(),
                Type::Date => "date32".to_owned(),
                Type::Time => "timestamp(second)".to_owned(),
                Type::Number(_) if field.decimals == 0 => "int64".to_owned(),
                Type::Number(_) => format!("decimal128(18, {})", field.decimals),
            };
            json!({
                "name": field.name, "label": field.label, "type": ty,
                "unit": field.data_unit_word, "nullable": !field.key,
            })
        })
        .collect();
    json!({ "record": record.head.name, "label": record.head.label, "fields": fields })
}
