//! From a pipeline file to something that can run.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use claimline_stage::{
    Context, Declared, Door, Factory, OptionError, Order, Registration, Role, Sink, Source, StageDoor,
    TextUse,
};
use serde_json::{Map, Value};

use crate::examine::{self, Surroundings, Test};
use crate::file::{PipelineFile, spell_out_stop};
use crate::plugin::{self, PLUGIN, Place, PluginOptions};
use crate::schema::Checker;
use crate::trouble::{Refusal, Spot, Trouble, Troubles, help};
use crate::yaml::{Tree, step};
use crate::{Registry, schema, yaml};

/// A pipeline, checked and opened.
pub struct Plan {
    /// Its file, as it was named.
    pub file: PathBuf,
    /// Its name.
    pub name: String,
    /// Where documents come from, in order.
    pub sources: Vec<Opened<Box<dyn Source>>>,
    /// What is done to them, in order.
    pub stages: Vec<Opened<PlannedStage>>,
    /// Where the tables go.
    pub sinks: Vec<Opened<Box<dyn Sink>>>,
    /// The output folder.
    pub out: PathBuf,
    /// What the tables depend on: name, sources, stages and sinks as they were understood, with
    /// variables and overrides in place.
    pub described: Value,
    /// How many documents may fail.
    pub max_failed: Option<MaxFailed>,
    /// With how many failed documents the run goes on; with one more it ends without tables.
    pub stop_after: Option<u64>,
    /// Its own tests.
    pub tests: Vec<Test>,
    /// What it can run with all the same: patterns that no file matches.
    pub warnings: Vec<Trouble>,
}

/// An item of a pipeline that has been opened.
pub struct Opened<T> {
    /// The registration's name.
    pub name: String,
    /// Where it comes from, if it is a plugin.
    pub plugin: Option<Place>,
    /// What it opened.
    pub part: T,
}

/// A stage, not yet made for any worker.
pub struct PlannedStage {
    /// Which batches an instance sees.
    pub order: Order,
    /// Makes an instance.
    pub factory: Factory,
    /// The files that its rows depend on.
    pub files: Vec<PathBuf>,
}

/// A limit on the documents that may fail.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MaxFailed {
    /// So many.
    Count(u64),
    /// So many of a hundred that were found.
    Percent(f64),
}

impl MaxFailed {
    /// Whether `failed` of `found` documents are more than the limit.
    pub fn exceeded(self, failed: u64, found: u64) -> bool {
        match self {
            MaxFailed::Count(most) => failed > most,
            MaxFailed::Percent(most) => failed as f64 * 100.0 > most * found as f64,
        }
    }
}

/// What the command line says in the file's stead.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// The paths of the only ingest item.
    pub input: Vec<String>,
    /// The output folder.
    pub out: Option<PathBuf>,
    /// `stages.normalise.dates.order` and its value, in YAML.
    pub set: Vec<(String, String)>,
}

/// An item whose registration and options have passed.
pub(crate) struct Item<'r> {
    pub(crate) registration: Cow<'r, Registration>,
    pub(crate) options: Value,
    /// The JSON pointer of the options; those of a plugin stand in the item's `options`.
    at: String,
    /// Where it comes from, if it is a plugin.
    pub(crate) plugin: Option<Place>,
}

impl Item<'_> {
    /// Whether it has an option of that name.
    pub(crate) fn takes(&self, option: &str) -> bool {
        self.registration.schema["properties"].get(option).is_some()
    }
}

impl Plan {
    /// What the files of each sink look like; none if a run can't take over rows of the run before: if
    /// one of the sinks can't hand back what it wrote, or a stage sees all documents in order.
    pub(crate) fn shapes(&self) -> Option<Vec<String>> {
        let parallel = self.stages.iter().all(|stage| stage.part.order == Order::Parallel);
        self.sinks.iter().map(|sink| sink.part.shape().filter(|_| parallel)).collect()
    }

    /// The hash of each file that the plugins consist of, a library, and the words of a command that are
    /// files; and of those that stages read when they are opened.
    pub(crate) fn file_hashes(&self) -> BTreeMap<String, String> {
        let sources = self.sources.iter().map(|source| &source.plugin);
        let stages = self.stages.iter().map(|stage| &stage.plugin);
        let plugins = sources.chain(stages).chain(self.sinks.iter().map(|sink| &sink.plugin)).flatten();
        let hash = |(word, file): (String, PathBuf)| {
            let content = fs::read(file).ok()?;
            Some((word, blake3::hash(&content).to_hex().to_string()))
        };
        let named = self.stages.iter().flat_map(|stage| &stage.part.files);
        let named = named.map(|file| (file.display().to_string(), file.clone()));
        plugins.flat_map(Place::files).chain(named).filter_map(hash).collect()
    }

