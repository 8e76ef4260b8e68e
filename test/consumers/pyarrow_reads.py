"""What pyarrow finds in a store of parts, as JSON. Usage: python pyarrow_reads.py DIR (pyarrow 26)"""

import json
import sys

import pyarrow.parquet as pq

table = pq.read_table(f"{sys.argv[1]}/parts")
good = table.filter(table["error"].is_null())
print(
    json.dumps(
        {
            "type": str(table.schema.field("embedding").type),
            "rows": table.num_rows,
            "failed": table.num_rows - good.num_rows,
            "vectors": dict(zip(good["id"].to_pylist(), [[float(x) for x in v] for v in good["embedding"].to_pylist()])),
        }
    )
)
