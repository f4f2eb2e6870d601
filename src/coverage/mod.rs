//! How much of each source document a policy set accounts for: which passage is computed, which is left open to
//! others, which is recorded as not computable, and which nothing speaks of.

mod html;
mod table;
#[cfg(test)]
mod tests;

use std::ops::Range;

use serde::Serialize;

use crate::check::citations::Document;
use crate::check::show::Language;
use crate::check::typed::{Cite, Head, Program, SourceDocument};
use crate::source::SourceMap;

/// The coverage of every source document of a set.
#[derive(Debug, Serialize)]
pub struct Coverage {
    pub language: Language,
    pub documents: Vec<DocumentCoverage>,
}

#[derive(Debug, Serialize)]
pub struct DocumentCoverage {
    /// The name in citations.
    pub name: String,
    /// The document's title, where the policy header gives it.
    pub title: String,
    pub articles: Vec<ArticleCoverage>,
    /// All characters of the document, in pieces of one kind.
    #[serde(skip)]
    pub passages: Vec<Passage>,
}

/// One article; 0 is what stands before the first.
#[derive(Debug, Serialize)]
pub struct ArticleCoverage {
    pub number: u32,
    pub title: String,
    /// Letters and digits of its sentences; headings and signs are not counted.
    pub characters: usize,
    pub computed: usize,
    pub open: usize,
    pub not_computable: usize,
    pub left: usize,
    pub items: Vec<Item>,
    /// Passages that no citation quotes.
    pub left_passages: Vec<String>,
}

/// What encodes a passage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    pub kind: &'static str,
    pub name: String,
    pub label: String,
    /// Of something open: who decides it. Of a principle: why it is not computable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Item {
    /// The kind in the language of the reader.
    pub fn kind_word(&self, language: Language) -> &'static str {
        let chinese = match self.kind {
            "param" => "参数",
            "open param" => "留待参数",
            "filled param" => "已落实参数",
            "define" => "定义",
            "open define" => "留待定义",
            "filled define" => "已落实定义",
            "table" => "决策表",
            "calendar" => "日历",
            "register" => "名录",
            "measure" => "措施",
            "duty" => "义务",
            "target" => "目标",
            "principle" => "原则",
            "budget" => "预算",
            "policy" => "政策",
            other => other,
        };
        language.pick(self.kind, chinese)
    }
}

/// How a passage is accounted for; of two ways the later one is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    Left,
    Heading,
    NotComputable,
    Computed,
    Open,
}

#[derive(Debug)]
pub struct Passage {
    pub article: u32,
    pub how: How,
    pub text: String,
    /// The items that quote it, by position in its article.
    pub items: Vec<usize>,
}

/// A citation with the item that it stands in.
struct Cited<'p> {
    cite: &'p Cite,
    item: Item,
    how: How,
}

/// The coverage of the documents of the set itself; those of sets that it uses are theirs.
pub fn coverage(program: &Program, sources: &SourceMap, language: Language) -> Coverage {
    let documents = program.sources.iter().zip(of_every_document(program, sources));
    let own = documents.filter(|(source, _)| source.own).map(|(_, document)| document);
    Coverage { language, documents: own.collect() }
}

/// The coverage of every document, those of sets that are used too, in the order of the program's sources.
pub fn of_every_document(program: &Program, sources: &SourceMap) -> Vec<DocumentCoverage> {
    let cited = cited(program);
    let of = |source: &SourceDocument| of_document(program, source, &sources.file(source.file).text, &cited);
    program.sources.iter().map(of).collect()
}

impl Coverage {
    /// Whether every sentence of every document is accounted for.
    pub fn is_complete(&self) -> bool {
        self.documents.iter().flat_map(|document| &document.articles).all(|article| article.left == 0)
    }

    /// A table for a terminal, and what is left.
    pub fn text(&self) -> String {
        table::text(self)
    }

    /// A table of every article for a page of documentation.
    pub fn markdown(&self) -> String {
        table::markdown(self)
    }

    /// The documents with each passage coloured by how it is accounted for: a page that stands alone.
    pub fn html(&self) -> String {
        html::page(self)
    }

    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("strings, numbers and lists are always JSON")
    }
}

