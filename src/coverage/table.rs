//! Coverage as tables: for a terminal, and for a page of documentation.

use std::fmt::Write;

use super::{ArticleCoverage, Coverage, DocumentCoverage, Item};
use crate::check::show::Language;

pub fn text(coverage: &Coverage) -> String {
    let language = coverage.language;
    let mut out = String::new();
    for document in &coverage.documents {
        let _ = writeln!(out, "{} {}", document.name, document.title);
        let heads = [
            language.pick("article", "条"),
            language.pick("computed", "可计算"),
            language.pick("open", "留待"),
            language.pick("not computable", "不可计算"),
            language.pick("left", "未编制"),
        ];
        let _ = writeln!(out, "  {}", heads.join("  "));
        for article in &document.articles {
            let _ = writeln!(
                out,
                "  {:>4}  {:>4}  {:>4}  {:>4}  {:>4}  {}  {}",
                article.number,
                share(article.computed, article),
                share(article.open, article),
                share(article.not_computable, article),
                share(article.left, article),
                article.title,
                counts(article, language),
            );
        }
        let _ = writeln!(out, "  {}", sum(document, language));
        for article in document.articles.iter().filter(|article| article.left > 0) {
            for passage in &article.left_passages {
                let words = language.pick("nothing speaks of", "没有编制");
                let _ = writeln!(out, "  {} {}: {passage}", words, place(article.number, language));
            }
        }
    }
    out
}

fn place(number: u32, language: Language) -> String {
    match language {
        Language::English => format!("article {number}"),
        Language::Chinese => format!("第{number}条"),
    }
}

fn share(part: usize, article: &ArticleCoverage) -> String {
    if part == 0 {
        return "-".to_owned();
    }
    let all = article.characters.max(1);
    format!("{}%", ((200 * part + all) / (2 * all)).max(1))
}

/// How many items of each kind, such as `2 measure, 1 principle`.
fn counts(article: &ArticleCoverage, language: Language) -> String {
    let mut kinds: Vec<(&str, usize)> = Vec::new();
    for item in &article.items {
        let word = item.kind_word(language);
        match kinds.iter_mut().find(|(kind, _)| *kind == word) {
            Some((_, count)) => *count += 1,
            None => kinds.push((word, 1)),
        }
    }
    let kinds: Vec<String> = kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    kinds.join(language.pick(", ", "、"))
}

fn sum(document: &DocumentCoverage, language: Language) -> String {
    let total = |part: fn(&ArticleCoverage) -> usize| document.articles.iter().map(part).sum::<usize>();
    let all = total(|article| article.characters).max(1);
    let percent = |part: usize| format!("{}.{}%", 100 * part / all, 1000 * part / all % 10);
    let parts = [
        (language.pick("computed", "可计算"), total(|article| article.computed)),
        (language.pick("open", "留待"), total(|article| article.open)),
        (language.pick("not computable", "不可计算"), total(|article| article.not_computable)),
        (language.pick("left", "未编制"), total(|article| article.left)),
    ];
    let parts: Vec<String> = parts.iter().map(|(word, part)| format!("{word} {}", percent(*part))).collect();
    let articles = document.articles.len();
    match language {
        Language::English => format!("{articles} articles, {all} characters: {}", parts.join(", ")),
        Language::Chinese => format!("共 {articles} 条、{all} 字:{}", parts.join("、")),
    }
}

pub fn markdown(coverage: &Coverage) -> String {
    let language = coverage.language;
    let mut out = String::new();
    for document in &coverage.documents {
        let _ = writeln!(out, "# {}\n\n{}\n", document.title, sum(document, language));
        let heads = [
            language.pick("article", "条"),
            language.pick("what it holds", "内容"),
            language.pick("how it is encoded", "编制"),
            language.pick("what is open", "留待"),
        ];
        let _ = writeln!(out, "| {} |\n|---|---|---|---|", heads.join(" | "));
        for article in &document.articles {
            let (open, encoded): (Vec<&Item>, Vec<&Item>) =
                article.items.iter().partition(|item| item.kind.starts_with("open"));
            let named =
                |item: &&Item| format!("{} `{}` {}", item.kind_word(language), item.name, cell(&item.label));
            let encoded: Vec<String> = encoded.iter().map(named).collect();
            let decided = |item: &&Item| match &item.note {
                Some(by) => format!("`{}` {}({})", item.name, cell(&item.label), cell(by)),
                None => format!("`{}` {}", item.name, cell(&item.label)),
            };
            let open: Vec<String> = open.iter().map(decided).collect();
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} |",
                article.number,
                cell(&article.title),
                encoded.join("; "),
                open.join("; ")
            );
        }
        out.push('\n');
    }
    out.push_str(language.pick(
        "Written by `pol coverage --format markdown`.\n",
        "本表由 `pol coverage --format markdown` 写成。\n",
    ));
    out
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
