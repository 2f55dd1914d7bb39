#!/usr/bin/env python3
"""Asks the stage as claimline does: python3 test_stage.py"""

import json
import subprocess
import sys
import unittest
from pathlib import Path

STAGE = Path(__file__).with_name("stage.py")


def ask(*requests):
    lines = "".join(json.dumps({"id": id, **request}) + "\n" for id, request in enumerate(requests, 1))
    ran = subprocess.run([sys.executable, STAGE], input=lines, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in ran.stdout.splitlines()]


class Stage(unittest.TestCase):
    def test_questions_are_counted(self):
        opened, *answers = ask(
            {"verb": "open", "settings": {"options": {"column": "asked"}}},
            {"verb": "process", "document": {"doc_id": "d1", "text": "Who pays? And when?"}},
            {"verb": "process", "document": {"doc_id": "d2", "text": ""}},
        )
        self.assertEqual(opened, {"id": 1})
        self.assertEqual(answers, [{"id": 2, "document": {"asked": 2}}, {"id": 3, "document": {"asked": 0}}])

    def test_the_column_is_declared(self):
        (answer,) = ask({"verb": "describe", "settings": {"options": {"column": "asked"}}})
        self.assertEqual(answer["description"]["adds"]["documents"][0]["name"], "asked")


if __name__ == "__main__":
    unittest.main()
