//! `pol fmt`: the laws of the layout on every policy that is here and on tangled forms of it, the way from one
//! language to the other and back, and the command.

#![cfg(feature = "cli")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use pol::source::FileId;
use pol::syntax::format::{Formatted, Options, Why, format};
use pol::syntax::token::Token;
use pol::syntax::words::Tongue;
use pol::syntax::{self, scan};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every policy of the repository with its text.
fn policies() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut waiting: Vec<PathBuf> = ["policies", "tests/cases", "src/cli/init", "benches/w1"]
        .iter()
        .map(|folder| root().join(folder))
        .collect();
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).expect("the folder can be read").flatten() {
            let path = entry.path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "pol") {
                let text = fs::read_to_string(&path).expect("a policy is text");
                found.push((path, text));
            }
        }
    }
    found.sort();
    assert!(found.len() > 50, "the policies are not found");
    found
}

fn formatted(text: &str, keywords: Option<Tongue>) -> Formatted {
    format(&[text], &Options { keywords, ..Options::default() }).remove(0)
}

/// The words, literals and signs of a text in ASCII, and its comments.
fn tokens(text: &str) -> Vec<String> {
    let plain = |c: char| match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        '、' => ',',
        '−' => '-',
        c => c,
    };
    let lexemes = scan::lex(text).into_iter().filter(|lexeme| lexeme.token != Some(Token::Space));
    let mut words = Vec::new();
    for lexeme in lexemes {
        let slice = &text[lexeme.start..lexeme.end];
        match lexeme.token {
            Some(Token::String | Token::Word) => words.push(slice.to_owned()),
            Some(Token::Comment) => words.push(slice.trim_end().to_owned()),
            _ if slice == "⇒" => words.extend(["=".to_owned(), ">".to_owned()]),
            _ => words.push(slice.chars().map(plain).collect()),
        }
    }
    words
}

/// The trees of a text without the places in it.
fn trees(text: &str) -> String {
    let (file, _) = syntax::parse(FileId(0), text);
    let shown = format!("{:?}", (file.items, file.broken)).replace('％', "%").replace('：', ":");
    let mut out = String::with_capacity(shown.len());
    let mut rest = shown.as_str();
    while let Some(at) = rest.find("Span { ") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        rest = &rest[rest.find('}').map_or(rest.len(), |end| end + 1)..];
    }
    out + rest
}

/// What holds of every text: the layout is its own layout, its words and comments and trees are those of the text.
fn keeps_the_laws(name: &str, text: &str) -> Formatted {
    let once = formatted(text, None);
    if once.text == text {
        return once;
    }
    let twice = formatted(&once.text, None);
    assert_eq!(twice.text, once.text, "{name}: formatted once more");
    assert_eq!(tokens(&once.text), tokens(text), "{name}: words and comments");
    assert_eq!(trees(&once.text), trees(text), "{name}: trees");
    assert!(once.left.iter().all(|left| left.why == Why::Broken), "{name}: {:?}", once.left);
    once
}

#[test]
fn every_policy_keeps_its_words_comments_and_tree_and_what_is_shipped_is_in_its_layout() {
    for (path, text) in policies() {
        let found = keeps_the_laws(&path.display().to_string(), &text);
        if !path.starts_with(root().join("tests")) {
            assert_eq!(found.text, text, "run `pol fmt {}`", path.display());
        }
    }
}

/// A seeded stream of numbers (SplitMix64, Steele et al. 2014).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }
}

/// A text with other white space, further comments and full-width signs; what was sound may be broken then.
fn tangled(text: &str, random: &mut Random) -> String {
    let mut out = String::new();
    for lexeme in scan::lex(text) {
        let slice = &text[lexeme.start..lexeme.end];
        let wide =
            |sign: &str| sign.chars().filter_map(|c| char::from_u32(c as u32 + 0xFEE0)).collect::<String>();
        match lexeme.token {
            Some(Token::Space) if random.below(4) == 0 => match random.below(9) {
                0 => out.push('\n'),
                1 => out.push_str("\n      "),
                2 => out.push_str("\n\n\n\t"),
                3 => out.push_str(" // 说明 \n  "),
                4 => out.push_str("\n// on a line of its own\n\n  "),
                5 => out.push_str("\r\n    "),
                6 => out.push('\u{3000}'),
                _ => out.push_str("   "),
            },
            Some(Token::Sign | Token::OpenBrace | Token::CloseBrace) if random.below(6) == 0 => {
                match matches!(slice, "{" | "}" | "(" | ")" | ":" | "," | ";" | "=" | "<" | ">" | "+") {
                    true => out.push_str(&wide(slice)),
                    false => out.push_str(slice),
                }
                if random.below(3) == 0 {
                    out.push(' ');
                }
            }
            _ => out.push_str(slice),
        }
    }
    out
}

