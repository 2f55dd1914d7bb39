#!/usr/bin/env python3
"""A stage for claimline: how many questions a document asks. It needs nothing but Python.

claimline writes a line of JSON a document to standard input, and reads a line of JSON in answer to each.
"""

import json
import sys


def describe(options):
    """What it is, and what it does with these options."""
    column = options.get("column", "questions")
    return {
        "abi": "0.1",
        "name": "{{name}}",
        "version": "0.1.0",
        "summary": "Adds how many questions a document asks.",
        "options": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "column": {"description": "The name of the column.", "type": "string", "default": "questions"}
            },
        },
        "example": "- plugin: { command: [python3, stage.py], protocol: jsonl }",
        "reads": {"documents": ["text"]},
        "adds": {"documents": [{"name": column, "type": "int", "description": "The question marks in it."}]},
    }


def process(document, column):
    """The cells of the document that change."""
    return {column: (document.get("text") or "").count("?")}


def main():
    # What is printed goes to claimline's log; standard output is for answers alone.
    answers, sys.stdout = sys.stdout, sys.stderr
    column = "questions"
    for line in sys.stdin.buffer:
        request = json.loads(line)
        options = request.get("settings", {}).get("options", {})
        answer = {}
        if request["verb"] == "describe":
            answer = {"description": describe(options)}
        elif request["verb"] == "open":
            column = options.get("column", column)
        elif request["verb"] == "process":
            answer = {"document": process(request["document"], column)}
        answers.write(json.dumps({"id": request["id"], **answer}) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
