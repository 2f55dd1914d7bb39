#!/usr/bin/env python3
"""A stage in Python that imports nothing but the standard library: how hard a document is to read.

It adds words per sentence, the share of long words, and their sum, the LIX of C.-H. Björnsson (1968):
below 30 for a children's book, over 60 for a law. In a pipeline, after `clean`:

    - plugin: { command: [python3, readability.py], protocol: jsonl, options: { long: 6 } }

    $ claimline stages --protocol jsonl -- python3 crates/stage/examples/readability.py
    $ claimline run crates/stage/examples/pipeline.yaml

claimline starts one such process a worker and writes a line of JSON a document to its standard input; each
is answered by one line. docs/plugins.md has the whole of it.
"""

import json
import re
import sys

WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
SENTENCE_END = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s|$)|\n\s*\n")


def describe(options):
    """What it is, and what it does with these options."""
    return {
        "abi": "0.1",
        "name": "readability",
        "version": "1.0.0",
        "summary": "Adds words per sentence, the share of long words, and the LIX of a document.",
        "options": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "long": {
                    "description": "A word with more letters than this is long.",
                    "type": "integer",
                    "minimum": 1,
                    "default": 6,
                }
            },
        },
        "example": "- plugin: { command: [python3, readability.py], protocol: jsonl }",
        "reads": {"documents": ["text"]},
        "adds": {
            "documents": [
                {"name": "sentence_words", "type": "float", "description": "Words per sentence."},
                {"name": "long_words", "type": "float", "description": "Long words, in percent of all."},
                {"name": "lix", "type": "float", "description": "Their sum: Björnsson's readability index."},
            ]
        },
    }


def readability(text, long):
    """The three columns; none for a text without words."""
    words = WORD.findall(text)
    if not words:
        return {}
    ends = [match.end() for match in SENTENCE_END.finditer(text)]
    # What stands behind the last full stop is a sentence too, if there are words in it.
    sentences = len(ends) + bool(WORD.search(text, ends[-1] if ends else 0))
    per_sentence = len(words) / max(sentences, 1)
    share = 100 * sum(len(word) > long for word in words) / len(words)
    columns = {"sentence_words": per_sentence, "long_words": share, "lix": per_sentence + share}
    return {name: round(value, 2) for name, value in columns.items()}


def main():
    # What is printed goes to claimline's log; standard output is for answers alone.
    answers, sys.stdout = sys.stdout, sys.stderr
    long = 6
    for line in sys.stdin.buffer:
        request = json.loads(line)
        options = request.get("settings", {}).get("options", {})
        match request["verb"]:
            case "describe":
                answer = {"description": describe(options)}
            case "open":
                long = options.get("long", long)
                answer = {}
            case "process":
                answer = {"document": readability(request["document"].get("text") or "", long)}
            case _:
                answer = {}
        answers.write(json.dumps({"id": request["id"], **answer}) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
