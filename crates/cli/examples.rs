//! What the help of each verb shows: commands as one would type them, each with what it does.

pub(crate) const ALL: &str = "\
Examples:
  claimline new pipeline mills texts   Write mills.yaml, which reads the folder texts
  claimline check mills.yaml           Say what is wrong with it
  claimline run mills.yaml             Write its tables

`claimline VERB --help` has more for each of them.";

pub(crate) const RUN: &str = "\
Examples:
  claimline run news.yaml
  claimline run news.yaml --input 'mail/*.html' --out out/mail
  claimline run news.yaml --set stages.normalise.currency.to=EUR --threads 4
  claimline run news.yaml --update   Run only what is new or has changed

Exit status: 0 done; 1 too many documents failed; 2 the pipeline or the arguments are wrong;
3 interrupted, and the same command goes on.";

pub(crate) const CHECK: &str = "\
Examples:
  claimline check news.yaml
  claimline check news.yaml --json   For an editor, or a CI system";

pub(crate) const TEST: &str = "\
Examples:
  claimline test news.yaml
  claimline test news.yaml --junit tests.xml   For a CI system";

pub(crate) const PREVIEW: &str = "\
Examples:
  claimline preview news.yaml                          The first document of its input
  claimline preview news.yaml --nth 3 --stage extract
  claimline preview news.yaml letter.txt --tree
  claimline preview news.yaml - < letter.txt";

pub(crate) const EXPLAIN: &str = "\
Examples:
  claimline explain cr4xk2p7m3qa5z6wd --out out/news
  claimline explain cr4xk --out out/news --json   The first characters are enough";

pub(crate) const PROBLEMS: &str = "\
Examples:
  claimline problems out/news
  claimline problems out/news --all";

pub(crate) const STAGES: &str = "\
Examples:
  claimline stages
  claimline stages normalise
  claimline stages ./libregion.so                      A plugin
  claimline stages --protocol jsonl -- python3 stage.py
  claimline stages --conformance ./libregion.so        Try what a plugin must bear";

pub(crate) const NEW: &str = "\
Examples:
  claimline new pipeline mills texts   Write mills.yaml, which reads the folder texts
  claimline new pipeline mills         The same, with a folder and a text in it to begin with
  claimline new plugin region --lang python";

pub(crate) const SCHEMA: &str = "\
Examples:
  claimline schema > pipeline.schema.json

A file that begins with `# yaml-language-server: $schema=pipeline.schema.json` is completed and checked
as it is typed by editors with a YAML language server.";

pub(crate) const COMPLETIONS: &str = "\
Examples:
  claimline completions bash > ~/.local/share/bash-completion/completions/claimline
  claimline completions zsh > ~/.zfunc/_claimline
  claimline completions fish > ~/.config/fish/completions/claimline.fish";

pub(crate) const MAN: &str = "\
Examples:
  claimline man ~/.local/share/man/man1";

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use crate::Cli;

    #[test]
    fn every_verb_has_examples_that_the_command_takes() {
        let mut cli = Cli::command();
        cli.build();
        let verbs = cli.get_subcommands().filter(|verb| !verb.is_hide_set() && verb.get_name() != "help");
        for verb in verbs.chain([&cli]) {
            let name = verb.get_name();
            let help = verb.get_after_help().unwrap_or_else(|| panic!("{name} has no examples")).to_string();
            let examples = help.lines().filter_map(|line| line.strip_prefix("  claimline "));
            let mut count = 0;
            for example in examples {
                // What the example does stands behind three blanks, what the shell does behind < or >.
                let command = example.split("   ").next().unwrap_or_default();
                let command = command.split(['<', '>']).next().unwrap_or_default().replace('\'', "");
                let words = std::iter::once("claimline").chain(command.split_whitespace());
                let taken = Cli::command().try_get_matches_from(words);
                assert!(taken.is_ok(), "{example}: {:?}", taken.err().map(|error| error.to_string()));
                assert!(name == "claimline" || example.starts_with(name), "{name}: {example}");
                count += 1;
            }
            assert_ne!(count, 0, "{name}");
        }
    }
}
