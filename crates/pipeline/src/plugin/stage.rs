//! A plugin among the stages: batches over the border, and what it does wrong brought down to the
//! document that it does it with.

use std::sync::{Arc, Mutex, PoisonError};

use claimline_model::Severity;
use claimline_stage::tables::{Lens, Terms};
use claimline_stage::{
    AddedColumns, Batch, Factory, OptionError, Reads, Settings, Stage, StageError, Tables,
};

use super::{Fault, Link, Plugin};

/// What all instances of one plugin in a pipeline have in common.
struct Opened {
    plugin: Arc<Plugin>,
    settings: Settings,
    lens: Lens,
    adds: AddedColumns,
    changes_text: bool,
    /// The instance that was opened to see whether the plugin can be.
    spare: Mutex<Option<Link>>,
}

pub(super) fn open(plugin: &Arc<Plugin>, settings: Settings) -> Result<Factory, OptionError> {
    let description = plugin.describe(&settings)?;
    let lens = plugin.lens(description.reads, Reads::all, &settings)?;
    let first = plugin.open(&settings).map_err(Fault::into_option_error)?;
    let opened = Arc::new(Opened {
        plugin: plugin.clone(),
        settings,
        lens,
        adds: description.adds,
        changes_text: description.changes_text,
        spare: Mutex::new(Some(first)),
    });
    Ok(Box::new(move || Box::new(PluginStage { opened: opened.clone(), link: None })))
}

struct PluginStage {
    opened: Arc<Opened>,
    /// None before the first batch, and after it broke.
    link: Option<Link>,
}

impl Stage for PluginStage {
    fn process(&mut self, batch: &mut Batch) -> Result<(), StageError> {
        let fault = match (batch.documents.len(), self.attempt(batch)) {
            (0, _) | (_, Ok(())) => return Ok(()),
            (1, Err(fault @ (Fault::Crashed(_) | Fault::TimedOut(_)))) => {
                // What happened once may have been the system's doing.
                tracing::warn!(stage = self.opened.plugin.name, "{}; once more", fault.message());
                match self.attempt(batch) {
                    Ok(()) => return Ok(()),
                    Err(fault) => fault,
                }
            }
            (_, Err(fault)) => fault,
        };
        if let Fault::Gone(message) = fault {
            return Err(StageError { code: "plugin_crash", message });
        }
        if batch.documents.len() == 1 {
            let (code, message) = (fault.code(), fault.message());
            let problem =
                batch.documents[0].problem(&self.opened.plugin.name, Severity::Error, code, &message);
            batch.fail(vec![(0, problem)]);
            return Ok(());
        }
        let mut tail = batch.split_off(batch.documents.len() / 2);
        self.process(batch)?;
        self.process(&mut tail)?;
        batch.append(tail);
        Ok(())
    }

    fn finish(&mut self) -> Result<(), StageError> {
        let Some(link) = &mut self.link else { return Ok(()) };
        let finished = link.finish();
        finished.map_err(|fault| StageError { code: fault.code(), message: fault.message() })?;
        self.link = None;
        Ok(())
    }
}

impl PluginStage {
    /// Sends the whole batch; if anything is wrong with what comes back, the batch is as it was.
    fn attempt(&mut self, batch: &mut Batch) -> Result<(), Fault> {
        let opened = &self.opened;
        if batch.documents.is_empty() {
            return Ok(());
        }
        let sent = opened.lens.tables(batch).map_err(|error| Fault::Output(error.to_string()))?;
        let link = match &mut self.link {
            Some(link) => link,
            none => {
                let spare = opened.spare.lock().unwrap_or_else(PoisonError::into_inner).take();
                let link = match spare {
                    Some(spare) => spare,
                    None => opened
                        .plugin
                        .open(&opened.settings)
                        .map_err(|fault| Fault::Gone(format!("it can't be opened: {}", fault.message())))?,
                };
                none.insert(link)
            }
        };
        let returned: Tables = link.process(&sent).inspect_err(|fault| {
            if fault.is_broken() {
                self.link = None;
            }
        })?;
        let terms =
            Terms { stage: &opened.plugin.name, adds: &opened.adds, changes_text: opened.changes_text };
        let leaving = batch.take_in(&sent, returned, terms).map_err(Fault::Output)?;
        batch.fail(leaving);
        Ok(())
    }
}
