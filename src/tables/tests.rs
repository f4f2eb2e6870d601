//! Files that are good, awkward and broken.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder};

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int64Array, RecordBatch, StringArray,
};
use arrow_schema::DataType;
use tempfile::TempDir;

use super::*;
use crate::batch::{BindOptions, Binding, Lines, Place, RawBatch, Reject, Rows};
use crate::check::sketch;
use crate::check::typed::RecordId;

struct Folder(TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        fs::write(self.path(name), bytes).unwrap();
        self.path(name)
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.0.path())
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

/// A table read whole: its column names, its rows with their lines, its bad rows.
#[derive(Debug, Default, PartialEq)]
struct Whole {
    names: Vec<String>,
    rows: Vec<(u64, Vec<String>)>,
    bad: Vec<String>,
}

fn read(path: &str) -> Result<Whole, TableError> {
    let inputs = expand(path, None)?;
    let mut whole = Whole::default();
    for input in &inputs {
        let table = input.open()?;
        whole.names = table.schema.fields().iter().map(|field| field.name().clone()).collect();
        for chunk in table {
            let (raw, rejects) = chunk?.into_raw(0);
            whole.bad.extend(rejects.iter().map(|r| format!("{}: {}", r.place.line, r.reason)));
            let columns: Vec<_> =
                raw.batch.columns().iter().map(|c| crate::batch::Column::new(c).unwrap()).collect();
            for row in 0..raw.batch.num_rows() {
                let cells = columns.iter().map(|column| column.get(row).to_string()).collect();
                whole.rows.push((raw.place(row).line, cells));
            }
        }
    }
    Ok(whole)
}

fn fault(name: &str, bytes: impl AsRef<[u8]>) -> String {
    let folder = Folder::new();
    let path = folder.put(name, bytes);
    let error = read(&path).unwrap_err().to_string();
    error.replace(&path, name)
}

fn rows(name: &str, bytes: impl AsRef<[u8]>) -> Whole {
    let folder = Folder::new();
    read(&folder.put(name, bytes)).unwrap()
}

fn cells(whole: &Whole) -> Vec<Vec<&str>> {
    whole.rows.iter().map(|(_, cells)| cells.iter().map(String::as_str).collect()).collect()
}

#[test]
fn csv_in_every_encoding() {
    let text = "代码,营业收入(万元)\nA,\"1,234\"\n";
    let utf16 = |mark: [u8; 2], bytes: fn(u16) -> [u8; 2]| {
        let mut all = mark.to_vec();
        text.encode_utf16().for_each(|unit| all.extend(bytes(unit)));
        all
    };
    let (gb, _, _) = encoding_rs::GB18030.encode(text);
    let forms = [
        text.as_bytes().to_vec(),
        [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
        utf16([0xFF, 0xFE], u16::to_le_bytes),
        utf16([0xFE, 0xFF], u16::to_be_bytes),
        gb.into_owned(),
    ];
    for form in forms {
        let whole = rows("x.csv", form);
        assert_eq!(whole.names, ["代码", "营业收入(万元)"]);
        assert_eq!(cells(&whole), [["A", "1,234"]]);
    }
}

#[test]
fn csv_delimiters_lines_and_ragged_rows() {
    assert_eq!(cells(&rows("x.csv", "a;b\n1;2\n")), [["1", "2"]]);
    assert_eq!(cells(&rows("x.tsv", "a\tb,c\td\n1\t2\t3\n")), [["1", "2", "3"]]);
    let whole = rows("x.csv", "\r\na,b\r\n\"1\n1\",2\r\n\r\n,\r\n3\r\n4,5,6\r\n7,8,,\r\n9,10");
    assert_eq!(cells(&whole), [["1\n1", "2"], ["7", "8"], ["9", "10"]]);
    let lines: Vec<u64> = whole.rows.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [3, 9, 10]);
    assert_eq!(whole.bad, ["7: has 1 cell, the header has 2", "8: has 3 cells, the header has 2"]);
    assert_eq!(rows("x.csv", "a,,b\n1,2,3\n").names, ["a", "column 2", "b"]);
}