    /// Reads and checks the pipeline file at `path`, whose text is `text`, and opens all its parts.
    ///
    /// No document is read. `env` gives the value of an environment variable.
    ///
    /// # Errors
    /// Everything that is wrong with the file.
    pub fn new(
        path: &Path,
        text: &str,
        registry: &Registry,
        overrides: &Overrides,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Refusal> {
        let mut troubles = Troubles::new(path, Arc::from(text));
        let plan = Self::checked(path, text, registry, overrides, env, &mut troubles);
        troubles.or(plan)
    }

    fn checked(
        path: &Path,
        text: &str,
        registry: &Registry,
        overrides: &Overrides,
        env: &dyn Fn(&str) -> Option<String>,
        troubles: &mut Troubles,
    ) -> Option<Self> {
        let mut tree = yaml::read(text, env, troubles)?;
        override_values(&mut tree, overrides, troubles);
        spell_out_stop(&mut tree.value);
        let schema = Checker::new(&schemars::schema_for!(PipelineFile).to_value());
        schema::check(&schema, &tree.value, "", &tree, &|key| option_of(registry, key), troubles);

        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let base = folder.unwrap_or(Path::new(".")).to_owned();
        let ingest = items(&tree, Role::Source, registry, &base, troubles);
        let stages = items(&tree, Role::Stage, registry, &base, troubles);
        let export = items(&tree, Role::Sink, registry, &base, troubles);
        let mut context = Context { base: base.clone(), ..Context::default() };
        // Of a stage that is refused it is not known what it makes.
        let listed = tree.value.get(Role::Stage.list()).and_then(Value::as_array).map_or(0, Vec::len);
        let complete = stages.len() == listed;
        let file = serde_json::from_value::<PipelineFile>(tree.value.clone());
        let file = file.map_err(|error| {
            if troubles.count() == 0 {
                troubles.push(0..0, error.to_string(), None);
            }
        });
        let Ok(file) = file else {
            // The columns of plugins are known only once the stages are.
            if complete && !stages.iter().any(|stage| stage.plugin.is_some()) {
                examine::tests(
                    &Surroundings { tree: &tree, text, sources: &[], context: &context },
                    troubles,
                );
            }
            return None;
        };
        let max_failed = file.on_error.max_failed.as_ref().and_then(max_failed);
        let stop_after = match max_failed {
            Some(MaxFailed::Percent(_)) if file.on_error.stop => {
                let help = "a share is known only when all documents have been read";
                troubles.push(
                    tree.value_at("/on_error/max_failed"),
                    "`stop` needs a number here",
                    Some(help.into()),
                );
                None
            }
            Some(MaxFailed::Count(most)) => Some(most),
            _ => Some(0),
        };

        let mut opening = Opening {
            tree: &tree,
            registry,
            troubles,
            paths: HashSet::new(),
            counting: None,
            made: Vec::new(),
            complete,
        };
        let mut plan = Self {
            file: path.to_owned(),
            sources: Vec::new(),
            stages: Vec::new(),
            sinks: Vec::new(),
            out: overrides.out.clone().unwrap_or_else(|| match file.out {
                Some(out) => base.join(out),
                None => base.join("out").join(&file.name),
            }),
            described: ["name", "ingest", "stages", "export"]
                .iter()
                .filter_map(|key| Some((key.to_string(), tree.value.get(key)?.clone())))
                .collect::<Map<_, _>>()
                .into(),
            max_failed,
            stop_after: stop_after.filter(|_| file.on_error.stop),
            tests: Vec::new(),
            warnings: Vec::new(),
            name: file.name,
        };
        // Which columns sinks can write is not known without all the stages.
        let export = if complete { export } else { Vec::new() };
        for item in ingest.iter().chain(&stages).chain(&export) {
            let (name, from) = (item.registration.name.clone(), item.plugin.clone());
            match &item.registration.door {
                Door::Source(open) => {
                    let part = opening.result(item, open(item.options.clone(), &context));
                    for OptionError { at, message, .. } in part.iter().flat_map(|source| source.unmatched()) {
                        let spot = tree.value_at(&format!("{}{at}", item.at));
                        opening.troubles.warn(spot, message);
                    }
                    plan.sources.extend(part.map(|part| Opened { name, plugin: from, part }));
                }
                Door::Stage(stage) => {
                    let part = opening.stage(item, stage, &mut context);
                    plan.stages.extend(part.map(|part| Opened { name, plugin: from, part }));
                }
                Door::Sink(open) => {
                    let part = opening.result(item, open(item.options.clone(), &context));
                    for path in part.iter().flat_map(|sink| sink.paths()) {
                        opening.claim(item, path);
                    }
                    plan.sinks.extend(part.map(|part| Opened { name, plugin: from, part }));
                }
            }
        }
        if complete {
            let around = Surroundings { tree: &tree, text, sources: &ingest, context: &context };
            plan.tests = examine::tests(&around, troubles);
        }
        plan.warnings = std::mem::take(&mut troubles.warnings);
        Some(plan)
    }
}

struct Opening<'a> {
    tree: &'a Tree,
    registry: &'a Registry,
    troubles: &'a mut Troubles,
    /// The files that sinks have claimed.
    paths: HashSet<PathBuf>,
    /// The first stage that takes offsets in the text.
    counting: Option<String>,
    /// The tables that stages have made rows of.
    made: Vec<&'static str>,
    /// Whether no stage has been refused.
    complete: bool,
}

