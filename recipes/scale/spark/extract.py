"""Makes parts of chunks with Spark: a partition is piped through one `mobilenets worker --stdio`.

Usage: spark-submit extract.py CHUNKS.jsonl PARTITIONS. The chunks are what `mobilenets queue add --print` prints.
The variable MOBILENETS is the command on the executors, `npx mobilenets` by default.
"""

import json
import os
import sys

from pyspark.sql import SparkSession

spark = SparkSession.builder.appName("mobilenets-extract").getOrCreate()
command = os.environ.get("MOBILENETS", "npx mobilenets") + " worker --stdio --quiet --threads 1"
with open(sys.argv[1]) as lines:
    chunks = [line for line in lines.read().splitlines() if line]
# A worker whose chunk fails ends with 1. Spark then repeats the partition; finished parts cost nothing.
answers = spark.sparkContext.parallelize(chunks, int(sys.argv[2])).pipe(command, checkCode=True)
done = [json.loads(answer) for answer in answers.collect()]
counts = {key: sum(row[key] for row in done) for key in ("pictures", "failed")}
print(json.dumps({"parts": len(done), **counts}))
spark.stop()
