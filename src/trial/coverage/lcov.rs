//! Coverage as an lcov tracefile, which editors and CI services show beside the lines.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Coverage, Goal};
use crate::source::{FileId, SourceMap};

/// What is known of the lines of one file.
#[derive(Default)]
struct Lines<'c> {
    /// How often something on a line was seen at all.
    hits: BTreeMap<usize, usize>,
    /// The goals of each line, subject by subject.
    blocks: BTreeMap<usize, Vec<Vec<Goal<'c>>>>,
}

impl Coverage {
    /// A record for each file. The ways in which a condition can come out, and the alternatives of a measure, are
    /// branches of their lines; a step of a param is a line.
    pub fn lcov(&self, sources: &SourceMap) -> String {
        let mut files: BTreeMap<FileId, Lines<'_>> = BTreeMap::new();
        for goal in self.goals() {
            let line = sources.file(goal.span.file).line_column(goal.span.start as usize).0;
            let lines = files.entry(goal.span.file).or_default();
            *lines.hits.entry(line).or_default() += goal.count;
            if goal.what == "used" {
                continue;
            }
            let blocks = lines.blocks.entry(line).or_default();
            let same = |block: &&mut Vec<Goal<'_>>| {
                block[0].subject == goal.subject && (block[0].what == "taken") == (goal.what == "taken")
            };
            match blocks.iter_mut().find(same) {
                Some(block) => block.push(goal),
                None => blocks.push(vec![goal]),
            }
        }
        let mut out = String::new();
        for (file, lines) in files {
            let _ = writeln!(out, "TN:pol\nSF:{}", sources.file(file).path.display());
            lines.write(&mut out);
            out.push_str("end_of_record\n");
        }
        out
    }
}

impl Lines<'_> {
    fn write(&self, out: &mut String) {
        let (mut found, mut hit) = (0usize, 0usize);
        for (line, blocks) in &self.blocks {
            for (number, block) in blocks.iter().enumerate() {
                let reached = block.iter().any(|goal| goal.count > 0);
                for (branch, goal) in block.iter().enumerate() {
                    let count = if reached { goal.count.to_string() } else { "-".to_owned() };
                    let _ = writeln!(out, "BRDA:{line},{number},{branch},{count}");
                    found += 1;
                    hit += usize::from(goal.count > 0);
                }
            }
        }
        let _ = writeln!(out, "BRF:{found}\nBRH:{hit}");
        for (line, count) in &self.hits {
            let _ = writeln!(out, "DA:{line},{count}");
        }
        let hit = self.hits.values().filter(|count| **count > 0).count();
        let _ = writeln!(out, "LF:{}\nLH:{hit}", self.hits.len());
    }
}