impl Opening<'_> {
    /// Opens a stage, unless it can't stand where it does.
    fn stage(&mut self, item: &Item, stage: &StageDoor, context: &mut Context) -> Option<PlannedStage> {
        let declared = (stage.declares)(item.options.clone(), context);
        let Declared { adds, text, files, needs, makes, .. } = self.result(item, declared)?;
        let name = &item.registration.name;
        let missing = needs.iter().find(|table| !self.made.contains(table));
        if let Some(table) = missing.filter(|_| self.complete) {
            let message = format!("`{name}` works on {table}, and nothing before it makes any");
            self.troubles.push(self.tree.key_at(&item.at), message, self.maker(table));
            return None;
        }
        self.made.extend(makes);
        match (text, &self.counting) {
            (TextUse::Changes, Some(counting)) => {
                let message = format!("`{name}` changes the text, in which `{counting}` has taken offsets");
                let help = Some(format!("put it before `{counting}`"));
                self.troubles.push(self.tree.key_at(&item.at), message, help);
                return None;
            }
            (TextUse::Counts, None) => self.counting = Some(name.clone()),
            _ => {}
        }
        let factory = self.result(item, (stage.open)(item.options.clone(), context))?;
        if let Err(message) = context.added.extend(&adds) {
            self.troubles.push(self.tree.key_at(&item.at), message, None);
        }
        Some(PlannedStage { order: stage.order, factory, files })
    }

    /// Where rows of a table would come from.
    fn maker(&self, table: &str) -> Option<String> {
        let makes = |one: &&Registration| match &one.door {
            Door::Stage(stage) => (stage.declares)(Value::Object(Map::new()), &Context::default())
                .is_ok_and(|declared| declared.makes.contains(&table)),
            _ => false,
        };
        Some(format!("put `{}` before it", self.registry.iter().find(makes)?.name))
    }

    /// Takes a file for a sink, unless another has it.
    fn claim(&mut self, item: &Item, path: PathBuf) {
        let message = format!("another sink writes {} already", path.display());
        if !self.paths.insert(path) {
            let help = "`dir:` puts the files of a sink in a folder of its own";
            self.troubles.push_once(self.tree.key_at(&item.at), message, Some(help.to_owned()));
        }
    }

    fn result<T>(&mut self, item: &Item, opened: Result<T, OptionError>) -> Option<T> {
        opened
            .map_err(|error| {
                let at = self.tree.value_at(&format!("{}{}", item.at, error.at));
                self.troubles.push(at, error.message, error.help);
            })
            .ok()
    }
}

