use super::super::typed::CitePlaces;
use super::*;
use crate::source::FileId;

const TEXT: &str =
    "总则。\n1.第一条的内容,每人1000元。\n2020.不是条款\n2.第二条:一个月内复工的,\n给予补贴。\n3.末条。";
const DECREE: &str = include_str!("../../../policies/shandong-2020/sources/lu-2020-02-29.txt");
/// Article and quotation of every rule found in the decree; 53 is the paragraph after the last article.
const QUOTATIONS: &str = include_str!("../../../tests/data/decree-quotations.tsv");

fn source(name: &str) -> SourceFile {
    SourceFile { name: name.to_owned(), file: FileId(1), declared: None, closing: None }
}

fn span(start: usize) -> Span {
    Span::new(FileId(0), start, start + 1)
}

fn cite(article: Option<u32>, quote: &str) -> Cite {
    let places = CitePlaces { source: span(1), article: span(2), quote: span(3) };
    Cite { source: "s".into(), article, quote: Some(quote.into()), span: span(0), places }
}

fn check(article: Option<u32>, quote: &str) -> Option<Diagnostic> {
    let mut documents = Documents::default();
    documents.add(0, &source("s"), TEXT);
    documents.check(0, &cite(article, quote))
}

fn decree() -> Document {
    Document::new(FileId(0), DECREE, None)
}

fn nearest(document: &Document, quote: &str, article: Option<u32>) -> (String, Option<u32>) {
    let nearest = document.nearest(quote, article).expect("something is near");
    (document.text[nearest.range].to_owned(), nearest.article)
}

#[test]
fn articles_follow_each_other() {
    let document = Document::new(FileId(0), TEXT, None);
    assert!(TEXT[document.article(1).unwrap()].contains("2020."));
    assert_eq!(&TEXT[document.article(0).unwrap()], "总则。\n");
    assert_eq!((document.last_article(), document.article(4)), (3, None));
    assert_eq!(document.article_at(TEXT.find("末条").unwrap()), Some(3));
    assert_eq!(document.article_at(TEXT.len()), None);
}

#[test]
fn width_and_space_do_not_count() {
    assert!(check(Some(2), "复工的,给予 补贴").is_none());
    assert!(check(Some(1), "每人\u{FF11}000元").is_none());
    assert!(check(None, "末条").is_none());
    assert!(check(Some(0), "总则").is_none());
}

#[test]
fn wrong_words_show_the_nearest() {
    let problem = check(Some(2), "两个月内复工的,给予补贴").unwrap();
    assert_eq!(problem.code.id, "E0603");
    assert_eq!(problem.notes[0], "the source has “一个月内” where the quotation has “两个月内”");
    assert_eq!(problem.notes[1], "the source says: “一个月内复工的,给予补贴”");
    let labels: Vec<_> = problem.labels.iter().map(|label| (label.span.file.0, label.span.start)).collect();
    assert_eq!(labels, [(0, 3), (1, TEXT.find("一个月内复工").unwrap() as u32)]);
    let fix = problem.fix.unwrap();
    assert_eq!((fix.span.start, fix.replacement.as_str()), (3, "\"一个月内复工的,给予补贴\""));
}

#[test]
fn another_article_is_named() {
    let problem = check(Some(1), "一个月内复工").unwrap();
    assert_eq!(problem.notes, ["they stand in article 2: cite that article"]);
    assert_eq!(problem.labels[1].text, "these words stand in article 2");
    let problem = check(Some(9), "末条").unwrap();
    assert_eq!((problem.code.id, problem.labels[0].span.start), ("E0602", 2));
    assert_eq!(problem.labels[1].text, "the quotation stands in article 3");
}

#[test]
fn quotations_without_words_or_likeness() {
    for quote in ["", " \n", "\u{200B}"] {
        assert_eq!(check(Some(1), quote).unwrap().code.id, "E0603", "{quote:?}");
    }
    let problem = check(None, "鼓励文化旅游消费").unwrap();
    assert_eq!(problem.labels.len(), 1);
    assert!(problem.notes[0].starts_with("nothing like it"), "{:?}", problem.notes);
    assert_eq!(check(Some(1), "甲").unwrap().labels.len(), 1);
}

#[test]
fn an_unknown_source_is_corrected_in_place() {
    let mut documents = Documents::default();
    documents.add(0, &source("lu_2020"), TEXT);
    let mut wrong = cite(Some(1), "x");
    wrong.source = "lu_202".into();
    let problem = documents.check(0, &wrong).unwrap();
    assert_eq!(problem.code.id, "E0601");
    let fix = problem.fix.unwrap();
    assert_eq!((fix.span.start, fix.replacement.as_str()), (1, "lu_2020"));
}

