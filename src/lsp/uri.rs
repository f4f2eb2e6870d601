//! Paths of files as the protocol writes them, `file:///a%20b.pol`, and back.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use lsp_types::Uri;

/// The path that a `file:` address names; of another address, the address itself.
pub fn path_of(uri: &Uri) -> PathBuf {
    match file_path(uri.as_str()) {
        Some(path) => PathBuf::from(path),
        None => PathBuf::from(uri.as_str()),
    }
}

/// Whether an address names a file on disk.
pub fn is_file(uri: &Uri) -> bool {
    file_path(uri.as_str()).is_some()
}

fn file_path(address: &str) -> Option<String> {
    let rest = address.strip_prefix("file://")?;
    // What stands before the path is a host.
    let path = decoded(&rest[rest.find('/')?..])?;
    // `/C:/policies` on Windows.
    let drive = path.as_bytes().get(2) == Some(&b':') && path.as_bytes()[1].is_ascii_alphabetic();
    Some(if drive { path[1..].to_owned() } else { path })
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = &rest[2..];
    }
    String::from_utf8(bytes).ok()
}

/// The address of a file; `None` for a path that cannot be written as one.
pub fn uri_of(path: &Path) -> Option<Uri> {
    let path = path.to_str()?.replace('\\', "/");
    if path.contains(':') && !path.starts_with('/') && path.as_bytes().get(1) != Some(&b':') {
        return Uri::from_str(&path).ok();
    }
    let mut address = String::from(if path.starts_with('/') { "file://" } else { "file:///" });
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
                address.push(byte.into());
            }
            _ => {
                let _ = write!(address, "%{byte:02X}");
            }
        }
    }
    Uri::from_str(&address).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for path in ["/tmp/a.pol", "/政策/保险 费.pol", "/a%b/c#d?.pol"] {
            let uri = uri_of(Path::new(path)).expect("an address");
            assert_eq!(path_of(&uri), Path::new(path), "{}", uri.as_str());
            assert!(is_file(&uri));
        }
        let windows = Uri::from_str("file:///c%3A/policies/a.pol").expect("an address");
        assert_eq!(path_of(&windows), Path::new("c:/policies/a.pol"));
        let back = uri_of(Path::new("c:/policies/a.pol")).expect("an address");
        assert_eq!(path_of(&back), Path::new("c:/policies/a.pol"));
        let untitled = Uri::from_str("untitled:Untitled-1").expect("an address");
        assert!(!is_file(&untitled));
        assert_eq!(uri_of(&path_of(&untitled)), Some(untitled));
    }

    #[test]
    fn broken_addresses_are_no_files() {
        for address in ["file://host", "file:///%zz", "file:///%E4%B8"] {
            if let Ok(uri) = Uri::from_str(address) {
                assert!(!is_file(&uri), "{address}");
            }
        }
    }
}
