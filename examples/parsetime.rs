use std::time::Instant;
fn main(){
 let mut all=String::new();
 let mut files=vec![];
 for d in ["policies/shandong-2020","policies/shandong-2020/cases"] { for e in std::fs::read_dir(d).unwrap().flatten(){ if e.path().extension().is_some_and(|x|x=="pol"){ files.push(std::fs::read_to_string(e.path()).unwrap()); } } }
 for _ in 0..9 { for f in &files { all.push_str(f); all.push('\n'); } }
 println!("{} lines {} bytes", all.lines().count(), all.len());
 for _ in 0..3 {
 let t=Instant::now(); let s=pol::syntax::terminals(pol::source::FileId(0), &all); println!("terminals {:?} {}", t.elapsed(), s.len());
 }
}
