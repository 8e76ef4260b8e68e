#!/bin/bash
#SBATCH --job-name=mobilenets-extract
#SBATCH --array=1-8
#SBATCH --cpus-per-task=4
#SBATCH --mem=2G
#SBATCH --time=04:00:00
#SBATCH --requeue
# SIGTERM a minute before the time ends. Finished parts stay, and the job continues when it is queued again.
#SBATCH --signal=TERM@60
set -euo pipefail
photos="${PHOTOS:-$HOME/photos}"
store="${STORE:-$HOME/store}"
exec npx mobilenets extract "$photos" --out "$store" --format parquet \
  --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" --threads "$SLURM_CPUS_PER_TASK" --quiet