/// The items of a role's list that are what they should be; the others go to `troubles`.
fn items<'r>(
    tree: &Tree,
    role: Role,
    registry: &'r Registry,
    base: &Path,
    troubles: &mut Troubles,
) -> Vec<Item<'r>> {
    let list = tree.value.get(role.list()).and_then(Value::as_array);
    let fitting = || registry.iter().filter(|one| Role::of(one) == role).map(|one| one.name.as_str());
    let mut found = Vec::new();
    // A stage may stand there many times.
    let mut checkers: HashMap<&str, Checker> = HashMap::new();
    for (i, item) in list.into_iter().flatten().enumerate() {
        let at = step(&format!("/{}", role.list()), i);
        let (name, options, options_at) = match item {
            Value::String(name) => (name, Value::Object(Map::new()), at.clone()),
            Value::Object(map) if map.len() == 1 => {
                let Some((name, options)) = map.iter().next() else { continue };
                let options = if options.is_null() { Value::Object(Map::new()) } else { options.clone() };
                (name, options, step(&at, name))
            }
            Value::Object(map) if map.len() > 1 => {
                several_names(map, &at, tree, registry, troubles);
                continue;
            }
            _ => {
                let message = format!("expected {} by its name", role.described());
                troubles.push(tree.value_at(&at), message, help("", fitting()));
                continue;
            }
        };
        if name == PLUGIN {
            found.extend(plugin_item(tree, role, registry, base, options, options_at, troubles));
            continue;
        }
        match (registry.get(role, name), registry.named(name).next()) {
            (Some(registration), _) if !options.is_object() => {
                let found = schema::described(&options);
                let message = format!("expected the options of `{name}`, found {found}");
                let help = format!("such as\n{}", registration.example.trim_end());
                troubles.push(tree.value_at(&options_at), message, Some(help));
            }
            (Some(registration), _) => {
                let before = troubles.count();
                let elsewhere = |key: &str| option_of(registry, key);
                let checker = checkers.entry(name).or_insert_with(|| Checker::new(&registration.schema));
                schema::check(checker, &options, &options_at, tree, &elsewhere, troubles);
                // What can't be read or the schema has refused must not be opened.
                let Spot { at, .. } = tree.value_at(&options_at);
                let unread = troubles.places().iter().any(|place| at.contains(place));
                if troubles.count() == before && !unread {
                    let registration = Cow::Borrowed(registration);
                    found.push(Item { registration, options, at: options_at, plugin: None });
                }
            }
            (None, Some(_)) => {
                // A source and a sink may share a name.
                let roles: Vec<Role> = registry.named(name).map(Role::of).collect();
                let is: Vec<_> = roles.iter().map(|role| role.described()).collect();
                let lists: Vec<_> = roles.iter().map(|role| format!("`{}:`", role.list())).collect();
                let (is, lists) = (is.join(" or "), lists.join(" or "));
                let message = format!("`{name}` is {is}, and belongs under {lists}");
                troubles.push(tree.key_at(&options_at), message, help("", fitting()));
            }
            (None, None) => {
                let message = format!("there is no {} called `{name}`", &role.described()[2..]);
                troubles.push(tree.key_at(&options_at), message, help(name, fitting()));
            }
        }
    }
    found
}

/// Says what is wrong with an item of several names: options that stand beside their stage, or stages that
/// share an item.
fn several_names(
    map: &Map<String, Value>,
    at: &str,
    tree: &Tree,
    registry: &Registry,
    troubles: &mut Troubles,
) {
    let mut names = map.keys().filter(|key| *key == PLUGIN || registry.named(key).next().is_some());
    match (names.next(), names.next()) {
        (Some(name), None) => {
            let beside = map.keys().filter(|key| *key != name);
            for key in beside {
                let message = format!("`{key}` stands beside `{name}`, and not under it");
                let help = format!("indent `{key}` by four spaces more than the `-` before `{name}`");
                troubles.push(tree.key_at(&step(at, key)), message, Some(help));
            }
        }
        _ => {
            let help = "each item begins with `- ` and is one name, with its options indented below it";
            let message = format!("one item with {} names", map.len());
            troubles.push(tree.value_at(at), message, Some(help.to_owned()));
        }
    }
}

/// Where a key belongs that is an option of some stage.
fn option_of(registry: &Registry, key: &str) -> Option<String> {
    let takes = |one: &&Registration| one.schema["properties"].get(key).is_some();
    let mut names: Vec<String> = registry.iter().filter(takes).map(|one| format!("`{}`", one.name)).collect();
    names.dedup();
    (!names.is_empty())
        .then(|| format!("`{key}` is an option of {}, and stands under it", names.join(" and of ")))
}

