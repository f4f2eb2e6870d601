//! Which format a file is in: by its name, checked against its first bytes.

use std::path::Path;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Csv,
    Ndjson,
    Parquet,
    Arrow,
    Xlsx,
}

impl Format {
    pub const ALL: [Format; 5] = [Format::Csv, Format::Ndjson, Format::Parquet, Format::Arrow, Format::Xlsx];

    /// The name in `--input-format`.
    pub fn name(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Ndjson => "ndjson",
            Format::Parquet => "parquet",
            Format::Arrow => "arrow",
            Format::Xlsx => "xlsx",
        }
    }

    pub fn from_name(name: &str) -> Option<Format> {
        Format::ALL.into_iter().find(|format| format.name() == name)
    }

    /// By the extension of a file's name.
    pub fn of_path(path: &Path) -> Option<Format> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "csv" | "tsv" | "txt" => Some(Format::Csv),
            "ndjson" | "jsonl" | "json" => Some(Format::Ndjson),
            "parquet" | "pq" => Some(Format::Parquet),
            "arrow" | "arrows" | "feather" | "ipc" => Some(Format::Arrow),
            "xlsx" | "xlsm" => Some(Format::Xlsx),
            _ => None,
        }
    }

    /// By the first bytes of a file; `None` for plain text, which can be anything.
    pub fn of_bytes(start: &[u8]) -> Option<Format> {
        let has = |magic: &[u8]| start.starts_with(magic);
        if has(b"PK\x03\x04") {
            Some(Format::Xlsx)
        } else if has(b"PAR1") {
            Some(Format::Parquet)
        } else if has(b"ARROW1") || has(&[0xFF; 4]) {
            Some(Format::Arrow)
        } else if start.trim_ascii_start().starts_with(b"{") {
            Some(Format::Ndjson)
        } else {
            None
        }
    }

    /// Why a file that begins with these bytes is not in this format, where that can be told.
    pub fn objection(self, start: &[u8]) -> Option<String> {
        let found = foreign(start).or_else(|| {
            Some(match Format::of_bytes(start)? {
                Format::Xlsx => "a spreadsheet (or another zip archive)",
                Format::Parquet => "Parquet",
                Format::Arrow => "Arrow IPC",
                Format::Csv | Format::Ndjson => "JSON",
            })
        });
        let binary = matches!(self, Format::Parquet | Format::Arrow | Format::Xlsx);
        let fits = match Format::of_bytes(start) {
            Some(Format::Ndjson) | None => !binary && foreign(start).is_none(),
            Some(found) => found == self,
        };
        if fits {
            return None;
        }
        let wanted = self.name();
        Some(match found {
            Some(found) => format!("is not {wanted}: it starts like {found}; name it so, or give its format"),
            None => format!("is not {wanted}: it starts with {}", shown(start)),
        })
    }
}

/// Formats that are not read, but often met.
fn foreign(start: &[u8]) -> Option<&'static str> {
    const FOREIGN: &[(&[u8], &str)] = &[
        (b"\xD0\xCF\x11\xE0", "an old .xls workbook or one with a password (save it as .xlsx without one)"),
        (b"\x1F\x8B", "a gzip archive (unpack it first)"),
        (b"\x28\xB5\x2F\xFD", "a zstd archive (unpack it first)"),
        (b"BZh", "a bzip2 archive (unpack it first)"),
        (b"%PDF", "a PDF"),
        (b"SQLite format 3", "an SQLite database"),
    ];
    FOREIGN.iter().find(|(magic, _)| start.starts_with(magic)).map(|(_, what)| *what)
}

fn shown(start: &[u8]) -> String {
    if start.is_empty() {
        return "nothing: it is empty".to_owned();
    }
    format!("`{}`", start[..start.len().min(8)].escape_ascii())
}