fn of_document(
    program: &Program,
    source: &SourceDocument,
    text: &str,
    cited: &[Cited<'_>],
) -> DocumentCoverage {
    let document = Document::new(source.file, text, source.closing.as_deref());
    let cited: Vec<&Cited> = cited.iter().filter(|cited| cited.cite.source == source.name).collect();
    let mut articles = Vec::new();
    let mut passages = Vec::new();
    for number in 0..=document.last_article() {
        let Some(range) = document.article(number) else { continue };
        let own = of_article(&document, number, range, text, &cited, &mut passages);
        articles.push(own);
    }
    let title = program.policy.as_ref().map_or(source.name.as_str(), |policy| &policy.head.label);
    DocumentCoverage { name: source.name.clone(), title: title.to_owned(), articles, passages }
}

fn of_article(
    document: &Document,
    number: u32,
    range: Range<usize>,
    text: &str,
    cited: &[&Cited<'_>],
    passages: &mut Vec<Passage>,
) -> ArticleCoverage {
    let body = &text[range.clone()];
    let mut marks: Vec<How> = vec![How::Left; body.len()];
    for heading in headings(body, number > 0) {
        marks[heading].fill(How::Heading);
    }
    let mut items: Vec<Item> = Vec::new();
    let mut quotes: Vec<(Range<usize>, usize)> = Vec::new();
    for one in cited {
        let place = one.cite.quote.as_ref().and_then(|quote| match one.cite.article {
            Some(article) if article != number => None,
            _ => document.find(quote, &range),
        });
        if one.cite.article != Some(number) && place.is_none() {
            continue;
        }
        let at = items.iter().position(|item| *item == one.item).unwrap_or_else(|| {
            items.push(one.item.clone());
            items.len() - 1
        });
        if let Some(place) = place {
            let place = place.start - range.start..place.end - range.start;
            marks[place.clone()].iter_mut().for_each(|mark| *mark = (*mark).max(one.how));
            quotes.push((place, at));
        }
    }
    let mut article = ArticleCoverage {
        number,
        title: title(body, number),
        characters: 0,
        computed: 0,
        open: 0,
        not_computable: 0,
        left: 0,
        items,
        left_passages: Vec::new(),
    };
    let mut at = 0;
    while at < body.len() {
        let (how, own) = (marks[at], quoting(&quotes, at));
        let mut end = at;
        while end < body.len() && marks[end] == how && quoting(&quotes, end) == own {
            end += body[end..].chars().next().map_or(1, char::len_utf8);
        }
        let piece = &body[at..end];
        // A mark such as `(1)` that nobody quotes says nothing by itself.
        let bare = how == How::Left && !piece.chars().any(char::is_alphabetic);
        let letters = if bare { 0 } else { piece.chars().filter(|c| c.is_alphanumeric()).count() };
        let count = match how {
            How::Heading => None,
            How::Left => Some(&mut article.left),
            How::NotComputable => Some(&mut article.not_computable),
            How::Computed => Some(&mut article.computed),
            How::Open => Some(&mut article.open),
        };
        if let Some(count) = count {
            *count += letters;
            article.characters += letters;
        }
        if how == How::Left && letters > 0 {
            article.left_passages.push(piece.trim().to_owned());
        }
        passages.push(Passage { article: number, how, text: piece.to_owned(), items: own });
        at = end;
    }
    article
}

/// The items that quote a byte.
fn quoting(quotes: &[(Range<usize>, usize)], at: usize) -> Vec<usize> {
    let mut own: Vec<usize> =
        quotes.iter().filter(|(place, _)| place.contains(&at)).map(|(_, item)| *item).collect();
    own.sort_unstable();
    own.dedup();
    own
}

/// Lines that are no sentences, the number of an article, and its first sentence, which names it if others follow.
fn headings(body: &str, numbered: bool) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut first = numbered;
    for line in body.split_inclusive('\n') {
        let (words, start) = (line.trim(), at + line.len() - line.trim_start().len());
        let named = if first { number_length(words) } else { 0 };
        let end = words.find('。').map(|end| end + '。'.len_utf8());
        let follows = |end: usize| body[start + end..].contains(char::is_alphabetic);
        match end {
            None if !is_sentence(&words[named..], stands_apart(named > 0, &body[at + line.len()..])) => {
                found.push(at..at + line.len());
            }
            Some(end) if named > 0 && follows(end) => found.push(start..start + end),
            _ => found.push(start..start + named),
        }
        first &= words.is_empty();
        at += line.len();
    }
    found.retain(|range| !range.is_empty());
    found
}

/// Whether a line is the last of its paragraph; or one with a number that does not go on in the next.
fn stands_apart(numbered: bool, after: &str) -> bool {
    let next = after.lines().next().unwrap_or("").trim();
    next.is_empty() || numbered && !next.starts_with(char::is_lowercase)
}

/// Whether a line in another script than Chinese is a sentence or a part of one: what may be a heading stands apart
/// and ends with no sign.
fn is_sentence(words: &str, apart: bool) -> bool {
    let chinese = words.chars().any(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c));
    let letters = words.contains(char::is_alphabetic);
    letters && !chinese && (!apart || words.ends_with(['.', ';', ':', '!', '?', ',', '”', '"']))
}

