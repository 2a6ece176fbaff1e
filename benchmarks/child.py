"""The process in which one case runs at one size with one contender.

Started by ``benchmarks.worker`` as ``python -m benchmarks.child JOB``. It prepares the case, says
so, then measures one turn for every line it reads. It answers in lines of JSON on the standard
output it was started with; whatever a library prints goes to the standard error instead.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from dataclasses import asdict
from typing import IO

from benchmarks.case import load_cases
from benchmarks.contender import Contender, peak_memory, reset_peak_memory
from benchmarks.measure import calibrate, measure


def serve(job: dict, requests: IO[str], answers: IO[str]) -> None:
    """Prepares ``job`` and measures a turn for each line of ``requests``."""

    def answer(**fields: object) -> None:
        print(json.dumps(fields), file=answers, flush=True)

    try:
        contender = Contender(job["library"], job["device"])
        contender.load()
        if contender.library == "torch":
            contender.load().set_num_threads(job["threads"])
        case = load_cases()[job["case"]]
        synchronise = contender.synchroniser()
        # Once at the smallest size, so that what libraries load late is not counted as memory.
        contender.prepare(case, case.sizes[0])()
        synchronise()
        before = reset_peak_memory()
        call = contender.prepare(case, job["size"])
        calls = calibrate(call, synchronise)
        gc.freeze()  # the libraries' own modules are not the case's garbage
        answer(calls=calls)
        for _ in requests:
            turn = measure(call, synchronise, calls, job["seconds"])
            memory = {"host": peak_memory() - before, "device": contender.device_memory()}
            answer(**asdict(turn), memory=memory)
    except Exception as error:  # a contender that cannot run a case must not end the others
        answer(error=f"{type(error).__name__}: {error}".splitlines()[0][:300])


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    serve(json.loads(sys.argv[1]), sys.stdin, answers)


if __name__ == "__main__":
    main()
