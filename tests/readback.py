#!/usr/bin/env python3
"""Read a run's output folder with pandas, DuckDB and Polars, and check that all see the same tables.

usage: readback.py OUTPUT_FOLDER

Checked for every file that datapackage.json names: the columns are the described ones, in order; every column has
the described type; every column can be selected in DuckDB without quotes; the rows are as many as described, and
the same in every format; a sum over `value` is the same in every format and with every reader.

Needs: pip install pandas pyarrow duckdb polars openpyxl. Where one is missing it says so and checks nothing.
"""
import csv
import datetime
import json
import math
import sys
from collections import defaultdict
from pathlib import Path

try:
    import duckdb
    import openpyxl
    import pandas
    import polars
    import pyarrow.parquet
except ImportError as missing:
    print(f"readback: nothing checked, {missing.name} is not installed (pip install pandas pyarrow duckdb polars openpyxl)")
    sys.exit(0)

# Frictionless type -> what each reader makes of it in Parquet. pandas holds an integer, boolean or date as an object
# or float where cells are missing unless it keeps Arrow's types, so it is asked to keep them.
DUCKDB = {"string": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN", "date": "DATE",
          "datetime": "TIMESTAMP WITH TIME ZONE"}
POLARS = {"string": polars.String, "integer": polars.Int64, "number": polars.Float64, "boolean": polars.Boolean,
          "date": polars.Date, "datetime": polars.Datetime("us", "UTC")}
PANDAS = {"string": "string", "integer": "int64", "number": "double", "boolean": "bool", "date": "date32[day]",
          "datetime": "timestamp[us, tz=UTC]"}

failures = []


def check(holds, message):
    if not holds:
        failures.append(message)
        print(f"  WRONG: {message}")


def sql_select(scan, names):
    """Every column, unquoted, as a user types it."""
    return duckdb.sql(f"select {', '.join(names)} from {scan}")


def read_parquet(path, fields, label):
    names, types = [f["name"] for f in fields], [f["type"] for f in fields]
    relation = sql_select(f"read_parquet('{path}')", names)
    check([str(t) for t in relation.types] == [DUCKDB[t] for t in types], f"{label}: types in DuckDB")
    frame = polars.read_parquet(path)
    check(list(frame.schema.items()) == [(n, POLARS[t]) for n, t in zip(names, types)], f"{label}: types in Polars")
    table = pandas.read_parquet(path, dtype_backend="pyarrow")
    seen = [(n, str(t.pyarrow_dtype)) for n, t in table.dtypes.items()]
    check(seen == [(n, PANDAS[t]) for n, t in zip(names, types)], f"{label}: types in pandas")
    for group in range(pyarrow.parquet.ParquetFile(path).num_row_groups):
        pyarrow.parquet.ParquetFile(path).read_row_group(group)
    return {"DuckDB": relation.fetchall(), "Polars": frame.rows(), "pandas": len(table)}


def read_csv(path, fields, label):
    names = [f["name"] for f in fields]
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    check(rows[0] == names, f"{label}: header")
    check(all(len(row) == len(names) for row in rows), f"{label}: every row has {len(names)} cells")
    columns = ", ".join(f"'{f['name']}': '{DUCKDB[f['type']]}'" for f in fields)
    scan = f"read_csv('{path}', header = true, quote = '\"', escape = '\"', columns = {{{columns}}})"
    schema = {n: POLARS[t] for n, t in ((f["name"], f["type"]) for f in fields) if t not in ("date", "datetime")}
    frame = polars.read_csv(path, schema_overrides=schema, try_parse_dates=True)
    check(frame.columns == names, f"{label}: columns in Polars")
    dtypes = {"string": "string", "integer": "Int64", "number": "Float64", "boolean": "boolean"}
    dates = [f["name"] for f in fields if f["type"] in ("date", "datetime")]
    table = pandas.read_csv(path, dtype={f["name"]: dtypes[f["type"]] for f in fields if f["type"] in dtypes},
                            parse_dates=dates, keep_default_na=False, na_values=[""])
    check(list(table.columns) == names, f"{label}: columns in pandas")
    for name in dates:
        check(table[name].dtype.kind == "M" or table[name].isna().all(), f"{label}: {name} is a date in pandas")
    return {"Python": rows[1:], "DuckDB": sql_select(scan, names).fetchall(), "Polars": frame.rows(), "pandas": len(table)}


def read_jsonl(path, fields, label):
    names = [f["name"] for f in fields]
    with open(path, encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    described = set(names)
    check(all(set(row) <= described for row in rows), f"{label}: keys")
    python = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "date": str, "datetime": str}
    for field in fields:
        wrong = [row for row in rows if not isinstance(row.get(field["name"]), (python[field["type"]], type(None)))]
        check(not wrong, f"{label}: type of {field['name']}")
    counts = {"Python": [tuple(row.get(n) for n in names) for row in rows]}
    if rows:  # without a line there is nothing that a reader could know columns from
        columns = ", ".join(f"'{f['name']}': '{DUCKDB[f['type']]}'" for f in fields)
        scan = f"read_json('{path}', format = 'newline_delimited', columns = {{{columns}}}, maximum_object_size = 268435456)"
        counts["DuckDB"] = sql_select(scan, names).fetchall()
        counts["Polars"] = polars.read_ndjson(path, infer_schema_length=None).select(names).rows()
        counts["pandas"] = len(pandas.read_json(path, lines=True))
    return counts


