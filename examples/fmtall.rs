fn main(){
 let args: Vec<String> = std::env::args().skip(1).collect();
 let tongue = std::env::var("K").ok().map(|k| if k=="zh" { pol::syntax::words::Tongue::Chinese } else { pol::syntax::words::Tongue::English });
 for path in &args { let text=std::fs::read_to_string(path).unwrap();
  let o = pol::syntax::format::Options{keywords: tongue, ..Default::default()};
  let f=pol::syntax::format::format(&[&text], &o).remove(0);
  let g=pol::syntax::format::format(&[&f.text], &o).remove(0);
  if !f.left.is_empty() { for l in &f.left { println!("{path}: left {l:?} {}", text[l.start..l.end].chars().take(20).collect::<String>()); } }
  if g.text != f.text { println!("{path}: NOT IDEMPOTENT"); std::fs::write("/tmp/f1", &f.text).unwrap(); std::fs::write("/tmp/f2", &g.text).unwrap(); }
  if std::env::var("W").is_ok() { std::fs::write(path, &f.text).unwrap(); }
 }
}
