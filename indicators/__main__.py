"""`python -m indicators`."""

import gc
import os
import sys

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy only looks at bytes: its own threads would wait, and cost
gc.set_threshold(200_000, 20, 20)  # a command ends soon: looking for cycles all along costs more than they hold

from indicators.cli import main  # noqa: E402 (what it loads counts too)

try:
    code = main()
    sys.stdout.flush()
except BrokenPipeError:  # whoever was reading has seen enough (| head): nothing is left to say, nor to flush at exit
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    code = 1
sys.exit(code)