#[test]
fn tangled_policies_keep_their_words_comments_and_tree() {
    let mut random = Random(20_200_229);
    let (mut items, mut broken) = (0, 0);
    for (path, text) in policies().into_iter().step_by(2) {
        let tangled = tangled(&text, &mut random);
        let found = keeps_the_laws(&format!("tangled {}", path.display()), &tangled);
        items += syntax::parse(FileId(0), &tangled).0.items.len();
        broken += found.left.len();
    }
    assert!(items > 900 && items > broken, "{items} sound, {broken} broken");
}

#[test]
fn keywords_turn_and_come_back() {
    for (path, text) in policies() {
        let name = path.display();
        let chinese = formatted(&text, Some(Tongue::Chinese)).text;
        let english = formatted(&chinese, Some(Tongue::English)).text;
        assert_eq!(formatted(&english, Some(Tongue::Chinese)).text, chinese, "{name}");
        let is_english =
            ["引用", "依据", "预期", "适用"].iter().all(|word| !text.contains(&format!("{word} ")));
        if is_english && !path.starts_with(root().join("tests")) {
            assert_eq!(english, text, "{name} was wholly in English");
        }
    }
}

// ---------------------------------------------------------------- names

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn pol(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_pol")).args(arguments).current_dir(folder).output().expect("pol runs")
}

fn status(output: &Output) -> Option<i32> {
    output.status.code()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("output is UTF-8")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("messages are UTF-8")
}

/// The policies of a folder, by path.
fn texts(folder: &Path) -> Vec<(PathBuf, String)> {
    let (mut found, mut waiting) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            match entry.path() {
                path if path.is_dir() => waiting.push(path),
                path if path.extension().is_some_and(|end| end == "pol") => {
                    found.push((path.clone(), fs::read_to_string(path).unwrap()));
                }
                _ => {}
            }
        }
    }
    found.sort();
    found
}

/// Turns a set wholly to Chinese, to English and to Chinese again.
fn there_and_back(folder: &Path) {
    let turn = |language: &str| {
        let output = pol(folder, &["fmt", ".", "--names", language, "--keywords", language]);
        assert_eq!(status(&output), Some(0), "{}{}", stdout(&output), stderr(&output));
        assert_eq!(status(&pol(folder, &["check"])), Some(0), "{}", stdout(&pol(folder, &["check"])));
        texts(folder)
    };
    let chinese = turn("zh");
    let english = turn("en");
    assert_ne!(chinese, english);
    assert_eq!(turn("zh"), chinese);
    assert_eq!(turn("en"), english);
}

#[test]
fn the_sets_that_init_makes_turn_and_come_back() {
    let folder = tempfile::tempdir().unwrap();
    for language in ["en", "zh"] {
        pol(folder.path(), &["init", language, "--language", language]);
        let set = folder.path().join(language);
        let before = texts(&set);
        if language == "en" {
            // Its labels are no names: nothing has two.
            assert_eq!(status(&pol(&set, &["fmt", "--names", "zh"])), Some(0));
            assert_eq!(texts(&set), before);
            continue;
        }
        there_and_back(&set);
        assert_eq!(status(&pol(&set, &["test"])), Some(0));
    }
}

