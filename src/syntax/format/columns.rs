//! Parts of neighbouring lines that stand below each other, and the text of the lines.

use std::collections::BTreeMap;

use unicode_width::UnicodeWidthStr;

use super::layout::Line;
use super::pieces::{Column, Kind};

/// A part that starts so many columns behind all others is not waited for: they stand below each other, it stands out.
const STANDS_OUT: usize = 16;
/// The same for what follows from a condition, whose length says little.
const ARROW_STANDS_OUT: usize = 32;

/// Widens the spaces before parts of the same column.
pub fn align(lines: &mut [Line<'_>]) {
    let mut runs: BTreeMap<(usize, Kind), Vec<usize>> = BTreeMap::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(kind) = line.kind else { continue };
        if !line.parts.iter().any(|part| part.stop.is_some_and(|stop| stop.kind == kind)) {
            continue;
        }
        // Parts behind the name alone stand below each other though a member takes several lines.
        let name_only = matches!(kind, Kind::Field | Kind::Variant | Kind::Input) || is_bare(line, kind);
        if line.goes_on && !name_only {
            continue;
        }
        let run = if name_only { line.group } else { line.run };
        // Conditions that are a name alone have columns of their own.
        let shown_as = if name_only && kind == Kind::Condition { Kind::Other } else { kind };
        runs.entry((run, shown_as)).or_default().push(at);
    }
    for run in runs.values().filter(|run| run.len() > 1) {
        align_run(lines, run);
    }
}

fn is_bare(line: &Line<'_>, kind: Kind) -> bool {
    kind == Kind::Condition && stop_at(line, kind, Column::Cite).is_some()
}

fn stop_at(line: &Line<'_>, kind: Kind, column: Column) -> Option<usize> {
    let here = |stop: super::pieces::Stop| stop.kind == kind && stop.column == column;
    line.parts.iter().position(|part| part.stop.is_some_and(here))
}

fn align_run(lines: &mut [Line<'_>], run: &[usize]) {
    let Some(kind) = run.first().and_then(|at| lines[*at].kind) else { return };
    let stops = run.iter().flat_map(|at| &lines[*at].parts).filter_map(|part| part.stop);
    let mut columns: Vec<Column> = stops.filter(|stop| stop.kind == kind).map(|stop| stop.column).collect();
    columns.sort();
    columns.dedup();
    for column in columns {
        let mut places: Vec<(usize, usize, usize)> = run
            .iter()
            .filter_map(|at| {
                let part = stop_at(&lines[*at], kind, column)?;
                Some((start(&lines[*at], part), *at, part))
            })
            .collect();
        places.sort();
        let apart = match column {
            _ if kind == Kind::Row => usize::MAX,
            Column::Arrow => ARROW_STANDS_OUT,
            _ => STANDS_OUT,
        };
        while let [.., (next, ..), (last, ..)] = places.as_slice()
            && last - next > apart
        {
            places.pop();
        }
        let furthest = places.last().map_or(0, |(start, ..)| *start);
        for (start, at, part) in places {
            lines[at].parts[part].spaces += furthest - start;
        }
    }
}

/// The column where a part of a line starts.
fn start(line: &Line<'_>, part: usize) -> usize {
    let before: usize = line.parts[..part].iter().map(|part| part.spaces + part.text.width()).sum();
    line.indent + before + line.parts[part].spaces
}

/// The text of the lines, without a line break at the end.
pub fn text(lines: &[Line<'_>]) -> String {
    let mut out = String::new();
    for (at, line) in lines.iter().enumerate() {
        if at > 0 {
            out.push_str(if line.blank_before { "\n\n" } else { "\n" });
        }
        out.extend(std::iter::repeat_n(' ', line.indent));
        for part in &line.parts {
            out.extend(std::iter::repeat_n(' ', part.spaces));
            out.push_str(part.text);
        }
        if let Some(comment) = line.comment {
            if !line.parts.is_empty() {
                out.push_str("  ");
            }
            out.push_str(comment);
        }
    }
    out
}
