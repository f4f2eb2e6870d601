use super::*;

#[test]
fn headings_are_lines_without_sentences_and_names_of_articles() {
    let body = "24.着力稳定社会就业。对企业补贴。\n\n(三)民生\n再一句。";
    let found: Vec<&str> = headings(body, true).into_iter().map(|range| body[range].trim()).collect();
    assert_eq!(found, ["24.着力稳定社会就业。", "", "(三)民生"]);
    assert_eq!(title(body, 24), "着力稳定社会就业");
    assert!(headings("前言一句。", false).is_empty());
}