#[test]
fn the_decree_turns_to_chinese_and_back() {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("policies"), folder.path());
    let set = folder.path().join("shandong-2020");
    let output = pol(&set, &["fmt", "--names", "zh", "--keywords", "zh"]);
    assert_eq!(status(&output), Some(0), "{}", stderr(&output));
    // The define and the enum have one label; both are said.
    assert_eq!(stderr(&output).lines().count(), 2, "{}", stderr(&output));
    let chinese = texts(&set);
    let trade = fs::read_to_string(set.join("trade.pol")).unwrap();
    assert!(
        trade.contains(
            "择一 {\n    top \"前3位且增幅为正\": 全省位次 不超过 高档奖励名次 且 外资增幅 超过 0%"
        ),
        "{trade}"
    );
    let output = pol(&set, &["fmt", "--names", "en", "--keywords", "en"]);
    assert_eq!(status(&output), Some(0), "{}", stderr(&output));
    let english = fs::read_to_string(set.join("employment.pol")).unwrap();
    assert!(english.contains(
        "insured\n      cite lu_2020 art 24 “缴纳社会保险”\n  }\n  pay subsidy “补贴” = subsidy_per_hire × new_hires"
    ));
    pol(&set, &["fmt", "--names", "zh", "--keywords", "zh"]);
    assert_eq!(texts(&set), chinese);
}

#[test]
fn a_label_that_means_something_else_here_stays() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("pol.toml"), "name = \"s\"\n").unwrap();
    let text = "record R \"记录表\" {\n  key id: text\n  n \"人数\": count 人 in 0人..9人\n}\n\nmeasure m for R {\n  let 人数 = 2人\n  require a: n > 人数\n  entitle x\n}\n";
    fs::write(folder.path().join("p.pol"), text).unwrap();
    let output = pol(folder.path(), &["fmt", "--names", "zh"]);
    assert_eq!(status(&output), Some(0), "{}", stderr(&output));
    assert_eq!(stderr(&output), "p.pol:8:14: `n` keeps its name, since `人数` would not be the same here\n");
    let after = fs::read_to_string(folder.path().join("p.pol")).unwrap();
    assert_eq!(after, text.replace("for R", "for 记录表"));
}

// ---------------------------------------------------------------- the command

fn with_input(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_pol"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("pol runs");
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

const UNTIDY: &str = "unit  箱=20公斤  // 一箱\n";
const TIDY: &str = "unit 箱 = 20公斤  // 一箱\n";

#[test]
fn files_are_written_only_if_they_change() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (folder.path().join("a.pol"), folder.path().join("sub/b.pol"));
    fs::create_dir(folder.path().join("sub")).unwrap();
    fs::write(&first, UNTIDY).unwrap();
    fs::write(&second, TIDY).unwrap();
    fs::write(folder.path().join("notes.txt"), UNTIDY).unwrap();
    let before = fs::metadata(&second).unwrap().modified().unwrap();
    let check = pol(folder.path(), &["fmt", "--check"]);
    assert_eq!((status(&check), stderr(&check)), (Some(1), String::new()));
    assert_eq!(
        stdout(&check),
        "a.pol\n      1 - unit  箱=20公斤  // 一箱\n      1 + unit 箱 = 20公斤  // 一箱\n1 of 2 files would change\n"
    );
    assert_eq!(fs::read_to_string(&first).unwrap(), UNTIDY);
    let written = pol(folder.path(), &["fmt"]);
    assert_eq!((status(&written), stdout(&written)), (Some(0), "a.pol\n1 of 2 files changed\n".to_owned()));
    assert_eq!(fs::read_to_string(&first).unwrap(), TIDY);
    assert_eq!(fs::metadata(&second).unwrap().modified().unwrap(), before);
    assert_eq!(fs::read_to_string(folder.path().join("notes.txt")).unwrap(), UNTIDY);
    assert_eq!(status(&pol(folder.path(), &["fmt", "--check", "a.pol", "sub", "."])), Some(0));
}

#[test]
fn standard_input_goes_to_standard_output() {
    let output = with_input(&["fmt", "-"], UNTIDY.as_bytes());
    assert_eq!((status(&output), stdout(&output).as_str()), (Some(0), TIDY));
    let output = with_input(&["fmt", "-", "--keywords", "zh"], UNTIDY.as_bytes());
    assert_eq!(stdout(&output), TIDY.replace("unit", "单位"));
    assert_eq!(status(&with_input(&["fmt", "-", "--check"], UNTIDY.as_bytes())), Some(1));
    assert_eq!(status(&with_input(&["fmt", "-", "--check"], TIDY.as_bytes())), Some(0));
    let output = with_input(&["fmt", "-"], b"");
    assert_eq!((status(&output), stdout(&output).as_str()), (Some(0), ""));
    let output = with_input(&["fmt", "-"], b"unit \xB2\xB9");
    assert_eq!((status(&output), stdout(&output).as_str()), (Some(2), ""));
    assert!(stderr(&output).contains("byte 5 is no part of UTF-8"), "{}", stderr(&output));
    for wrong in [&["fmt", "-", "a.pol"][..], &["fmt", "-", "--names", "zh"]] {
        assert_eq!(status(&with_input(wrong, b"")), Some(2), "{wrong:?}");
    }
}