def read_xlsx(path, fields, label, sheet):
    names = [f["name"] for f in fields]
    rows = list(openpyxl.load_workbook(path, read_only=True)[sheet].iter_rows(values_only=True))
    check(list(rows[0]) == names, f"{label}: header")
    python = {"string": str, "integer": int, "number": (int, float), "boolean": bool,
              "date": datetime.datetime, "datetime": datetime.datetime}
    for i, field in enumerate(fields):
        wrong = [row[i] for row in rows[1:] if not isinstance(row[i], (python[field["type"]], type(None)))]
        check(not wrong, f"{label}: type of {field['name']}, {wrong[:3]}")
    frame = pandas.read_excel(path, sheet_name=sheet)
    check(list(frame.columns) == names, f"{label}: columns in pandas")
    return {"openpyxl": rows[1:], "pandas": len(frame)}


def limits(rows, fields, label):
    """What the schema requires of cells, over rows that Python sees as they are."""
    for i, field in enumerate(fields):
        allowed = field.get("constraints", {}).get("enum")
        required = field.get("constraints", {}).get("required")
        cells = [None if row[i] == "" else row[i] for row in rows]
        if required:
            check(None not in cells, f"{label}: {field['name']} has empty cells")
        if allowed:
            check(set(cells) <= set(allowed) | {None}, f"{label}: {field['name']} has other words than {allowed}")


def value_sum(rows, fields):
    names = [f["name"] for f in fields]
    if "value" not in names:
        return None
    at = names.index("value")
    return math.fsum(float(row[at]) for row in rows if row[at] not in (None, ""))


def frictionless_agrees(folder):
    """What the reference implementation of datapackage.json makes of it, and of the cells it describes."""
    try:
        from frictionless import Package
    except ImportError:
        print("readback: datapackage.json not validated, frictionless is not installed (pip install frictionless)")
        return
    package = Package(str(folder / "datapackage.json"))
    # It reads no JSON Lines by that name, and of Parquet no size.
    for resource in [resource for resource in package.resources if resource.format in ("csv", "xlsx")]:
        errors = [error.message for task in resource.validate().tasks for error in task.errors]
        check(not errors, f"{resource.name}: {errors[:3]}")


def main(folder):
    if not (folder / "datapackage.json").exists():
        sys.exit(f"readback: {folder} has no datapackage.json; give the output folder of a run that ended well")
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    names = [resource["name"] for resource in package["resources"]]
    check(len(names) == len(set(names)), "two resources of one name")
    # table -> the file's folder and format (and reader) -> number
    rows_of, sums_of = defaultdict(lambda: defaultdict(int)), defaultdict(lambda: defaultdict(float))
    for resource in package["resources"]:
        path, fields, kind = folder / resource["path"], resource["schema"]["fields"], resource["format"]
        print(f"{resource['path']}: {resource['rows']} rows, {len(fields)} columns")
        check(path.stat().st_size == resource["bytes"], f"{resource['path']}: size")
        label, table = resource["path"], path.stem.split("-")[0]
        if kind == "xlsx":
            table = resource["dialect"]["excel"]["sheet"]
            label = f"{label} {table}"
            readings = read_xlsx(path, fields, label, table)
        else:
            readings = {"csv": read_csv, "jsonl": read_jsonl, "parquet": read_parquet}[kind](path, fields, label)
        counted = {reader: rows if isinstance(rows, int) else len(rows) for reader, rows in readings.items()}
        check(set(counted.values()) == {resource["rows"]}, f"{label}: rows are {counted}")
        place = f"{path.parent.relative_to(folder)}/*.{kind}"
        rows_of[table][place] += resource["rows"]
        for reader, rows in readings.items():
            if not isinstance(rows, int):
                limits(rows, fields, f"{label} in {reader}")
                total = value_sum(rows, fields)
                if total is not None:
                    sums_of[table][f"{place} in {reader}"] += total
    for table, rows in rows_of.items():
        check(len(set(rows.values())) == 1, f"{table}: rows differ between formats, {dict(rows)}")
    for table, sums in sums_of.items():
        first = next(iter(sums.values()))
        check(all(math.isclose(first, s, rel_tol=1e-12) for s in sums.values()), f"{table}: sums differ, {dict(sums)}")
    frictionless_agrees(folder)
    if failures:
        sys.exit(f"readback: {len(failures)} wrong")
    print("readback: pandas, DuckDB and Polars see the same tables")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