/// The item of a plugin: asked what it is, and checked as a built-in is.
fn plugin_item<'r>(
    tree: &Tree,
    role: Role,
    registry: &Registry,
    base: &Path,
    options: Value,
    at: String,
    troubles: &mut Troubles,
) -> Option<Item<'r>> {
    let before = troubles.count();
    let own =
        |key: &str| Some(format!("`{key}` stands under `options:`, if it is an option of the plugin's own"));
    let checker = Checker::new(&schemars::schema_for!(PluginOptions).to_value());
    schema::check(&checker, &options, &at, tree, &own, troubles);
    if troubles.count() > before {
        return None;
    }
    let refuse = |troubles: &mut Troubles, OptionError { at: inner, message, help }: OptionError| {
        troubles.push(tree.value_at(&format!("{at}{inner}")), message, help);
    };
    let read = serde_json::from_value(options).map_err(|error| OptionError::new("", error.to_string()));
    let asked = read.and_then(|options: PluginOptions| {
        let place = Place::new(&options, base, registry.host())?;
        Ok((options, place.clone(), plugin::registration(place)?))
    });
    let (options, place, registration) = match asked {
        Ok(asked) => asked,
        Err(error) => {
            refuse(troubles, error);
            return None;
        }
    };
    let is = Role::of(&registration);
    if is != role {
        let (name, list) = (&registration.name, is.list());
        let message = format!("the plugin `{name}` is {}, and belongs under `{list}:`", is.described());
        refuse(troubles, OptionError::new("", message));
        return None;
    }
    let options = Value::Object(options.options);
    let before = troubles.count();
    let checker = Checker::new(&registration.schema);
    schema::check(&checker, &options, &step(&at, "options"), tree, &|_| None, troubles);
    if troubles.count() > before {
        return None;
    }
    Some(Item { registration: Cow::Owned(registration), options, at, plugin: Some(place) })
}

fn max_failed(value: &Value) -> Option<MaxFailed> {
    match value {
        Value::String(share) => share.strip_suffix('%')?.parse().ok().map(MaxFailed::Percent),
        count => count.as_u64().map(MaxFailed::Count),
    }
}

fn override_values(tree: &mut Tree, overrides: &Overrides, troubles: &mut Troubles) {
    if !overrides.input.is_empty() {
        let paths = Value::from(overrides.input.clone());
        match tree.value.get_mut("ingest").and_then(Value::as_array_mut).map(Vec::as_mut_slice) {
            Some([Value::Object(item)]) if item.len() == 1 => {
                // Options of another kind are refused for what they are.
                for options in item.values_mut().filter(|options| options.is_object() || options.is_null()) {
                    options["paths"] = paths.clone();
                }
            }
            Some([item @ Value::String(_)]) => {
                let name = item.as_str().unwrap_or_default().to_owned();
                *item = Value::Object(Map::from_iter([(name, serde_json::json!({ "paths": paths }))]));
            }
            _ => troubles.push(
                tree.key_at("/ingest"),
                "--input replaces the paths of the only ingest item, and there is not one but several",
                None,
            ),
        }
    }
    for (path, value) in &overrides.set {
        let value = yaml::read(value, &|_| None, troubles).map_or(Value::Null, |tree| tree.value);
        if let Err(missing) = set(&mut tree.value, path, value) {
            let message = format!("--set {path}: there is nothing called `{missing}` in the pipeline");
            troubles.push(0..0, message, None);
        }
    }
}

/// Sets the value at a dotted path; in a list, a step is the name of an item.
fn set<'p>(root: &mut Value, path: &'p str, value: Value) -> Result<(), &'p str> {
    let mut at = root;
    let mut steps = path.split('.').peekable();
    while let Some(name) = steps.next() {
        at = match at {
            Value::Array(items) => {
                let named = |item: &&mut Value| item.as_str() == Some(name) || item.get(name).is_some();
                let item = items.iter_mut().find(named).ok_or(name)?;
                if item.is_string() {
                    *item = Value::Object(Map::from_iter([(name.to_owned(), Value::Null)]));
                }
                &mut item[name]
            }
            Value::Null => {
                *at = Value::Object(Map::new());
                &mut at[name]
            }
            Value::Object(map) => map.entry(name).or_insert(Value::Null),
            _ => return Err(name),
        };
        if steps.peek().is_none() {
            *at = value;
            return Ok(());
        }
    }
    Err(path)
}
