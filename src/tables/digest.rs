//! Digests of input files, for receipts.

use std::io::Read;

use sha2::{Digest, Sha256};

use super::error::TableError;
use super::input::Input;

/// The SHA-256 of a file's bytes, as `sha256:` and 64 hexadecimal digits.
///
/// # Errors
/// Where the file cannot be read.
pub fn digest(input: &Input) -> Result<String, TableError> {
    let mut hash = Sha256::new();
    add(&mut hash, input)?;
    Ok(text(hash))
}

/// One digest of several files in their order: that of the only one, or that of their digests.
///
/// # Errors
/// Where a file cannot be read.
pub fn digests(inputs: &[Input]) -> Result<String, TableError> {
    if let [only] = inputs {
        return digest(only);
    }
    let mut all = Sha256::new();
    for input in inputs {
        all.update(digest(input)?.as_bytes());
        all.update(b"\n");
    }
    Ok(text(all))
}

fn add(hash: &mut Sha256, input: &Input) -> Result<(), TableError> {
    let mut file = input.file()?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => hash.update(&buffer[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(TableError::io(input.name(), "cannot be read", &error)),
        }
    }
}

fn text(hash: Sha256) -> String {
    let digits: Vec<String> = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{}", digits.concat())
}