#[test]
fn an_unread_source_is_reported_once_elsewhere() {
    let mut documents = Documents::default();
    documents.add_unread(0, "s");
    assert!(documents.check(0, &cite(Some(1), "x")).is_none());
    documents.add(0, &source("s"), TEXT);
    documents.add_unread(0, "s");
    assert!(documents.check(0, &cite(Some(1), "x")).is_some());
}

#[test]
fn each_set_has_its_own_sources() {
    let mut documents = Documents::default();
    documents.add(0, &source("s"), TEXT);
    documents.add(1, &source("s"), "1.别的文件");
    assert!(documents.check(1, &cite(Some(1), "别的文件")).is_none());
    assert!(documents.check(0, &cite(Some(1), "别的文件")).is_some());
    assert!(documents.check(7, &cite(Some(2), "一个月内")).is_none());
}

#[test]
fn every_quotation_of_the_decree_is_found() {
    let document = decree();
    assert_eq!(document.last_article(), 52);
    let mut seen = 0;
    for line in QUOTATIONS.lines() {
        let (article, quote) = line.split_once('\t').expect("two columns");
        let article: u32 = article.parse().expect("a number");
        let within = match document.article(article) {
            Some(range) => range,
            None => {
                assert_eq!(article, 53);
                document.everywhere()
            }
        };
        let range = document.find(quote, &within).unwrap_or_else(|| panic!("{article}: {quote}"));
        assert!(within.start <= range.start && range.end <= within.end);
        let words = |text: &str| text.chars().filter_map(normal::plain).collect::<String>();
        assert_eq!(words(&document.text[range]), words(quote));
        seen += 1;
    }
    assert_eq!(seen, 175);
}

/// A slip in any quotation leads back to the passage it was taken from.
#[test]
fn a_slip_leads_to_the_passage() {
    let document = decree();
    for line in QUOTATIONS.lines() {
        let (article, quote) = line.split_once('\t').expect("two columns");
        let article: Option<u32> = article.parse().ok().filter(|article| *article < 53);
        let mut chars: Vec<char> = quote.chars().collect();
        if chars.len() < 10 {
            continue;
        }
        let middle = chars.len() / 2;
        chars[middle] = '错';
        chars.remove(middle + 2);
        let slip: String = chars.into_iter().collect();
        let right = document.find(quote, &document.everywhere()).expect("it stands there");
        for within in [article, None] {
            let found = document.nearest(&slip, within).unwrap_or_else(|| panic!("{slip}"));
            assert_eq!(document.text[found.range], document.text[right.clone()], "{slip}");
        }
    }
}

#[test]
fn the_nearest_elsewhere_says_where() {
    let document = decree();
    let slip = "每新吸纳1人按每人2000元标准";
    assert_eq!(nearest(&document, slip, Some(16)), ("每新吸纳1人按每人1000元标准".into(), Some(24)));
    assert_eq!(nearest(&document, slip, Some(24)), ("每新吸纳1人按每人1000元标准".into(), Some(24)));
}

#[test]
fn left_out_words_are_named() {
    let document = decree();
    let quote = "免征中小微企业基本养老保险和失业保险单位缴费部分";
    let (passage, article) = nearest(&document, quote, Some(16));
    assert_eq!(article, Some(16));
    assert_eq!(passage, "免征中小微企业基本养老保险、工伤保险和失业保险单位缴费部分");
    let told = differences(quote, &passage);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].source.contains("工伤保险"), "{told:?}");
}

/// A source of a megabyte with a phrase in every line, and quotations that are short, long and all alike.
#[test]
fn large_sources_are_searched_in_steps() {
    let line = "对受疫情影响的企业,按规定给予补贴,企业应当如实申报,企业企业企业企业企业。\n";
    let mut text = line.repeat((1 << 20) / line.len());
    text.push_str("每新吸纳1人按每人1000元标准给予一次性补贴");
    let document = Document::new(FileId(0), &text, None);
    let quotes =
        ["每新吸纳1人按每人2000元标准给予一次性补贴".to_owned(), "企业".repeat(2_000), line.repeat(300)];
    for (at, quote) in quotes.iter().enumerate() {
        assert!(document.find(quote, &document.everywhere()).is_some() == (at == 2));
        let found = document.nearest(quote, None);
        if at == 0 {
            assert_eq!(found.unwrap().range.end, text.len());
        }
    }
}
