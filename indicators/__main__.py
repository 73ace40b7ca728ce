"""`python -m indicators`."""

import os
import sys

from indicators.cli import main

try:
    code = main()
    sys.stdout.flush()
except BrokenPipeError:  # whoever was reading has seen enough (| head): nothing is left to say, nor to flush at exit
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    code = 1
sys.exit(code)
