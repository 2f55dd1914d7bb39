//! Any text as a pipeline file.

use std::path::Path;
use std::sync::LazyLock;

use claimline_pipeline::{Overrides, Plan, Registry};
use miette::GraphicalReportHandler;
use saphyr_parser::{Event, Parser};

/// A plan, or a refusal whose every place lies in the file and can be shown.
pub fn pipeline(text: &str) {
    static REGISTRY: LazyLock<Registry> = LazyLock::new(crate::registry::built_in);
    if names_a_plugin(text) {
        return;
    }
    let path = Path::new("no such folder/p.yaml");
    let env = |name: &str| (name == "SET").then(|| "files".to_owned());
    let overrides = [
        Overrides::default(),
        Overrides {
            input: vec!["a*.txt".to_owned()],
            out: Some("out".into()),
            set: vec![("stages.normalise.dates.order".to_owned(), "dmy".to_owned())],
        },
    ];
    for overrides in &overrides {
        let Err(refusal) = Plan::new(path, text, &REGISTRY, overrides, &env) else { continue };
        assert!(!refusal.troubles.is_empty(), "refused for nothing");
        for trouble in &refusal.troubles {
            let (start, length) = (trouble.at.offset(), trouble.at.len());
            assert!(text.get(start..start + length).is_some(), "{trouble}: {start} and {length} on");
            assert!(!trouble.message.is_empty());
            let mut shown = String::new();
            GraphicalReportHandler::new().render_report(&mut shown, trouble).unwrap();
        }
    }
}

/// Whether a plugin may be named: what a fuzzer makes up must not be started as a program.
fn names_a_plugin(text: &str) -> bool {
    let events = Parser::new_from_str(text).map_while(Result::ok);
    events.into_iter().any(|(event, _)| matches!(event, Event::Scalar(word, ..) if word == "plugin"))
}