#[test]
fn what_is_broken_is_left_and_said() {
    let text = "enum  E{a}\nmeasure m for R {  require  a  b: c => d  }\nunit  箱\n";
    let output = with_input(&["fmt", "-"], text.as_bytes());
    assert_eq!(status(&output), Some(1));
    assert_eq!(stdout(&output), "enum E { a }\nmeasure m for R {  require  a  b: c => d  }\nunit 箱\n");
    let said = stderr(&output);
    assert!(said.contains("error[E0") && said.contains("standard input:2: left as it stands"), "{said}");
}

#[test]
fn what_cannot_be_formatted_is_told() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.pol"), UNTIDY).unwrap();
    fs::write(folder.path().join("gbk.pol"), b"// \xB2\xB9\n").unwrap();
    fs::write(folder.path().join("a.csv"), "").unwrap();
    fs::create_dir(folder.path().join("empty")).unwrap();
    for (arguments, why) in [
        (&["fmt", "none.pol"][..], "there is no such file"),
        (&["fmt", "a.csv"], "end in .pol"),
        (&["fmt", "empty"], "no .pol file"),
        (&["fmt", "a.pol", "--names", "zh"], "belongs to no policy set"),
        (&["fmt", "a.pol", "--keywords", "fr"], "possible values"),
    ] {
        let output = pol(folder.path(), arguments);
        assert_eq!(status(&output), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(why), "{arguments:?}: {}", stderr(&output));
        assert_eq!(fs::read_to_string(folder.path().join("a.pol")).unwrap(), UNTIDY, "{arguments:?}");
    }
    // The others are formatted.
    let output = pol(folder.path(), &["fmt"]);
    assert_eq!(status(&output), Some(2));
    assert!(stderr(&output).contains("gbk.pol: byte 3"), "{}", stderr(&output));
    assert_eq!(fs::read_to_string(folder.path().join("a.pol")).unwrap(), TIDY);
    // Names are known only of a set without errors.
    fs::write(folder.path().join("pol.toml"), "name = \"s\"\nlanguage = \"zh\"\n").unwrap();
    fs::remove_file(folder.path().join("gbk.pol")).unwrap();
    fs::write(folder.path().join("a.pol"), "define  d for R = 1\n").unwrap();
    let output = pol(folder.path(), &["fmt", "--names", "zh"]);
    assert_eq!(
        (status(&output), stderr(&output).as_str()),
        (Some(1), "s有错误，名称保持不变；用`pol check`查看\n")
    );
    assert_eq!(fs::read_to_string(folder.path().join("a.pol")).unwrap(), "define  d for R = 1\n");
}

#[test]
fn any_text_comes_through() {
    let mut random = Random(7);
    let bits = [
        "{", "}", "(", "“", "”", "\"", "\\", "measure", "措施", "x", " ", "\n", "//", "///", "=", ">", "，",
        "\u{200B}", "1", "第", "条", "\r", "if", "not",
    ];
    for _ in 0..2_000 {
        let text: String = (0..random.below(30)).map(|_| bits[random.below(bits.len())]).collect();
        let once = formatted(&text, None);
        assert_eq!(formatted(&once.text, None).text, once.text, "{text:?}");
        assert_eq!(tokens(&once.text), tokens(&text), "{text:?}");
        formatted(&text, Some(Tongue::English));
    }
    let deep = format!("define d for R = {}1{}", "(".repeat(5_000), ")".repeat(5_000));
    assert_eq!(formatted(&deep, None).text, format!("{deep}\n"));
    let long = format!("define d for R = {}", "if a then b else ".repeat(990) + "c");
    assert_eq!(formatted(&long, None).text, format!("{long}\n"));
}

// ---------------------------------------------------------------- the guide