#[test]
fn csv_that_is_none() {
    assert_eq!(fault("x.csv", ""), "x.csv: is empty");
    assert_eq!(fault("x.csv", "\n \n"), "x.csv: has no column names: it is blank");
    assert_eq!(fault("x.csv", "a,b\n"), "x.csv: has column names but not a single row");
    assert_eq!(fault("x.csv", "a,b,a\n1,2,3\n"), "x.csv:1: columns 1 and 3 are both named `a`");
    assert_eq!(fault("x.csv", "\u{3000},\nx,y\n"), "x.csv:1: has no column names in its first row");
    assert_eq!(fault("x.csv", "a\n\"b\nc\n"), "x.csv:2: a cell is opened by a quote here and never closed");
    assert!(fault("x.csv", b"PK\x03\x04xxxx").starts_with("x.csv: is not csv: it starts like a spreadsheet"));
    assert!(fault("x.csv", b"\x1F\x8Bxxxx").contains("gzip"));
    assert!(fault("x.csv", b"a\0b\n").contains("zero bytes"));
    let damaged = ["代码,营业收入\n你好,你好\n".as_bytes(), b"x,\xFF\xFF\n"].concat();
    assert_eq!(
        fault("x.csv", damaged),
        "x.csv:3: is UTF-8 up to byte 36, which is at fault: the file is damaged"
    );
    assert_eq!(
        fault("x.csv", b"a\nb\xFF\n"),
        "x.csv:2: is neither UTF-8 (byte 3 is at fault) nor GB18030 (byte 3 is, in line 2)"
    );
    assert!(fault("x.csv", b"\xFF\xFEa\0\x00\xD8a\0").contains("UTF-16LE"));
}

#[test]
fn ndjson_keeps_digits_and_finds_late_keys() {
    let whole = rows(
        "x.ndjson",
        "{\"a\": 12345678901234567890.10, \"b\": \"x\\ny\"}\n\n{\"c\": null, \"a\": true}\nnonsense\n{\"a\":1,\"a\":2}\n[1]\n{\"b\": [1,2]}\n",
    );
    assert_eq!(whole.names, ["a", "b", "c"]);
    assert_eq!(cells(&whole), [["12345678901234567890.10", "x\ny", ""], ["true", "", ""], ["", "[1,2]", ""]]);
    assert_eq!(whole.rows[2].0, 7);
    assert_eq!(whole.bad.len(), 3);
    assert!(
        whole.bad[1].starts_with("5: is not a JSON object: the key `a` stands twice"),
        "{}",
        whole.bad[1]
    );
    assert!(fault("x.json", "[{\"a\":1}]").contains("each line must be a JSON object"));
    assert!(fault("x.json", "  \n").contains("blank"));
}

/// A table with what answers are made of.
fn sample(rows: usize) -> RecordBatch {
    let mut reasons = ListBuilder::new(StringBuilder::new());
    for row in 0..rows {
        if row % 2 == 0 {
            reasons.values().append_value("resumed");
            reasons.values().append_value("insured");
        }
        reasons.append(row % 2 == 0);
    }
    let ids: Vec<String> = (0..rows).map(|row| format!("企业{row}")).collect();
    let money: Decimal128Array =
        (0..rows).map(|row| (row % 3 != 2).then_some(row as i128 * 101 - 101)).collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(StringArray::from(ids))),
        ("m.pay", Arc::new(money.with_precision_and_scale(18, 2).unwrap())),
        (
            "count",
            Arc::new(Int64Array::from_iter_values(
                (0..rows as i64).map(|row| row % 9 * 1_000_000_000_000_000),
            )),
        ),
        ("until", Arc::new(Date32Array::from_iter_values((0..rows as i32).map(|row| 18_302 + row)))),
        ("ok", Arc::new(BooleanArray::from_iter((0..rows).map(|row| Some(row % 2 == 0))))),
        ("failed", Arc::new(reasons.finish())),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)))
        .unwrap()
}

fn write(path: &str, batch: &RecordBatch) -> Result<(), TableError> {
    let mut writer = TableWriter::create(&Output::new(path, None)?, &batch.schema(), 2)?;
    writer.write(batch)?;
    writer.finish(&[("pol.as_of".to_owned(), "2020-03-31".to_owned())])
}

