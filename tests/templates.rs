//! The templates of the policies that come with pol, filled in by nobody, bind to their records.
#![cfg(feature = "tables")]

use std::path::Path;

use pol::batch::{BindOptions, Binding};
use pol::check::typed::RecordId;
use pol::tables::{csv_template, expand, xlsx_template};

#[test]
fn every_template_binds_to_its_record() {
    let folder = tempfile::tempdir().unwrap();
    let compiled = pol::compile::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/shandong-2020"));
    let program = &compiled.program;
    assert!(!program.records.is_empty(), "the policy set has records");
    for at in 0..program.records.len() as u32 {
        let record = RecordId(at);
        for name in ["t.csv", "t.xlsx"] {
            let path = folder.path().join(name);
            let path = path.to_str().unwrap();
            match name {
                "t.csv" => csv_template(program, record, path).unwrap(),
                _ => xlsx_template(program, record, path).unwrap(),
            }
            let table = expand(path, None).unwrap()[0].open().unwrap();
            let binding = Binding::new(program, record, &table.schema, &BindOptions::default()).unwrap();
            assert!(binding.missing.is_empty(), "{name} lacks {:?}", binding.missing);
            assert!(binding.unknown.is_empty(), "{name} has {:?} beside", binding.unknown);
        }
    }
}
