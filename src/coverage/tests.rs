use super::*;

#[test]
fn headings_are_lines_without_sentences_and_names_of_articles() {
    let body = "24.着力稳定社会就业。对企业补贴。\n\n(三)民生\n再一句。";
    let found: Vec<&str> = headings(body, true).into_iter().map(|range| body[range].trim()).collect();
    assert_eq!(found, ["24.着力稳定社会就业。", "", "(三)民生"]);
    assert_eq!(title(body, 24), "着力稳定社会就业");
    assert!(headings("前言一句。", false).is_empty());
}

#[test]
fn an_article_of_one_sentence_is_no_heading() {
    let found = |body: &str| -> Vec<String> {
        headings(body, true).into_iter().map(|range| body[range].trim().to_owned()).collect()
    };
    assert_eq!(found("第一条 各市对企业给予补贴。\n"), ["第一条"]);
    assert_eq!(found("1.各市给予补贴。"), ["1."]);
    assert_eq!(found("第1条2024年起给予补贴。"), ["第1条"]);
    assert_eq!(title("第1条2024年起给予补贴。", 1), "2024年起给予补贴");
    assert_eq!(title("第一条 各市给予补贴。", 1), "各市给予补贴");
    assert_eq!(found("Article 2. Public bodies are excluded.\n"), ["Article 2."]);
    assert_eq!(title("Article 2. Public bodies are excluded.\n", 2), "Public bodies are excluded.");
    assert_eq!(found("Article 3. Scope\nFirms that hire are paid.\n"), ["Article 3. Scope"]);
    assert_eq!(found("一、总则\n第一句。第二句。"), ["一、总则"]);
    assert_eq!(
        found("Article 4. Firms that hire within\nthree months are paid\n3,000 yuan.\n\nWho\n\nAll."),
        ["Article 4.", "", "Who", ""]
    );
}