#[test]
fn what_is_written_is_read_again() {
    let folder = Folder::new();
    let scalars = sample(3).project(&[0, 1, 2, 3, 4]).unwrap();
    for name in ["x.csv", "x.ndjson", "x.parquet", "x.arrow", "x.xlsx"] {
        let path = folder.path(name);
        write(&path, &scalars).unwrap();
        let whole = read(&path).unwrap();
        assert_eq!(whole.names, ["id", "m.pay", "count", "until", "ok"], "{name}");
        assert_eq!(cells(&whole)[0], ["企业0", "-1.01", "0", "2020-02-10", "true"], "{name}");
        assert_eq!(cells(&whole)[2], ["企业2", "", "2000000000000000", "2020-02-12", "true"], "{name}");
    }
    assert_eq!(
        folder.names(),
        ["x.arrow", "x.csv", "x.ndjson", "x.parquet", "x.xlsx"],
        "nothing is left beside"
    );
}

#[test]
fn text_forms_of_answers() {
    let folder = Folder::new();
    write(&folder.path("x.csv"), &sample(2)).unwrap();
    let csv = fs::read_to_string(folder.path("x.csv")).unwrap();
    assert_eq!(
        csv,
        "id,m.pay,count,until,ok,failed\n企业0,-1.01,0,2020-02-10,true,resumed;insured\n\
         企业1,0.00,1000000000000000,2020-02-11,false,\n"
    );
    write(&folder.path("x.ndjson"), &sample(2)).unwrap();
    let json = fs::read_to_string(folder.path("x.ndjson")).unwrap();
    assert_eq!(
        json.lines().next().unwrap(),
        r#"{"id":"企业0","m.pay":-1.01,"count":0,"until":"2020-02-10","ok":true,"failed":["resumed","insured"]}"#
    );
}

#[test]
fn receipts_and_natural_types() {
    let folder = Folder::new();
    let path = folder.path("x.parquet");
    write(&path, &sample(2 * BATCH_ROWS + 1)).unwrap();
    let file = fs::File::open(&path).unwrap();
    let builder = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let metadata = builder.metadata().file_metadata().key_value_metadata().unwrap();
    assert!(
        metadata.iter().any(|pair| pair.key == "pol.as_of" && pair.value.as_deref() == Some("2020-03-31"))
    );
    let table = expand(&path, None).unwrap()[0].open().unwrap();
    assert_eq!(table.schema.field(1).data_type(), &DataType::Decimal128(18, 2));
    let chunks: Vec<Chunk> = table.map(Result::unwrap).collect();
    assert_eq!(chunks.len(), 3);
    assert_eq!(chunks[1].lines, Lines::From(BATCH_ROWS as u64 + 1));
    write(&folder.path("x.arrow"), &sample(2)).unwrap();
    let reader =
        arrow_ipc::reader::FileReader::try_new(fs::File::open(folder.path("x.arrow")).unwrap(), None)
            .unwrap();
    assert_eq!(reader.custom_metadata()["pol.as_of"], "2020-03-31");
    assert_eq!(reader.into_iter().next().unwrap().unwrap().num_rows(), 2);
}

#[test]
fn arrow_streams_and_truncated_files() {
    let folder = Folder::new();
    let batch = sample(100).project(&[0, 1]).unwrap();
    let mut stream = arrow_ipc::writer::StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    stream.write(&batch).unwrap();
    let stream = stream.into_inner().unwrap();
    assert_eq!(read(&folder.put("s.arrow", &stream)).unwrap().rows.len(), 100);
    assert!(fault("s.arrow", &stream[..stream.len() / 2]).contains("cannot be read from row 1 on"));
    for name in ["x.parquet", "x.arrow", "x.xlsx"] {
        let path = folder.path(name);
        write(&path, &batch).unwrap();
        let bytes = fs::read(&path).unwrap();
        assert!(fault(name, &bytes[..bytes.len() - 20]).contains("whole"), "{name}");
        assert!(
            fault(name, "a,b\n1,2\n").contains(&format!("is not {}", name.rsplit('.').next().unwrap())),
            "{name}"
        );
    }
}

