"""Write the schemas of the files anew, beside this module."""

import json
from pathlib import Path

from readiness.schemas import built

for name, schema in built().items():
    path = Path(__file__).with_name(f"{name}.json")
    text = json.dumps(schema, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")
