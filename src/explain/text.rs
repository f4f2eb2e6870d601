//! An outline as a tree drawn with box characters.

use crate::explain::outline::Line;

pub fn render(line: &Line) -> String {
    let mut out = format!("{}\n", line.text);
    below(&mut out, line, "");
    out
}

fn below(out: &mut String, line: &Line, margin: &str) {
    for (at, next) in line.below.iter().enumerate() {
        let last = at + 1 == line.below.len();
        let symbol = next.symbol().map_or(String::new(), |symbol| format!("{symbol} "));
        out.push_str(margin);
        out.push_str(if last { "└─ " } else { "├─ " });
        out.push_str(&format!("{symbol}{}\n", next.text));
        below(out, next, &format!("{margin}{}", if last { "   " } else { "│  " }));
    }
}