#[test]
fn sheets_of_workbooks() {
    let folder = Folder::new();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_string(2, 0, "代码").unwrap();
    sheet.write_string(2, 1, "日期").unwrap();
    sheet.write_string(4, 0, "A").unwrap();
    sheet.write_number(4, 1, 43_871.0).unwrap();
    sheet.write_string(5, 0, "B").unwrap();
    sheet.write_number(5, 2, 0.1).unwrap();
    book.add_worksheet().set_name("空").unwrap();
    let path = folder.path("x.xlsx");
    book.save(&path).unwrap();
    let whole = read(&path).unwrap();
    assert_eq!(whole.names, ["代码", "日期"]);
    assert_eq!(whole.rows, [(5, vec!["A".to_owned(), "43871".to_owned()])]);
    assert_eq!(whole.bad, ["6: has a cell in column 3, the header has 2"]);
    assert!(read(&format!("{path}#空")).unwrap_err().message.contains("`空` is blank"));
    assert!(read(&format!("{path}#x")).unwrap_err().message.contains("it has `Sheet1`, `空`"));
}

#[test]
fn globs_and_names() {
    let folder = Folder::new();
    folder.put("b.csv", "a\n2\n");
    folder.put("a.csv", "a\n1\n");
    assert_eq!(cells(&read(&folder.path("*.csv")).unwrap()), [["1"], ["2"]]);
    assert!(read(&folder.path("*.parquet")).unwrap_err().message.contains("no file"));
    assert!(read(&folder.path("none.csv")).unwrap_err().message.contains("No such file"));
    assert!(read(&folder.path("")).unwrap_err().message.contains("folder"));
    let odd = folder.put("odd", "a,b\n1,2\n");
    assert!(read(&odd).unwrap_err().message.contains("format can be told neither"));
    let given = expand(&odd, Some(Format::Csv)).unwrap();
    assert_eq!(given[0].open().unwrap().count(), 1);
    let digest = digest(&given[0]).unwrap();
    assert_eq!(digest.len(), 71);
    assert_ne!(digests(&[given[0].clone(), given[0].clone()]).unwrap(), digest);
    assert!(expand("-", None).unwrap_err().message.contains("--input-format"));
}

#[test]
fn places_that_cannot_be_written() {
    let folder = Folder::new();
    assert!(
        write(&folder.path("none/x.csv"), &sample(1)).unwrap_err().message.contains("there is no folder")
    );
    assert!(write(&folder.path("x.doc"), &sample(1)).unwrap_err().message.contains("format"));
    fs::create_dir(folder.path("d.csv")).unwrap();
    assert!(write(&folder.path("d.csv"), &sample(1)).unwrap_err().message.contains("folder"));
    for format in Format::ALL {
        let output = Output { path: "/dev/full".to_owned(), format };
        let batch = sample(5_000);
        let written = TableWriter::create(&output, &batch.schema(), 1).and_then(|mut writer| {
            writer.write(&batch)?;
            writer.finish(&[])
        });
        let error = written.unwrap_err();
        assert!(error.message.starts_with("cannot be written"), "{format:?}: {error}");
    }
    let output = Output { path: folder.path("dropped.parquet"), format: Format::Parquet };
    let mut writer = TableWriter::create(&output, &sample(1).schema(), 1).unwrap();
    writer.write(&sample(1)).unwrap();
    drop(writer);
    assert_eq!(folder.names(), ["d.csv"]);
}

#[cfg(unix)]
#[test]
fn links_and_permissions_stay() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let real = PathBuf::from(folder.put("real.csv", "old"));
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    let link = folder.path("link.csv");
    std::os::unix::fs::symlink(&real, &link).unwrap();
    write(&link, &sample(1)).unwrap();
    assert!(fs::symlink_metadata(Path::new(&link)).unwrap().is_symlink());
    assert!(fs::read_to_string(&real).unwrap().starts_with("id,"));
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn rejects_name_their_files() {
    let folder = Folder::new();
    let path = folder.path("rejects.csv");
    let mut writer = RejectsWriter::create(&path, vec!["a.csv".to_owned(), "b.csv".to_owned()]).unwrap();
    let reject = Reject {
        place: Place { source: 1, line: 7 },
        column: "代码".to_owned(),
        value: "A".to_owned(),
        reason: "repeats the key of line 3".to_owned(),
        first: Some(Place { source: 0, line: 3 }),
    };
    writer.write(&reject).unwrap();
    assert_eq!(writer.count(), 1);
    writer.finish().unwrap();
    let text = fs::read_to_string(path).unwrap();
    assert_eq!(text, "file,line,column,value,reason\nb.csv,7,代码,A,repeats the key of line 3 of a.csv\n");
}

