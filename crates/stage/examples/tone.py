#!/usr/bin/env python3
"""A stage in Python with pyarrow: the tone of a claim's sentence, from -1 to 1.

It counts words that praise and words that blame; the tone is their difference over their sum, and empty
where there are none. In a pipeline, after `extract`:

    - plugin: { command: [python3, tone.py], options: { column: tone } }

    $ pip install pyarrow
    $ claimline stages -- python3 crates/stage/examples/tone.py
    $ claimline run crates/stage/examples/pipeline.yaml

claimline starts one such process a worker and writes to its standard input: a line of JSON, and behind it the
tables that the line announces, as Arrow IPC streams. It is answered in the same way. docs/plugins.md has the
whole of it.
"""

import json
import re
import sys

import pyarrow as pa

# A word list of our own, made for this example: words of business and policy news that take a side
# wherever they stand. A real one would be measured on texts.
GOOD = frozenset(
    """benefit best better boost breakthrough calm confident efficient excellent gain gains good improve
    improved improvement success successful prosper prosperity recover recovered recovery reliable robust safe
    stable strong stronger thrive triumph win wins winner""".split()
)
BAD = frozenset(
    """abuse bad bankrupt bankruptcy blame collapse collapsed corrupt corruption crash crisis damage damaged
    danger dangerous dead deaths decline deficit destroy destroyed disaster failed failure fear fears fraud
    harm illegal killed lose loss losses poor scandal shortage strike threat unrest violence weak weaker worse
    worst""".split()
)
WORD = re.compile(r"[a-z]+")


def describe(options):
    """What it is, and what it does with these options."""
    column = options.get("column", "tone")
    return {
        "abi": "0.1",
        "name": "tone",
        "version": "1.0.0",
        "summary": "Adds the tone of a claim's sentence, from -1 (it blames) to 1 (it praises).",
        "options": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "column": {"description": "The name of the column.", "type": "string", "default": "tone"}
            },
        },
        "example": "- plugin: { command: [python3, tone.py], options: { column: tone } }",
        "reads": {"claims": ["sentence"]},
        "adds": {
            "claims": [
                {"name": column, "type": "float", "description": "Words that praise less words that blame, over both."}
            ]
        },
    }


def tone(sentence):
    words = WORD.findall((sentence or "").lower())
    good, bad = sum(word in GOOD for word in words), sum(word in BAD for word in words)
    return (good - bad) / (good + bad) if good + bad else None


def process(tables, column):
    """Gets the tables that it reads, and returns those that it changes. Without key columns, the rows are
    those that were sent."""
    sentences = tables["claims"]["sentence"].to_pylist()
    return {"claims": pa.table({column: pa.array(map(tone, sentences), pa.float64())})}


def read_tables(request, source):
    bodies = {table["name"]: source.read(table["bytes"]) for table in request.get("tables", [])}
    return {name: pa.ipc.open_stream(body).read_all() for name, body in bodies.items()}


def to_stream(table):
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue()


def main():
    # What is printed goes to claimline's log; standard output is for answers alone.
    requests, answers, sys.stdout = sys.stdin.buffer, sys.stdout.buffer, sys.stderr
    column = "tone"
    while line := requests.readline():
        request = json.loads(line)
        options = request.get("settings", {}).get("options", {})
        answer, bodies = {}, {}
        match request["verb"]:
            case "describe":
                answer = {"description": describe(options)}
            case "open":
                column = options.get("column", column)
            case "process":
                tables = process(read_tables(request, requests), column)
                bodies = {name: to_stream(table) for name, table in tables.items()}
                answer = {"tables": [{"name": name, "bytes": body.size} for name, body in bodies.items()]}
        answers.write(json.dumps({"id": request["id"], **answer}).encode() + b"\n")
        for body in bodies.values():
            answers.write(body)
        answers.flush()


if __name__ == "__main__":
    main()
