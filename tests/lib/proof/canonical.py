#!/usr/bin/env python3
"""Prints each line of a file again as canonical JSON (RFC 8785, for integers and texts alone), without anything
of the program.

  canonical.py FILE
"""
import json
import sys

with open(sys.argv[1], "rb") as lines:
    for line in lines:
        text = json.dumps(json.loads(line), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        sys.stdout.buffer.write(text.encode() + b"\n")
