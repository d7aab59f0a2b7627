#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The Python package in examples/python: its tables against the C headers, its demo, and what Python does to a handle.

    python_test.py LIBRARY EMULATOR HEADER-FOLDER...

Each function below is a promise; its name is printed. Those that take a `service` get a fresh emulator.
"""
import asyncio
import gc
import io
import inspect
import os
import signal
import sys
import threading
import time

sys.dont_write_bytecode = True
LIBRARY, EMULATOR, HEADERS = sys.argv[1], sys.argv[2], sys.argv[3:]
os.environ["ANIMALDETECT_LIBRARY"] = LIBRARY

import bindings_kit as kit  # noqa: E402

sys.path[:0] = [str(kit.ROOT / "examples" / "python"), str(kit.ROOT / "lib" / "abi")]

import header  # noqa: E402
import animaldetect  # noqa: E402
from animaldetect import Canceled, Client, DeadlineExceeded, Error, ImageError, JobFailed  # noqa: E402
from animaldetect import Status, _library  # noqa: E402

DEER = kit.IMAGES / "deer.png"
EGRET = kit.IMAGES / "egret.png"
QUICK = {"poll_bounds": (0.02, 0.2)}
C_TYPES = {"int32_t": "i32", "int64_t": "i64", "uint64_t": "u64", "size_t": "size", "double": "f64", "void": "void",
           "const char *": "text", "char *": "pointer", "void *": "pointer", "const void *": "pointer",
           "char **": "handle*", "int64_t *": "i64*", "double *": "f64*", "size_t *": "size*",
           "animaldetect_log_callback": "log", "animaldetect_read_callback": "read",
           "animaldetect_rewind_callback": "rewind"}
# Text that is read with its length: as a plain address, since c_char_p would stop at the first NUL.
SIZED = {"result_json", "result_metadata_json"}


def client_of(service, **settings):
    return Client(kit.KEY, base_url=service.url, **{**QUICK, **settings})


def raises(kind, act, *arguments):
    try:
        act(*arguments)
    except kind as failure:
        return failure
    raise AssertionError(f"no {kind.__name__}")


def in_thread(act):
    """Runs `act` in a thread; answers what it raised."""
    caught = []

    def body():
        try:
            act()
        except BaseException as failure:
            caught.append(failure)

    thread = threading.Thread(target=body)
    thread.start()
    return thread, caught


def until(condition):
    while not condition():
        time.sleep(0.001)


# ---- tables ----

def every_signature_is_that_of_the_headers():
    declared = header.functions(HEADERS)
    for signature, names in _library.SIGNATURES.items():
        for name in names.split():
            function = declared["animaldetect_" + name]
            types = [function.returns, *(kind for kind, _ in function.parameters)]
            words = [C_TYPES.get(kind) or ("handle*" if kind.endswith("**") else "handle") for kind in types]
            if name in SIZED:
                words[0] = "pointer"
            assert " ".join(words) == signature, f"{name}: {signature} is not {' '.join(words)}"


def every_value_is_that_of_the_headers():
    groups = {"STATE": animaldetect.State, "STAGE": animaldetect.Stage, "STEP": animaldetect.Step,
              "POLL": animaldetect.PollMode, "LOG": animaldetect.LogLevel, "RANK": animaldetect.Rank,
              "STAT": animaldetect.Statistic}
    here = {"ANIMALDETECT_OPERATION_" + name: f'"{getattr(animaldetect, name)}"'
            for name in ("DETECT", "DETECT_URBAN", "FILTER", "FILTER_URBAN")}
    here.update((f"ANIMALDETECT_{member.name}", str(member.value)) for member in Status)
    for prefix, group in groups.items():
        here.update((f"ANIMALDETECT_{prefix}_{member.name}", str(member.value)) for member in group)
    wanted = kit.bound_values(header.values(HEADERS))
    assert here == wanted, set(here.items()) ^ set(wanted.items())


def a_value_of_a_newer_library_is_other_and_no_error():
    assert Status(-999).name == "OTHER_-999" and Status(-999) == -999
    assert animaldetect.errors.error(-999).name == "ANIMALDETECT_E_UNKNOWN"
    raises(ValueError, Status, "text")


def text_with_a_nul_is_refused_and_not_cut():
    with Client("key") as client:
        raises(ValueError, lambda: client.job("a.jpg\0.png"))
        raises(ValueError, lambda: client.job(country="USA\0"))


def a_number_that_does_not_fit_is_refused_and_not_cut():
    with Client("key") as client:
        raises(ValueError, lambda: client.job(rerun=2**32 + 1))
        raises(ValueError, lambda: client.job(rerun=1.5))
        raises(TypeError, lambda: Client("key", max_active="8"))
        raises(ValueError, lambda: Client("key", max_image_bytes=-1))


# ---- handles ----

def a_refusal_keeps_its_own_words_in_every_thread():
    with Client("key") as client:
        def refuse(settings, word):
            for _ in range(200):
                assert word in raises(animaldetect.InvalidArgument, lambda: client.job(**settings)).message

        started = [in_thread(lambda case=case: refuse(*case)) for case in
                   (({"threshold": 7}, "threshold"), ({"location": (91, 0)}, "latitude"),
                    ({"top_candidate": -1}, "candidate"))]
        for thread, caught in started:
            thread.join()
            assert not caught, caught


def a_closed_handle_refuses_and_may_be_closed_again():
    client = Client("key")
    job = client.job()
    job.close()
    job.close()
    assert raises(Error, job.run).code == Status.E_STATE
    client.close()
    client.close()
    assert raises(Error, client.job).code == Status.E_STATE


def a_job_closed_by_another_thread_ends_as_canceled(service):
    with client_of(service, poll_bounds=(30, 60)) as client:
        job = client.job(DEER)
        thread, caught = in_thread(job.run)
        until(lambda: job.stage == animaldetect.Stage.SUBMITTED)
        job.close()
        thread.join()
        assert [type(failure) for failure in caught] == [Canceled], caught


def a_client_closed_under_blocked_threads_ends_their_calls(service):
    client = client_of(service, poll_bounds=(30, 60))
    jobs = [client.job(image) for image in (DEER, EGRET)]
    started = [in_thread(job.run) for job in jobs]
    until(lambda: all(job.stage == animaldetect.Stage.SUBMITTED for job in jobs))
    client.close()
    for thread, caught in started:
        thread.join()
        assert [type(failure) for failure in caught] == [Canceled], caught
    assert all(job.info.id for job in jobs)


def a_client_closed_under_awaiting_tasks_ends_their_calls(service):
    async def main():
        client = client_of(service, poll_bounds=(30, 60))
        jobs = [client.job(image) for image in (DEER, EGRET)]
        tasks = [asyncio.ensure_future(job.run_async()) for job in jobs]
        while not all(job.stage == animaldetect.Stage.SUBMITTED for job in jobs):
            await asyncio.sleep(0.001)
        client.close()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(failure) for failure in ends] == [Canceled, Canceled], ends

    asyncio.run(main())


def garbage_collected_inside_a_callback_is_freed_there(service):
    freed = []
    dropped = []

    def log(_level, _message):
        dropped.clear()
        gc.collect()

    client = client_of(service, log=log, log_level=animaldetect.LogLevel.INFO)
    with client:
        job, forgotten = client.job(DEER), client.job(EGRET)
        handle = forgotten._handle
        free = handle._free
        handle._free = lambda pointer: (free(pointer), freed.append(client._inside.this_thread()))
        dropped.append(forgotten)
        del forgotten, handle
        assert job.run().detections and client.statistic(animaldetect.Statistic.RETRIES) == 0
        assert freed == [True], freed


def a_callback_that_calls_its_client_is_refused(service):
    caught = []

    def log(_level, _message):
        caught.append(raises(Error, client.job).code)
        caught.append(raises(Error, client.close).code)

    with client_of(service, log=log, log_level=animaldetect.LogLevel.INFO) as client:
        client.detect(DEER)
    assert caught and set(caught) == {Status.E_BUSY}, caught


def a_log_that_was_taken_away_is_silent(service):
    lines = []
    with client_of(service, log=lambda *line: lines.append(line), log_level=animaldetect.LogLevel.INFO) as client:
        client.detect(DEER)
        heard = len(lines)
        client.set_log(None)
        client.detect(EGRET)
    assert heard > 0 and len(lines) == heard, lines


def the_failure_of_a_reader_is_the_cause_of_the_error(service):
    class Broken(io.BytesIO):
        def read(self, size=-1):
            if self.tell() > 0:
                raise OSError("the card was pulled")
            return super().read(min(size, 100))

    with client_of(service) as client:
        failure = raises(ImageError, client.detect, Broken(DEER.read_bytes()))
    assert failure.code == Status.E_READER and "card" in str(failure.__cause__), failure


def a_reader_starts_where_its_file_stands(service):
    source = io.BytesIO(b"header" + DEER.read_bytes())
    source.seek(6)
    with client_of(service) as client:
        assert client.detect(source, filename="deer.png").detections[0].label == "red deer"
        assert client.detect(bytearray(DEER.read_bytes()), filename="deer.png").detections[0].label == "red deer"


def a_forked_child_is_told_and_harms_nothing(service):
    with client_of(service) as client:
        client.detect(DEER)
        child = os.fork()
        if child == 0:
            code = 1
            try:
                code = 0 if raises(Error, client.job).code == Status.E_FORKED else 2
                client.close()
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        client.detect(EGRET)


# ---- calls ----

def control_c_ends_a_blocking_call_and_the_job_runs_again(service):
    with client_of(service, poll_bounds=(0.2, 60)) as client, client.job(DEER) as job:
        thread, _ = in_thread(lambda: (until(lambda: job.stage >= animaldetect.Stage.CREATED),
                                       os.kill(os.getpid(), signal.SIGINT)))
        raises(KeyboardInterrupt, job.run)
        thread.join()
        assert client.in_flight == 0
        assert job.run().detections[0].label == "red deer"


def a_second_call_on_a_job_is_refused(service):
    with client_of(service, poll_bounds=(30, 60)) as client, client.job(DEER) as job:
        thread, caught = in_thread(job.run)
        until(lambda: job.stage >= animaldetect.Stage.CREATED)
        assert raises(Error, job.run).code == Status.E_BUSY
        job.cancel()
        thread.join()
        assert [type(failure) for failure in caught] == [Canceled], caught


def one_client_serves_threads_and_a_loop_at_once(service):
    async def main():
        async def one(number):
            result = await client.detect_async(DEER, client_reference_id=f"task {number}")
            assert result.detections[0].label == "red deer"

        def blocking(number):
            assert client.detect(EGRET, client_reference_id=f"thread {number}").detections[0].label

        await asyncio.gather(*(one(number) for number in range(40)),
                             *(asyncio.to_thread(blocking, number) for number in range(20)))

    with client_of(service) as client:
        asyncio.run(main())
        asyncio.run(main())  # another loop, the same images: the service knows them
        assert client.in_flight == 0 and client._driver._loop is None


def a_coroutine_thrown_away_leaves_its_job_usable(service):
    async def main():
        with client_of(service, poll_bounds=(0.2, 60)) as client, client.job(DEER) as job:
            thrown = job.run_async()
            thrown.send(None)
            while job.stage < animaldetect.Stage.CREATED:
                await asyncio.sleep(0.001)
            thrown.close()
            assert client.in_flight == 0
            assert (await job.run_async()).detections[0].label == "red deer"

    asyncio.run(main())


def a_job_that_the_service_failed_tells_why(service):
    with client_of(service) as client:
        failure = raises(JobFailed, client.detect, DEER)
    assert failure.code == Status.E_JOB_FAILED and failure.job_id and failure.service_message, vars(failure)


def a_wait_asked_for_by_the_service_is_shown(service):
    with client_of(service) as client:
        failure = raises(DeadlineExceeded, lambda: client.detect(DEER, deadline=5))
    assert failure.retry_after == 3600 and failure.http_status == 429 and failure.attempts == 1, vars(failure)
    assert failure.step == animaldetect.Step.CREATE and failure.request_id, vars(failure)


def every_statistic_can_be_read(service):
    with client_of(service) as client:
        assert client.latency(0.5) is None
        client.detect(DEER)
        counts = client.statistics()
        assert counts["requests_create"] == counts["requests_upload"] == counts["jobs_succeeded"] == 1, counts
        assert client.latency(0.5) > 0


def a_result_reads_as_the_service_wrote_it():
    raw = (b'{"id":"r","annotations":[{"id":0,"bbox":[0.1,0.2,0.3,0.4],"score":0.5,"label":"canine family",'
           b'"taxonomy":{"id":"t","class":"mammalia","genus":""},"top_candidates":[{"label":"red fox","score":0.18,'
           b'"taxonomy":{"species":"vulpes"}}],"new":1},{}],"metadata":{"image_width":7,"gps":[1]},'
           b'"info":{"threshold_applied":0.2,"model_id":"m"}}')
    result = animaldetect.parse_result(raw)
    first, second = result.detections
    assert result.json == raw and result.metadata == {"image_width": 7, "gps": [1]} and result.image_width == 7
    assert result.threshold == 0.2 and result.model_id == "m" and result.image_height is None
    assert first.box == (0.1, 0.2, 0.3, 0.4) and first.taxonomy.class_ == "mammalia" and first.taxonomy.genus == ""
    assert first.taxonomy.family is None and first.candidates[0].taxonomy.species == "vulpes"
    assert second == animaldetect.Detection(None, None, None, None, None, (None,) * 6, ())
    assert raises(Error, animaldetect.parse_result, b"[]").code == Status.E_PROTOCOL


def every_code_block_of_the_readme_is_python():
    for block in kit.code_blocks(kit.ROOT / "examples" / "python" / "README.md", "python"):
        compile(block, "README.md", "exec")


def demo_shows_everything(service):
    words = kit.run([sys.executable, "-B", kit.ROOT / "examples" / "python" / "demo.py"], service)
    service.expected = kit.expected_jobs(words)


OPTIONS = {a_job_that_the_service_failed_tells_why: ["--fail", "1"],
           a_wait_asked_for_by_the_service_is_shown: ["--fault", "create:429:retry_after=3600"]}
JOBS = {one_client_serves_threads_and_a_loop_at_once: 60, a_forked_child_is_told_and_harms_nothing: 2,
        control_c_ends_a_blocking_call_and_the_job_runs_again: 1, a_reader_starts_where_its_file_stands: 1}


def with_service(act):
    with kit.service(EMULATOR, *OPTIONS.get(act, [])) as running:
        act(running)
    wanted = getattr(running, "expected", JOBS.get(act))
    if wanted is not None:
        running.judge(wanted)
    running.assert_clean()


def main():
    os.environ.update(no_proxy="127.0.0.1", NO_PROXY="127.0.0.1")
    checks = kit.Checks()
    print(f"# Python {sys.version.split()[0]}, libanimaldetect {animaldetect.library_version}", flush=True)
    for name, act in list(globals().items()):
        if not inspect.isfunction(act) or act.__module__ != __name__ or "_" not in name:
            continue
        if act in (client_of, in_thread, with_service):
            continue
        if inspect.signature(act).parameters:
            checks.check(name, with_service, act)
        else:
            checks.check(name, act)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