/// The bytes of an article's number at the start of a line, such as `第24条`, `24.`, `一、` or `Article 24.`.
fn number_length(line: &str) -> usize {
    let signed = |end: usize, signs: &[char]| {
        let sign = line[end..].chars().next().filter(|c| signs.contains(c));
        end + sign.map_or(0, char::len_utf8)
    };
    let is_number = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_numeric() || "零〇一二三四五六七八九十百千".contains(c))
    };
    if let Some(end) = line.strip_prefix('第').and_then(|rest| rest.find('条')) {
        let start = '第'.len_utf8();
        return if is_number(line[start..start + end].trim()) { start + end + '条'.len_utf8() } else { 0 };
    }
    if let Some(word) = ["Article ", "ARTICLE ", "Art. "].into_iter().find(|word| line.starts_with(word)) {
        let rest = &line[word.len()..];
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        return if digits > 0 { signed(word.len() + digits, &['.', ':']) } else { 0 };
    }
    match line.find(['.', '、', '\u{FF0E}']).filter(|end| is_number(&line[..*end])) {
        Some(end) => signed(end, &['.', '、', '\u{FF0E}']),
        None => 0,
    }
}

/// What an article is called by its heading, without its number.
fn title(body: &str, number: u32) -> String {
    let line = body.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    if number == 0 {
        return line.to_owned();
    }
    let sentence = line.split('。').next().unwrap_or_default();
    let bare = sentence[number_length(sentence)..].trim_start();
    if bare.chars().count() > 40 { bare.chars().take(40).chain(['…']).collect() } else { bare.to_owned() }
}

/// Every citation of the program with what it stands for.
fn cited(program: &Program) -> Vec<Cited<'_>> {
    let mut all = Vec::new();
    for param in &program.params {
        let (kind, how, note) = match &param.open {
            Some(open) if param.steps.is_empty() => ("open param", How::Open, open.by.clone()),
            Some(open) => ("filled param", How::Computed, open.by.clone()),
            None => ("param", How::Computed, None),
        };
        let cites = param.head.cites.iter().chain(param.steps.iter().flat_map(|step| &step.cites)).collect();
        all.extend(cited_by(&param.head, kind, how, note, cites));
    }
    for define in &program.defines {
        let unfilled = define.body.is_unfilled();
        let (kind, how, note) = match &define.open {
            Some(open) if unfilled => ("open define", How::Open, open.by.clone()),
            Some(open) => ("filled define", How::Computed, open.by.clone()),
            None => ("define", How::Computed, None),
        };
        let cites = define.head.cites.iter().chain(&define.filled).collect();
        all.extend(cited_by(&define.head, kind, how, note, cites));
    }
    for table in &program.tables {
        all.extend(cited_by(&table.head, "table", How::Computed, None, table.head.cites.iter().collect()));
    }
    for head in &program.calendars {
        all.extend(cited_by(head, "calendar", How::Computed, None, head.cites.iter().collect()));
    }
    for register in &program.registers {
        let cites = register.head.cites.iter().collect();
        all.extend(cited_by(&register.head, "register", How::Computed, None, cites));
    }
    for measure in &program.measures {
        all.extend(cited_by(&measure.head, measure.kind.name(), How::Computed, None, measure.all_cites()));
    }
    for budget in &program.budgets {
        all.extend(cited_by(&budget.head, "budget", How::Computed, None, budget.head.cites.iter().collect()));
    }
    for principle in &program.principles {
        let cites = principle.head.cites.iter().collect();
        all.extend(cited_by(
            &principle.head,
            "principle",
            How::NotComputable,
            Some(principle.reason.clone()),
            cites,
        ));
    }
    if let Some(policy) = &program.policy {
        all.extend(cited_by(&policy.head, "policy", How::Computed, None, policy.head.cites.iter().collect()));
    }
    all
}

fn cited_by<'p>(
    head: &Head,
    kind: &'static str,
    how: How,
    note: Option<String>,
    cites: Vec<&'p Cite>,
) -> impl Iterator<Item = Cited<'p>> {
    let item = Item { kind, name: head.name.clone(), label: head.label.clone(), note };
    cites.into_iter().map(move |cite| Cited { cite, item: item.clone(), how })
}
