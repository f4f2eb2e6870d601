//! Charts as SVG that stands in a page: whole numbers throughout, colours and words of the page, a text for those who
//! do not see them.

use std::fmt::Write;

use crate::check::show::escape;

/// A bar of a chart.
pub struct Bar {
    pub label: String,
    /// What is written at its end.
    pub value: String,
    /// In any unit; the longest bar has the greatest.
    pub size: u128,
    pub class: &'static str,
}

const WIDTH: u128 = 720;
const ROW: u128 = 26;
const LABEL: u128 = 260;
const VALUE: u128 = 150;

/// Horizontal bars, one below the other.
pub fn bars(title: &str, bars: &[Bar]) -> String {
    if bars.is_empty() {
        return String::new();
    }
    let most = bars.iter().map(|bar| bar.size).max().unwrap_or(1).max(1);
    let height = ROW * bars.len() as u128 + 4;
    let mut out = format!(
        "<svg role=\"img\" viewBox=\"0 0 {WIDTH} {height}\" class=\"chart\">\n<title>{}</title>\n",
        escape(title)
    );
    for (at, bar) in bars.iter().enumerate() {
        let top = ROW * at as u128 + 2;
        let room = WIDTH - LABEL - VALUE;
        // No bar that stands for something is invisible.
        let length = scaled(bar.size, most, room).max(u128::from(bar.size > 0) * 2);
        let (middle, end) = (top + ROW / 2 + 5, LABEL + 8 + length);
        let _ = writeln!(
            out,
            "<text x=\"{LABEL}\" y=\"{middle}\" text-anchor=\"end\">{}</text><rect class=\"{}\" x=\"{}\" y=\"{top}\" \
             width=\"{length}\" height=\"{}\"/><text x=\"{}\" y=\"{middle}\">{}</text>",
            escape(&bar.label),
            bar.class,
            LABEL + 6,
            ROW - 6,
            end + 6,
            escape(&bar.value),
        );
    }
    out.push_str("</svg>\n");
    out
}

fn scaled(size: u128, most: u128, room: u128) -> u128 {
    // Sizes are money at most: far from where this would not fit.
    size.checked_mul(room).map_or(room, |product| product / most)
}
