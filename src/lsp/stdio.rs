//! Speaks with an editor over standard input and output.
//!
//! Messages are framed here, since the library takes whatever length a client claims: one that is too long for memory
//! would end the process.

use std::io::{self, BufRead, Read};
use std::thread::JoinHandle;

use lsp_server::{Connection, Message};

/// The longest message that is read, in bytes.
const LONGEST: usize = 256 << 20;
/// The longest line of a header, in bytes.
const LONGEST_LINE: u64 = 4096;

/// The threads that read and write.
pub struct Threads {
    reader: JoinHandle<io::Result<()>>,
    writer: JoinHandle<io::Result<()>>,
}

impl Threads {
    /// Waits until all is read and written.
    ///
    /// # Errors
    /// Says what was wrong with what was read, or why nothing could be written.
    pub fn join(self) -> io::Result<()> {
        let gone = |_| io::Error::other("an error inside pol");
        self.reader.join().map_err(gone)??;
        self.writer.join().map_err(gone)?
    }
}

/// A connection over standard input and output.
pub fn stdio() -> (Connection, Threads) {
    let (connection, ours) = Connection::memory();
    let writer = std::thread::spawn(move || {
        let mut out = io::stdout().lock();
        ours.receiver.into_iter().try_for_each(|message| message.write(&mut out))
    });
    let sender = ours.sender;
    let reader = std::thread::spawn(move || {
        let mut input = io::stdin().lock();
        while let Some(message) = read(&mut input)? {
            let is_exit = matches!(&message, Message::Notification(note) if note.method == "exit");
            if sender.send(message).is_err() || is_exit {
                break;
            }
        }
        Ok(())
    });
    (connection, Threads { reader, writer })
}

/// The next message; `None` at the end.
fn read(input: &mut impl BufRead) -> io::Result<Option<Message>> {
    let mut length = None;
    loop {
        let mut line = Vec::new();
        if input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line);
        let line =
            line.strip_suffix("\r\n").ok_or_else(|| invalid(format!("no line of a header: {line:?}")))?;
        if line.is_empty() {
            break;
        }
        let (name, value) =
            line.split_once(':').ok_or_else(|| invalid(format!("no line of a header: {line:?}")))?;
        if name.eq_ignore_ascii_case("Content-Length") {
            let value = value.trim();
            length = Some(value.parse::<usize>().map_err(|_| invalid(format!("{value:?} is no length")))?);
        }
    }
    let length = length.ok_or_else(|| invalid("a message without Content-Length".to_owned()))?;
    if length > LONGEST {
        return Err(invalid(format!("a message of {length} bytes; at most {LONGEST} are read")));
    }
    let mut body = vec![0; length];
    input.read_exact(&mut body)?;
    serde_json::from_slice(&body).map(Some).map_err(|error| invalid(format!("no message: {error}")))
}

fn invalid(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(bytes: &[u8]) -> String {
        match read(&mut &*bytes) {
            Ok(Some(message)) => serde_json::to_string(&message).expect("a message can be written"),
            Ok(None) => "the end".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn messages_are_read_and_nonsense_is_told() {
        let note = r#"{"method":"办"}"#;
        let framed = |body: &str| format!("content-length: {}\r\nX: y\r\n\r\n{body}", body.len());
        assert_eq!(told(framed(note).as_bytes()), r#"{"method":"办"}"#);
        assert_eq!(told(b""), "the end");
        for (bytes, wanted) in [
            (
                &b"Content-Length: 99999999999\r\n\r\n{"[..],
                "a message of 99999999999 bytes; at most 268435456 are read",
            ),
            (b"Content-Length: x\r\n\r\n", "\"x\" is no length"),
            (b"Content-Length: 99999999999999999999\r\n\r\n", "\"99999999999999999999\" is no length"),
            (b"\r\n", "a message without Content-Length"),
            (b"Content-Length: 2\n\n{}", "no line of a header: \"Content-Length: 2\\n\""),
            (b"hello\r\n", "no line of a header: \"hello\""),
        ] {
            assert_eq!(told(bytes), wanted);
        }
        assert!(told(framed("{").as_bytes()).starts_with("no message: "));
        assert!(told(b"Content-Length: 9\r\n\r\n{}").contains("fill whole buffer"), "cut short");
        assert!(told(&vec![b'a'; 10_000]).starts_with("no line of a header"));
    }
}