#[test]
fn a_template_binds_to_its_record() {
    let folder = Folder::new();
    let mut program = sketch::relief();
    program.records[0].fields[3].data_unit = crate::value::Number::from_int(10_000);
    program.records[0].fields[3].data_unit_word = "万元".to_owned();
    csv_template(&program, RecordId(0), &folder.path("t.csv")).unwrap();
    let csv = fs::read_to_string(folder.path("t.csv")).unwrap();
    assert!(csv.starts_with("统一社会信用代码,单位性质,从业人员,营业收入(万元),"), "{csv}");
    xlsx_template(&program, RecordId(0), &folder.path("t.xlsx")).unwrap();
    let input = &expand(&folder.path("t.xlsx"), None).unwrap()[0];
    let table = input.open().unwrap();
    let binding = Binding::new(&program, RecordId(0), &table.schema, &BindOptions::default()).unwrap();
    assert!(binding.missing.is_empty() && binding.unknown.is_empty());
    let fields = read(&folder.path("t.xlsx#fields")).unwrap();
    assert_eq!(fields.rows.len(), 8);
    assert_eq!(fields.rows[0].1[8], "企业", "the choices stand beside the fields");
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 64, ..Default::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300), at in 0usize..10) {
        let folder = Folder::new();
        let starts: [&[u8]; 10] = [b"", b"PK\x03\x04", b"PAR1", b"ARROW1\0\0", &[0xFF; 4], b"{\"a\":", b"a,b\n", b"\xEF\xBB\xBF",
                                   b"\xFF\xFE", b"\xFE\xFF"];
        let content = [starts[at], &bytes].concat();
        let path = folder.put("x", &content);
        for format in Format::ALL {
            let Ok(inputs) = expand(&path, Some(format)) else { continue };
            if let Ok(table) = inputs[0].open() {
                table.for_each(drop);
            }
        }
    }

    #[test]
    fn damaged_files_are_read_or_refused(at in 0usize..4_000, byte: u8, kind in 0usize..3) {
        let folder = Folder::new();
        let name = ["x.parquet", "x.arrow", "x.xlsx"][kind];
        let path = folder.path(name);
        write(&path, &sample(50)).unwrap();
        let mut bytes = fs::read(&path).unwrap();
        let at = at % bytes.len();
        bytes[at] = byte;
        fs::write(&path, bytes).unwrap();
        if let Ok(table) = expand(&path, None).and_then(|inputs| inputs[0].open()) {
            table.for_each(drop);
        }
    }

    #[test]
    fn any_cells_survive_csv(cells in proptest::collection::vec("[ -~\n\r\"，中]{0,8}", 2..20)) {
        let folder = Folder::new();
        let array = StringArray::from_iter_values(cells.iter().map(|cell| format!("x{cell}")));
        let batch = RecordBatch::try_from_iter([("a", Arc::new(array) as ArrayRef)]).unwrap();
        write(&folder.path("x.csv"), &batch).unwrap();
        let whole = read(&folder.path("x.csv")).unwrap();
        let back: Vec<String> = whole.rows.into_iter().map(|(_, mut cells)| cells.remove(0)).collect();
        proptest::prop_assert_eq!(back, cells.iter().map(|cell| format!("x{cell}")).collect::<Vec<_>>());
    }
}

#[test]
fn a_file_is_bound_and_read_as_records() {
    let folder = Folder::new();
    let path = folder.put("x.csv", "统一社会信用代码,营业收入（万元）\nA,600\nB,多\n");
    let table = expand(&path, None).unwrap()[0].open().unwrap();
    let program = sketch::relief();
    let binding = Binding::new(&program, RecordId(0), &table.schema, &BindOptions::default()).unwrap();
    let raws: Vec<RawBatch> = table.map(|chunk| chunk.unwrap().into_raw(4).0).collect();
    let read = Rows::read(&binding, &raws[0]);
    assert_eq!(read.good(), [0]);
    assert_eq!(read.rejects[0].place, Place { source: 4, line: 3 });
}
