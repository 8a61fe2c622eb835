//! Requests as they came, and answers as they are written.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use serde_json::Value;

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    /// The path's segments, decoded.
    pub path: Vec<String>,
    /// Query and body.
    pub params: Vec<(String, String)>,
    pub headers: Vec<(String, String)>,
    /// The path as it was sent.
    pub raw: String,
    /// The body as it was sent.
    pub body: Vec<u8>,
}

impl Request {
    /// The next request of a connection; `None` if there is none.
    pub(super) fn read(reader: &mut BufReader<TcpStream>) -> std::io::Result<Option<Self>> {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let mut parts = line.split_whitespace();
        let method = parts.next().unwrap_or_default().to_owned();
        let raw = parts.next().unwrap_or_default().to_owned();
        let headers = read_headers(reader)?;
        let length = find(&headers, "content-length").and_then(|text| text.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        reader.read_exact(&mut body)?;
        let (path, query) = raw.split_once('?').unwrap_or((&raw, ""));
        let mut params = form(query.as_bytes());
        match find(&headers, "content-type").unwrap_or_default() {
            kind if kind.starts_with("application/json") => params.extend(fields(&body)),
            kind if kind.starts_with("application/x-www-form-urlencoded") => params.extend(form(&body)),
            _ => {}
        }
        let path = path.split('/').filter(|part| !part.is_empty()).map(decode).collect();
        Ok(Some(Self {
            method,
            path,
            params,
            headers,
            raw,
            body,
        }))
    }

    pub fn param(&self, name: &str) -> Option<&str> {
        find(&self.params, name)
    }

    /// A header; its name is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }
}

fn read_headers(reader: &mut BufReader<TcpStream>) -> std::io::Result<Vec<(String, String)>> {
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            return Ok(headers);
        };
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
}

fn find<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = pairs.iter().find(|(own, _)| own == name);
    found.map(|(_, value)| value.as_str())
}

/// The fields of a JSON object as parameters, a list's items each as `NAME[]`.
fn fields(body: &[u8]) -> Vec<(String, String)> {
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    let mut params = Vec::new();
    for (name, value) in value.as_object().into_iter().flatten() {
        match value {
            Value::Array(list) => params.extend(list.iter().map(|item| (format!("{name}[]"), plain(item)))),
            value => params.push((name.clone(), plain(value))),
        }
    }
    params
}

fn form(bytes: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(bytes).into_owned().collect()
}

fn decode(part: &str) -> String {
    // A plus is a plus in a path.
    let part = part.replace('+', "%2B");
    let pair = form(format!("x={part}").as_bytes()).into_iter().next();
    pair.map(|(_, value)| value).unwrap_or_default()
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
    /// Whether the body comes a byte at a time.
    pub drips: bool,
}

impl Answer {
    pub fn text(status: u16, kind: &str, body: &str) -> Self {
        Self {
            status,
            headers: vec![("Content-Type".into(), kind.into())],
            body: body.into(),
            drips: false,
        }
    }

    pub fn json(status: u16, body: impl Into<Value>) -> Self {
        Self::text(status, "application/json", &body.into().to_string())
    }

    /// 204, without a body.
    pub fn empty() -> Self {
        Self {
            status: 204,
            headers: Vec::new(),
            body: String::new(),
            drips: false,
        }
    }

    /// The answer, a byte at a time.
    pub(super) fn dripping(self) -> Self {
        Self { drips: true, ..self }
    }

    /// The answer with one more header.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    pub(super) fn write(&self, writer: &mut TcpStream) -> std::io::Result<()> {
        let mut head = format!("HTTP/1.1 {} X\r\nContent-Length: {}\r\n", self.status, self.body.len());
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += "\r\n";
        writer.write_all(head.as_bytes())?;
        if self.drips {
            for byte in self.body.as_bytes() {
                writer.write_all(&[*byte])?;
                writer.flush()?;
                std::thread::sleep(std::time::Duration::from_millis(100));
            }
            return Ok(());
        }
        writer.write_all(self.body.as_bytes())?;
        writer.flush()
    }
}
