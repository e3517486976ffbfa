#!/usr/bin/env python3
"""Writes fields.json from what `fields_get` answered on each version.

    merge_fields.py FOLDER FILLED.json > fields.json

FOLDER holds one VERSION.json a version: {model: {field: {type, required, readonly, store, relation, relation_field,
selection: [keys]}}}. FILLED.json says of required fields whether Odoo gives them a value by itself (a default, or it
computes them): {model: {field: bool}}.
"""
import json
import pathlib
import re
import sys

# Made by Odoo for each group of a database; nobody's contract can know them.
GENERATED = re.compile(r"^(in_group_\d+|sel_groups_[\d_]+)$")


def facts(spec, filled):
    out = {"type": spec["type"]}
    for key in ("relation", "relation_field", "selection"):
        if spec.get(key):
            out[key] = spec[key]
    for key in ("required", "readonly"):
        if spec.get(key):
            out[key] = True
    if not spec.get("store"):
        out["store"] = False
    if out.get("required") and filled is not None:
        out["filled"] = filled
    return out


def span(versions):
    return str(versions[0]) if len(versions) == 1 else f"{versions[0]}-{versions[-1]}"


def main(folder, filled_file):
    filled = json.loads(pathlib.Path(filled_file).read_text())
    merged = {}
    for version in sorted(int(path.stem) for path in pathlib.Path(folder).glob("*.json")):
        for model, fields in json.loads((pathlib.Path(folder) / f"{version}.json").read_text()).items():
            for name, spec in fields.items():
                if GENERATED.match(name):
                    continue
                forms = merged.setdefault(model, {}).setdefault(name, [])
                form = facts(spec, filled.get(model, {}).get(name))
                if forms and forms[-1][1] == form and forms[-1][0][-1] == version - 1:
                    forms[-1][0].append(version)
                else:
                    forms.append(([version], form))
    lines = []
    for model in sorted(merged):
        fields = []
        for name in sorted(merged[model]):
            forms = [{"in": span(versions), **form} for versions, form in merged[model][name]]
            fields.append(f"  {json.dumps(name)}: {json.dumps(forms, separators=(',', ':'))}")
        lines.append(f" {json.dumps(model)}: {{\n" + ",\n".join(fields) + "\n }")
    print("{\n" + ",\n".join(lines) + "\n}")


main(sys.argv[1], sys.argv[2])
