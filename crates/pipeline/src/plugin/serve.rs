//! The other end of the wire: serves a library to a host in another process.

use std::io::{self, BufReader, Read, Write};
use std::path::Path;

use claimline_stage::Tables;
use claimline_stage::host::{Failure, Instance};

use super::library;
use super::wire::{Reply, Request, bodies, read_line, read_tables, send};

/// Loads the library at `path` and answers the requests on `input` until it ends.
///
/// # Errors
/// If reading or writing fails; what the plugin does wrong is an answer.
pub fn serve(path: &Path, input: impl Read, mut output: impl Write) -> io::Result<()> {
    let mut input = BufReader::with_capacity(1 << 16, input);
    let plugin = library::load(path);
    let mut instance: Option<Instance> = None;
    while let Some(line) = read_line(&mut input)? {
        let request: Request = serde_json::from_slice(&line)?;
        let tables = read_tables(&request.tables, &mut input)?;
        let settings = request.settings.unwrap_or_default();
        let id = Some(request.id);
        let mut reply = Reply { id, ..Reply::default() };
        let mut returned = Tables::default();
        let answered = match (&plugin, &mut instance, request.verb.as_str()) {
            (Err(message), ..) => Err(told(message)),
            (Ok(plugin), _, "describe") => plugin.describe(&settings).and_then(|description| {
                let description = serde_json::to_value(description);
                reply.description = Some(description.map_err(|error| told(&error.to_string()))?);
                Ok(())
            }),
            (Ok(plugin), instance, "open") => plugin.open(&settings).map(|open| *instance = Some(open)),
            (_, Some(instance), "process") => instance.process(&tables).map(|tables| returned = tables),
            (_, Some(instance), "finish") => instance.finish().map(|files| reply.files = files),
            (_, _, verb) => Err(told(&format!("there is nothing to `{verb}`"))),
        };
        if let Err(Failure { panicked, message, at }) = answered {
            reply = Reply { id, error: Some(message), at: Some(at), panicked, ..Reply::default() };
        }
        let (announced, body) = bodies(&returned).map_err(io::Error::other)?;
        reply.tables = announced;
        send(&reply, &body, &mut output)?;
    }
    Ok(())
}

fn told(message: &str) -> Failure {
    Failure { panicked: false, message: message.to_owned(), at: String::new() }
}
