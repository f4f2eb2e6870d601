//! NDJSON: one JSON object a line. Numbers keep their digits.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{BufRead, Read};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::encoding::open_text;
use super::texts::{Texts, text_schema};
use super::{Chunk, Everything, Table, column_names};
use crate::tables::error::TableError;
use crate::tables::input::Input;

const LONGEST_LINE: usize = 16 << 20;
const MOST_COLUMNS: usize = 10_000;

type Text = Box<dyn BufRead + Send>;

/// The columns are the keys of all objects, in the order in which they first occur: the file is read once for
/// them, and again for its rows.
pub fn open(input: &Input) -> Result<Table, TableError> {
    let names = keys(input)?;
    let schema = text_schema(column_names(input, None, names.clone())?);
    let columns = names.into_iter().enumerate().map(|(at, name)| (name, at)).collect();
    let lines = NumberedLines::new(input)?;
    let rows = Rows { lines, columns, texts: Texts::new(schema.clone()), ended: false };
    Ok(Table::new(input, schema, Box::new(Everything(rows))))
}

fn keys(input: &Input) -> Result<Vec<String>, TableError> {
    let mut lines = NumberedLines::new(input)?;
    let mut seen = BTreeMap::new();
    let mut any = false;
    while let Some((line, text)) = lines.next()? {
        let object = match parse(text) {
            Ok(object) => object,
            Err(why) if !any => {
                let message = format!("{why}; each line must be a JSON object, such as {{\"name\": 1}}");
                return Err(TableError::at(input.name(), line, message));
            }
            Err(_) => continue,
        };
        any = true;
        for (key, _) in object.0 {
            let next = seen.len();
            seen.entry(key).or_insert(next);
        }
        if seen.len() > MOST_COLUMNS {
            let message = format!("the objects have more than {MOST_COLUMNS} different keys");
            return Err(TableError::at(input.name(), line, message));
        }
    }
    if !any {
        return Err(TableError::new(input.name(), "has no JSON objects: it is blank"));
    }
    let mut keys: Vec<(usize, String)> = seen.into_iter().map(|(key, at)| (at, key)).collect();
    keys.sort();
    Ok(keys.into_iter().map(|(_, key)| key).collect())
}

/// Lines that are not blank, with their numbers.
struct NumberedLines {
    name: String,
    text: Text,
    line: u64,
    held: Vec<u8>,
}

impl NumberedLines {
    fn new(input: &Input) -> Result<NumberedLines, TableError> {
        Ok(NumberedLines {
            name: input.name().to_owned(),
            text: open_text(input)?,
            line: 0,
            held: Vec::new(),
        })
    }

    fn next(&mut self) -> Result<Option<(u64, &[u8])>, TableError> {
        loop {
            self.held.clear();
            let mut limited = (&mut self.text).take(LONGEST_LINE as u64);
            let cannot = |error| TableError::io(&self.name, "cannot be read", &error);
            if limited.read_until(b'\n', &mut self.held).map_err(cannot)? == 0 {
                return Ok(None);
            }
            self.line += 1;
            if self.held.len() >= LONGEST_LINE {
                return Err(TableError::at(&self.name, self.line, "a line is longer than 16 MiB"));
            }
            if !self.held.trim_ascii().is_empty() {
                break;
            }
        }
        Ok(Some((self.line, self.held.trim_ascii())))
    }
}

/// An object's keys and values in order; no key twice.
struct Object<'l>(Vec<(String, &'l RawValue)>);

impl<'l> Deserialize<'l> for Object<'l> {
    fn deserialize<D: Deserializer<'l>>(deserializer: D) -> Result<Object<'l>, D::Error> {
        deserializer.deserialize_map(ObjectVisitor)
    }
}

struct ObjectVisitor;

impl<'l> Visitor<'l> for ObjectVisitor {
    type Value = Object<'l>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'l>>(self, mut map: A) -> Result<Object<'l>, A::Error> {
        let mut pairs: Vec<(String, &'l RawValue)> = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        while let Some((key, value)) = map.next_entry::<String, &'l RawValue>()? {
            if !seen.insert(key.clone()) {
                return Err(serde::de::Error::custom(format!("the key `{key}` stands twice")));
            }
            pairs.push((key, value));
        }
        Ok(Object(pairs))
    }
}

fn parse(text: &[u8]) -> Result<Object<'_>, String> {
    let text = std::str::from_utf8(text).map_err(|_| "is not text".to_owned())?;
    serde_json::from_str(text).map_err(|error| {
        let what = error.to_string();
        let what = what.split(" at line 1").next().unwrap_or_default();
        format!("is not a JSON object: {what} (character {})", error.column())
    })
}

struct Rows {
    lines: NumberedLines,
    columns: BTreeMap<String, usize>,
    texts: Texts,
    ended: bool,
}

impl Iterator for Rows {
    type Item = Result<Chunk, TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut cells: Vec<Option<String>> = vec![None; self.columns.len()];
        while !self.ended && !self.texts.is_full() {
            let (line, text) = match self.lines.next() {
                Ok(Some(next)) => next,
                Ok(None) => {
                    self.ended = true;
                    break;
                }
                Err(error) => return Some(Err(error)),
            };
            match parse(text) {
                Err(why) => self.texts.push_bad(line, &String::from_utf8_lossy(text), why),
                Ok(object) => {
                    cells.fill(None);
                    for (key, value) in object.0 {
                        if let Some(at) = self.columns.get(&key) {
                            cells[*at] = scalar(value);
                        }
                    }
                    self.texts.push(line, cells.iter().map(Option::as_deref));
                }
            }
        }
        if self.texts.is_empty() {
            return None;
        }
        Some(self.texts.take().map_err(|error| TableError::new(&self.lines.name, error.to_string())))
    }
}

/// The text of a value: of a string what is in it, of anything else the JSON; none for `null`.
fn scalar(value: &RawValue) -> Option<String> {
    let text = value.get();
    match text.as_bytes().first() {
        Some(b'n') => None,
        Some(b'"') => Some(serde_json::from_str(text).unwrap_or_else(|_| text.to_owned())),
        _ => Some(text.to_owned()),
    }
}
