#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The Python package in examples/python: its tables compared with the C headers, its demo, and the lifetime of handles.

    python_test.py LIBRARY EMULATOR MOCK HEADER-FOLDER...

Each function below is a promise; its name is printed. Those with a parameter `service` get a new emulator.
"""
import asyncio
import contextlib
import gc
import http.server
import importlib.util
import inspect
import io
import logging
import math
import os
import pathlib
import pickle
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import weakref

sys.dont_write_bytecode = True
LIBRARY, EMULATOR, MOCK, HEADERS = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]

import bindings_kit as kit  # noqa: E402

os.environ["ANIMALDETECT_LIBRARY"] = LIBRARY
sys.path[:0] = [str(kit.ROOT / "examples" / "python"), str(kit.ROOT / "lib" / "abi")]

import header  # noqa: E402
import animaldetect  # noqa: E402
from animaldetect import CallTimeout, Canceled, Client, Error, Hold, ImageError, JobFailed, Pause  # noqa: E402
from animaldetect import QueueFull, ReaderFailed, Scope, Statistic, Status, _lend, _library, aio  # noqa: E402

DEER = kit.IMAGES / "deer.png"
EGRET = kit.IMAGES / "egret.png"
QUICK = {"poll_bounds": (0.02, 0.2)}
C_TYPES = {"int32_t": "i32", "int64_t": "i64", "uint64_t": "u64", "size_t": "size", "double": "f64", "void": "void",
           "const char *": "text", "char *": "pointer", "void *": "pointer", "const void *": "pointer",
           "char **": "handle*", "int32_t *": "i32*", "int64_t *": "i64*", "double *": "f64*", "size_t *": "size*",
           "animaldetect_log_callback": "log", "animaldetect_read_callback": "read",
           "animaldetect_rewind_callback": "rewind", "animaldetect_release_callback": "release"}
# Texts with a length are declared as plain addresses, since c_char_p stops at the first NUL.
SIZED = {"job_result_json", "result_json", "result_metadata_json"}
# Functions that the package replaces: it starts calls, waits for them and finds its objects in its own way.
NOT_BOUND = {"client_wait", "client_wakeup", "client_timeout_ms", "job_create", "job_upload", "job_submit", "job_poll",
             "job_fetch", "job_run", "job_set_bytes", "job_set_user_data", "job_user_data", "job_client", "log_client"}


def client_of(service, **settings):
    return Client(kit.KEY, base_url=service.url, **{**QUICK, **settings})


def raises(kind, act, *arguments):
    try:
        act(*arguments)
    except kind as failure:
        return failure
    raise AssertionError(f"no {kind.__name__}")


def in_thread(act):
    """Runs `act` in a thread; returns the thread and what it raised."""
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


def every_function_of_the_client_is_bound():
    """Custom transports are for hosts in C; any other function is either bound or listed above."""
    here = {name for names in _library.SIGNATURES.values() for name in names.split()}
    wanted = {name.removeprefix("animaldetect_") for name in header.functions(HEADERS)}
    wanted = {name for name in wanted if not name.startswith(("transport_", "exchange_", "mock_"))}
    assert here | NOT_BOUND == wanted and not here & NOT_BOUND, (here | NOT_BOUND) ^ wanted


def every_value_is_that_of_the_headers():
    groups = {"STATE": animaldetect.State, "STAGE": animaldetect.Stage, "STEP": animaldetect.Step,
              "POLL": animaldetect.PollMode, "LOG": animaldetect.LogLevel, "RANK": animaldetect.Rank,
              "STAT": animaldetect.Statistic, "SCOPE": animaldetect.Scope, "PAUSE": animaldetect.Pause,
              "HOLD": animaldetect.Hold, "RESULT": animaldetect.ResultKind}
    here = {"ANIMALDETECT_OPERATION_" + name: f'"{getattr(animaldetect, name)}"'
            for name in ("DETECT", "DETECT_URBAN", "FILTER", "FILTER_URBAN")}
    here.update((f"ANIMALDETECT_{member.name}", str(member.value)) for member in Status)
    for prefix, group in groups.items():
        here.update((f"ANIMALDETECT_{prefix}_{member.name}", str(member.value)) for member in group)
    wanted = kit.bound_values(header.values(HEADERS))
    assert here == wanted, set(here.items()) ^ set(wanted.items())


def a_value_of_a_newer_library_is_other_and_no_error():
    assert Status(-999).name == "OTHER_-999" and Status(-999) == -999
    unknown = animaldetect.errors.error(-999)
    assert type(unknown) is Error and unknown.name == "ANIMALDETECT_E_UNKNOWN" and unknown.scope == Scope.OTHER
    raises(ValueError, Status, "text")


def every_failure_has_the_class_of_its_scope():
    for status in Status:
        failure = animaldetect.errors.error(status)
        if failure.scope != Scope.NONE:
            kind = getattr(animaldetect, failure.scope.name.capitalize() + "Error")
            assert isinstance(failure, kind) and failure.name == f"ANIMALDETECT_{status.name}", failure
    assert isinstance(animaldetect.errors.error(Status.E_CALL_TIMEOUT), (TimeoutError, animaldetect.CallerError))
    assert isinstance(animaldetect.errors.error(Status.E_SAVED_JOB), ValueError)


def features_and_gauges_are_listed_by_name():
    features = animaldetect.features()
    assert features["libcurl"][0].isdigit() and features["http2"] in ("yes", "no"), features
    gauges = animaldetect.gauges()
    assert "calls_in_flight" in gauges and "retries" not in gauges, gauges
    with Client("key") as client:
        names = list(client.statistics())
    assert names == [which.name.lower() for which in Statistic] and gauges < set(names), names


def text_with_a_nul_is_refused_and_not_cut():
    with Client("key") as client:
        raises(ValueError, lambda: client.job("a.jpg\0.png"))
        raises(ValueError, lambda: client.job(country="USA\0"))


def a_number_that_does_not_fit_is_refused_and_not_cut():
    with Client("key") as client:
        raises(ValueError, lambda: client.job(rerun=2**32 + 1))
        raises(ValueError, lambda: client.job(rerun=1.5))
        raises(TypeError, lambda: Client("key", max_requests="8"))
        raises(ValueError, lambda: Client("key", max_image_bytes=-1))
        raises(ValueError, lambda: client.job(priority=2**31))
        raises(ValueError, lambda: client.configure(max_retry_after=math.inf))
        raises(ValueError, lambda: client.configure(offline_patience=-1))


def what_is_set_on_a_job_can_be_read():
    with Client("key") as client, client.job(DEER, client_reference_id="id 1", rerun=2, priority=-3, note="row 7") as job:
        assert (job.info.path, job.info.filename, job.info.client_reference_id) == (str(DEER), "deer.png", "id 1")
        assert (job.rerun_number, job.priority, job.note, job.client) == (2, -3, "row 7", client)
        job.configure(filename="other.png", note="", priority=5)
        assert (job.info.filename, job.note, job.priority, job.result_json) == ("other.png", None, 5, None)
        job.configure(note="row 8")
        with client.restore(job.save()) as restored:
            assert (restored.note, restored.priority, restored.info.client_reference_id) == ("row 8", 5, "id 1")
        with client.job(source_url="https://example.com/a.jpg") as other:
            assert other.info.source_url == "https://example.com/a.jpg" and other.info.path is None


def a_path_that_is_no_utf8_opens_the_same_file():
    with Client("key") as client, client.job(os.fsdecode(b"/tmp/\xff.jpg")) as job:
        assert os.fsencode(job.info.path) == b"/tmp/\xff.jpg"


def a_client_without_a_key_says_which_variable_it_misses():
    kept = {name: os.environ.pop(name, None) for name in ("AD_API_KEY", "ANIMAL_DETECT_API_KEY")}
    try:
        failure = raises(animaldetect.AccountError, Client.from_env)
    finally:
        os.environ.update({name: value for name, value in kept.items() if value is not None})
    assert failure.code == Status.E_NO_API_KEY and "AD_API_KEY" in failure.message, failure


# ---- handles ----

def a_refusal_keeps_its_message_in_every_thread():
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
    assert raises(Error, client.job).code == Status.E_CLIENT_FREED


def what_is_lent_is_kept_until_the_library_releases_it():
    class Image(io.BytesIO):
        pass

    client = Client("key", log=None)
    before = len(_lend._lent)
    reader = Image(DEER.read_bytes())
    gone = weakref.ref(reader)
    with client.job() as plain:
        with client.restore(plain.save()) as job:
            job.set_image(reader)
            del reader
            gc.collect()
            assert gone() is not None and len(_lend._lent) == before + 1
            job.set_image(DEER.read_bytes())  # replaces the reader
            assert gone() is None and len(_lend._lent) == before + 1
        assert len(_lend._lent) == before
        raises(ValueError, plain.set_image, b"")
        assert len(_lend._lent) == before
        plain.set_image(DEER.read_bytes())
        assert raises(Error, plain.set_image, DEER.read_bytes()).code == Status.E_STATE
        assert len(_lend._lent) == before + 1
    assert len(_lend._lent) == before
    log = Image()
    client.set_log(log.write, animaldetect.LogLevel.DEBUG)
    gone = weakref.ref(log)
    del log
    assert gone() is not None
    client.set_log(None)
    assert gone() is None and len(_lend._lent) == before
    client.set_log(print)
    client.close()
    assert len(_lend._lent) == before


def a_job_closed_by_another_thread_completes_as_canceled(service):
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

    def log(_record):
        dropped.clear()
        gc.collect()

    client = client_of(service, log=log, log_level=animaldetect.LogLevel.INFO)
    with client:
        job, forgotten = client.job(DEER), client.job(EGRET)
        handle = forgotten._handle
        free = handle._free
        handle._free = (freed.append(client._inside.this_thread()) for _ in free)
        dropped.append(forgotten)
        del forgotten, handle
        assert job.run().detections and client.statistic(animaldetect.Statistic.RETRIES) == 0
        assert freed == [True], freed


def a_callback_that_calls_its_client_is_refused(service):
    caught = []

    def log(record):
        caught.extend(raises(Error, act).code for act in (client.job, client.close, client.stop, record.job.run,
                                                          record.job.cancel))
        assert record.job.stage and record.job.priority == 0 and client is record.job.client

    with client_of(service, log=log, log_level=animaldetect.LogLevel.INFO) as client:
        client.detect(DEER)
    assert caught and set(caught) == {Status.E_REENTRANT}, caught


def a_removed_log_callback_is_not_called(service):
    lines = []
    with client_of(service, log=lines.append, log_level=animaldetect.LogLevel.INFO) as client:
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

    class Stopped(io.BytesIO):
        def read(self, size=-1):
            raise KeyboardInterrupt

    with client_of(service) as client:
        failure = raises(ReaderFailed, client.detect, Broken(DEER.read_bytes()))
        assert failure.code == Status.E_HOST and failure.name == "ANIMALDETECT_E_HOST", failure
        assert isinstance(failure.__cause__, OSError) and "card" in str(failure.__cause__), failure
        raises(KeyboardInterrupt, client.detect, Stopped(DEER.read_bytes()))
        late = raises(ReaderFailed, lambda: asyncio.run(client.detect_async(Broken(DEER.read_bytes()))))
        assert "card" in str(late.__cause__), late


def a_reader_that_is_too_short_is_the_images_fault(service):
    class Short(io.BytesIO):
        def read(self, size=-1):
            return super().read(min(size, 100)) if self.tell() == 0 else b""

    with client_of(service) as client:
        failure = raises(ImageError, client.detect, Short(DEER.read_bytes()))
    assert failure.code == Status.E_READER and failure.__cause__ is None, failure


class Records(logging.Handler):
    def __init__(self, logger):
        super().__init__()
        self.records = []
        logger.addHandler(self)
        self.logger = logger

    def emit(self, record):
        self.records.append(record)

    def __enter__(self):
        return self.records

    def __exit__(self, *_):
        self.logger.removeHandler(self)
        self.logger.setLevel(logging.NOTSET)


def records_reach_pythons_logging(service):
    logger = logging.getLogger("animaldetect")
    logger.setLevel(logging.DEBUG)
    with Records(logger) as records, client_of(service) as client, client.job(DEER) as job:
        job.run()
        identity = job.id
    ended = [record for record in records if record.levelno == logging.INFO]
    assert len(ended) == 1 and "call succeeded" in ended[0].getMessage(), ended
    assert ended[0].animaldetect_job_id == identity and ended[0].animaldetect_duration > 0, vars(ended[0])
    responses = [record for record in records if record.levelno == logging.DEBUG]
    first = vars(responses[0])
    assert first["animaldetect_step"] == "create" and first["animaldetect_http_status"] in (200, 201, 202), first
    assert first["animaldetect_request_id"] and first["animaldetect_duration"] >= 0, first
    assert kit.KEY not in str([vars(record) for record in records])


def a_logger_that_is_not_enabled_costs_nothing(service):
    logger = logging.getLogger("animaldetect")
    logger.setLevel(logging.ERROR)
    with Records(logger) as records, client_of(service) as client:
        client.detect(DEER)
    assert not records, records


def a_log_function_gets_whole_records(service):
    records = []
    with client_of(service, log=records.append, log_level=animaldetect.LogLevel.DEBUG) as client:
        with client.job(DEER, note="row 7") as job:
            job.run()
            assert all(record.job is job and record.job.note == "row 7" for record in records), records
            assert {record.step for record in records} >= {animaldetect.Step.UPLOAD, animaldetect.Step.NONE}, records
        with client.job(b"no image") as job:
            raises(ImageError, job.run)
    assert records[-1].level == animaldetect.LogLevel.ERROR and records[-1].job_id is None, records[-1]
    assert "E_IMAGE_TYPE" in records[-1].text and records[-1].http_status == 0, records[-1]


def a_reader_starts_where_its_file_stands(service):
    source = io.BytesIO(b"header" + DEER.read_bytes())
    source.seek(6)
    with client_of(service) as client:
        assert client.detect(source, filename="deer.png").detections[0].label == "red deer"
        assert client.detect(bytearray(DEER.read_bytes()), filename="deer.png").detections[0].label == "red deer"


def a_forked_child_gets_an_error_and_harms_nothing(service):
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


# ---- control ----

def a_stopped_client_completes_every_call_and_starts_none(service):
    async def main():
        with client_of(service, poll_bounds=(30, 60)) as client:
            job, other = client.job(DEER), client.job(EGRET)
            thread, caught = in_thread(other.run)
            task = asyncio.ensure_future(job.run_async())
            while not all(one.stage == animaldetect.Stage.SUBMITTED for one in (job, other)):
                await asyncio.sleep(0.001)
            client.stop()
            ends = await asyncio.gather(task, return_exceptions=True)
            thread.join()
            assert [type(end) for end in ends + caught] == [Canceled, Canceled], ends + caught
            assert raises(Canceled, job.run).scope == Scope.CALLER
            assert job.info.id and client.in_flight == 0 and "job" in job.save()

    asyncio.run(main())


def a_paused_client_begins_nothing_new(service):
    with client_of(service) as client, client.job(DEER) as job:
        client.set_paused(Pause.ALL)
        thread, caught = in_thread(job.run)
        until(lambda: client.in_flight == 1)
        time.sleep(0.1)
        assert client.statistics()["requests_create"] == 0
        client.network_changed()
        client.set_paused(Pause.NONE)
        thread.join()
        assert not caught and client.statistics()["requests_create"] == 1, caught
        raises(ValueError, client.set_paused, 99)


def a_full_queue_refuses_and_takes_again(service):
    with client_of(service, max_jobs=1) as client, client.job(DEER) as first, client.job(EGRET) as second:
        client.set_paused(Pause.ALL)
        thread, caught = in_thread(first.run)
        until(lambda: client.in_flight == 1)
        refused = raises(QueueFull, second.run)
        assert refused.is_retriable and refused.code == Status.E_QUEUE_FULL and "in flight" in refused.message, refused
        client.set_paused(Pause.NONE)
        thread.join()
        assert not caught and second.run().detections, caught


def the_smaller_priority_goes_first(service):
    created = []

    def log(record):
        if record.step == animaldetect.Step.CREATE:
            created.append(record.job.note)

    async def main():
        with client_of(service, max_requests=1, log=log, log_level=animaldetect.LogLevel.DEBUG) as client:
            client.set_paused(Pause.ALL)
            jobs = [client.job(DEER, client_reference_id=note, note=note, priority=priority)
                    for note, priority in (("last", 5), ("first", -5), ("middle", 0))]
            tasks = [asyncio.ensure_future(job.run_async()) for job in jobs]
            await asyncio.sleep(0.2)
            client.set_paused(Pause.NONE)
            await asyncio.gather(*tasks)

    asyncio.run(main())
    assert created == ["first", "middle", "last"], created


def settings_may_change_while_jobs_run(service):
    with client_of(service) as client, client.job(DEER) as job:
        client.set_paused(Pause.ALL)
        thread, caught = in_thread(job.run)
        until(lambda: client.in_flight == 1)
        client.configure(max_requests=2, max_tries=3, rate_limit=600, poll_mode=animaldetect.PollMode.THROUGHPUT,
                         request_timeout=20, offline_patience=math.inf, max_retry_after=30,
                         processing_timeout=math.inf, max_answer_bytes=2**20, proxy="")
        client.configure(offline_patience=0, processing_timeout=3600)
        job.configure(note="while it runs", priority=1)
        assert raises(Error, lambda: job.configure(country="USA")).code == Status.E_STATE
        assert raises(Error, lambda: job.result_json).code == Status.E_BUSY
        client.set_paused(Pause.NONE)
        thread.join()
        assert not caught and job.note == "while it runs", caught


def a_header_is_sent_to_the_service():
    seen = []

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            seen.append(self.headers["traceparent"])
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(401)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Answer) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        with Client(kit.KEY, base_url=f"http://127.0.0.1:{server.server_port}/v1",
                    headers={"traceparent": "00-1"}) as client:
            raises(animaldetect.AccountError, client.detect, DEER)
            client.add_header("traceparent", "")
            client.resume()  # otherwise the next job waits for another key
            raises(animaldetect.AccountError, client.detect, DEER)
            raises(ValueError, client.add_header, "Authorization", "mine")
        server.shutdown()
        serving.join()
    assert seen == ["00-1", None], seen


# ---- calls ----

def a_cancel_before_a_blocking_call_is_not_lost(service):
    with client_of(service) as client, client.job(DEER) as job:
        job.cancel()
        assert "before it began" in raises(Canceled, job.run).message
        assert job.run().detections[0].label == "red deer"
        job.cancel()
        assert asyncio.run(job.poll_async()) == animaldetect.State.SUCCEEDED  # an awaitable call clears the cancel
        assert job.poll() == animaldetect.State.SUCCEEDED


def a_result_can_be_read_whatever_its_shape(service):
    with client_of(service) as client, client.job(DEER) as job:
        result = job.run()
        assert job.result_json == result.json and result.kind == animaldetect.ResultKind.DETECTIONS


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


@contextlib.contextmanager
def loaded_within(seconds):
    """Wakes of the loop that are less than `seconds` apart are load: also on a slow machine."""
    before, aio._INTERVAL = aio._INTERVAL, seconds
    try:
        yield
    finally:
        aio._INTERVAL = before


def under_load_the_loop_looks_from_time_to_time_until_there_is_nothing(service):
    async def main():
        with client_of(service) as client:
            looks = []
            look = client._driver._look
            client._driver._look = lambda: (looks.append(None), look())
            await asyncio.gather(*(client.detect_async(DEER, client_reference_id=f"load {i}") for i in range(200)))
            assert looks
            client.set_paused(Pause.ALL)
            held = asyncio.create_task(client.detect_async(EGRET, client_reference_id="held"))
            await asyncio.sleep(0.4)
            assert client._driver._timer is None and client.in_flight == 1
            iterations = client.statistics()["iterations"]
            await asyncio.sleep(0.2)
            assert client.statistics()["iterations"] == iterations
            client.set_paused(Pause.NONE)
            await held
            assert client._driver._loop is None

    with loaded_within(0.05):
        asyncio.run(main())


def a_client_under_load_can_be_canceled_and_closed(service):
    failures = []

    async def main(leave):
        asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context))
        client = client_of(service)
        tasks = [asyncio.create_task(client.detect_async(DEER, client_reference_id=f"leave {number}"))
                 for number in range(100)]
        while client._driver._timer is None:
            await asyncio.sleep(0)
        leave(client, tasks)
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        assert any(isinstance(end, (asyncio.CancelledError, Canceled)) for end in ends), ends
        assert client._driver._loop is None and client._driver._timer is None
        await asyncio.sleep(0.05)
        client.close()

    with loaded_within(0.05):
        asyncio.run(main(lambda client, tasks: [task.cancel() for task in tasks]))
        asyncio.run(main(lambda client, tasks: client.close()))
    assert not failures, failures


def a_look_that_an_interrupt_takes_away_is_made_up_for(service):
    async def main():
        with client_of(service) as client:
            tasks = [asyncio.create_task(client.detect_async(DEER, client_reference_id=f"lost {number}"))
                     for number in range(100)]
            while client._driver._timer is None:
                await asyncio.sleep(0)
            client._driver._timer.cancel()
            await asyncio.wait_for(asyncio.gather(*tasks), 20)

    with loaded_within(0.05):
        asyncio.run(main())


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


def a_rerun_is_another_job_of_the_same_image(service):
    with client_of(service) as client, client.job(DEER) as job:
        assert raises(Error, job.rerun).code == Status.E_STATE  # no call was made yet
        raises(JobFailed, job.run)
        first = job.info
        assert job.stage == animaldetect.Stage.FINISHED and job.state == animaldetect.State.FAILED
        job.rerun()
        assert (job.stage, job.state, job.id) == (animaldetect.Stage.NEW, animaldetect.State.NONE, None), job.info
        assert job.rerun_number == 1
        raises(JobFailed, job.run)
        assert job.id not in (None, first.id) and job.info.idempotency_key != first.idempotency_key, (first, job.info)
        with client.restore(job.save()) as restored:
            restored.rerun()
            assert restored.rerun_number == 2 and restored.info.path == str(DEER)


def a_job_in_flight_is_not_begun_anew(service):
    with client_of(service, poll_bounds=(30, 60)) as client, client.job(DEER) as job:
        thread, caught = in_thread(job.run)
        until(lambda: job.stage == animaldetect.Stage.SUBMITTED)
        assert raises(Error, job.rerun).code == Status.E_BUSY
        job.cancel()
        thread.join()
        assert job.rerun_number == 0 and [type(failure) for failure in caught] == [Canceled], caught


def a_retry_after_of_the_service_is_shown(service):
    with client_of(service) as client:
        failure = raises(CallTimeout, lambda: client.detect(DEER, call_timeout=5))
    assert failure.retry_after == 3600 and failure.http_status == 429 and failure.attempts == 1, vars(failure)
    assert failure.step == animaldetect.Step.CREATE and failure.request_id, vars(failure)


def a_retry_after_of_the_service_is_a_hold(service):
    with client_of(service, max_retry_after=1800) as client:
        assert (client.hold_reason, client.held_until) == (Hold.NONE, None)
        raises(CallTimeout, lambda: client.detect(DEER, call_timeout=5))
        assert client.hold_reason == Hold.RATE_LIMIT
        assert 1700 < client.held_until - time.time() <= 1801, client.held_until - time.time()
        client.configure(max_retry_after=60)
        client.resume()  # the hold does not concern the account
        assert client.hold_reason == Hold.RATE_LIMIT and client.held_until - time.time() <= 61


def requests_wait_for_permits(service):
    with client_of(service) as client:
        client.set_permits(True)
        client.set_permit_lag(5)
        with client.job(DEER, client_reference_id="permits", call_timeout=1) as job:
            raises(CallTimeout, job.run)
            assert client.statistics()["requests_create"] == 0
            client.grant_permits(50, life=60)
            job.configure(call_timeout=60)
            job.run()
        settled, outstanding = client.report_permits()
        assert len(settled) >= 4 and len(settled) + outstanding == 50, (settled, outstanding)
        assert client.permits_wanted() == 0 and client.return_permits(100) == outstanding
        assert client.take_rate_limits() == (0, 0)
        client.hold_requests(30)
        assert client.hold_reason == Hold.RATE_LIMIT
        raises(animaldetect.InvalidArgument, lambda: client.grant_permits(1, life=0))


def a_refused_key_holds_creates_until_another_is_set(service):
    async def main():
        with client_of(service) as client:
            client.set_api_key("sk_test_wrong")
            raises(animaldetect.AccountError, client.detect, DEER)
            assert (client.hold_reason, client.held_until) == (Hold.ACCOUNT, math.inf)
            waiting = asyncio.ensure_future(client.detect_async(DEER))
            await asyncio.sleep(0.1)
            assert not waiting.done() and client.statistic(Statistic.REQUESTS_CREATE) == 1
            client.set_api_key(kit.KEY)
            assert (await waiting).detections and client.hold_reason == Hold.NONE and client.held_until is None

    asyncio.run(main())


def a_thread_does_not_block_while_its_key_is_refused(service):
    with client_of(service) as client:
        client.set_api_key("sk_test_wrong")
        assert "401" in raises(animaldetect.AccountError, client.detect, DEER).message
        again = raises(animaldetect.AccountError, client.detect, EGRET)
        assert again.code == Status.E_UNAUTHORIZED and "a moment ago" in again.message, again
        assert raises(animaldetect.AccountError, client.attach("j-1").poll).code == Status.E_UNAUTHORIZED
        assert client.statistic(Statistic.REQUESTS_CREATE) == 1 and client.statistic(Statistic.REQUESTS_POLL) == 0
        client._refusal = again.code, time.monotonic() - 60  # after a minute the account is asked again
        assert "401" in raises(animaldetect.AccountError, client.detect, EGRET).message
        assert client.statistic(Statistic.REQUESTS_CREATE) == 2
        client._refusal = Status.E_PAYMENT_REQUIRED, time.monotonic()
        raises(animaldetect.AccountError, client.detect, DEER)
        raises(animaldetect.AccountError, client.attach("j-1").poll)  # an account that cannot pay may still poll
        assert client.statistic(Statistic.REQUESTS_CREATE) == 2 and client.statistic(Statistic.REQUESTS_POLL) == 1
        client.set_api_key(kit.KEY)
        assert client.detect(DEER).detections


def every_statistic_can_be_read(service):
    with client_of(service) as client:
        assert client.latency(0.5) is None
        client.detect(DEER)
        counts = client.statistics()
        assert counts["requests_create"] == counts["requests_upload"] == counts["jobs_succeeded"] == 1, counts
        assert client.statistic(Statistic.REQUESTS_FETCH) == 1 and client.statistic(Statistic.ITERATIONS) > 0
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
    assert raises(Error, animaldetect.parse_result, b"[").code == Status.E_PROTOCOL


# ---- regressions from 0.1: double billing, leaks, hangs ----

def canceling_many_tasks_sends_nothing(service):
    async def main():
        with client_of(service, max_requests=4) as client:
            client.set_paused(Pause.ALL)
            tasks = [asyncio.create_task(client.detect_async(DEER, client_reference_id=f"storm {i}")) for i in range(2000)]
            while client.in_flight < len(tasks):
                await asyncio.sleep(0.01)
            client.set_paused(Pause.NONE)
            before = client.statistics()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            after = client.statistics()
            assert client.in_flight == 0
            for name in ("requests_create", "requests_upload", "requests_submit"):
                assert after[name] == before[name], (name, before[name], after[name])
            assert after["iterations"] - before["iterations"] < 100, (before["iterations"], after["iterations"])

    asyncio.run(main())


def a_canceled_task_cancels_its_call_before_it_runs_again(service):
    async def main():
        with client_of(service) as client, client.job(DEER) as job:
            client.set_paused(Pause.ALL)
            task = asyncio.create_task(job.run_async())
            while client.in_flight == 0:
                await asyncio.sleep(0)
            assert _library.lib.animaldetect_job_wait(job._handle.pointer, 0) == Status.AGAIN
            task.cancel()
            assert _library.lib.animaldetect_job_wait(job._handle.pointer, 0) == Status.E_CANCELED
            await asyncio.gather(task, return_exceptions=True)
            assert task.cancelled() and client.in_flight == 0

    asyncio.run(main())


def an_error_can_be_pickled(service):
    failure = raises(ImageError, lambda: animaldetect.Client("sk_test_x").detect("/no/such.jpg"))
    again = pickle.loads(pickle.dumps(failure))
    assert type(again) is type(failure) and vars(again) == vars(failure) and str(again) == str(failure)
    assert again.scope == failure.scope and again.name == failure.name


def a_reader_that_misbehaves_is_an_error(service):
    class Odd(io.BytesIO):
        answer = b""

        def read(self, size=-1):
            return self.answer(size)

    with client_of(service) as client:
        for number, answer in enumerate((lambda size: b"x" * (size + 100000), lambda size: "text", lambda size: 7)):
            source = Odd(b"\xff\xd8\xff\xe0" + bytes(1000))
            source.answer = answer
            failure = raises(ReaderFailed, lambda: client.detect(source, client_reference_id=f"odd {number}"))
            assert isinstance(failure.__cause__, (TypeError, ValueError)), failure.__cause__
        assert client.statistics()["requests_create"] == 0


def what_is_no_image_and_no_text_is_a_type_error():
    with Client("sk_test_x") as client:
        for image in (5, [1], iter([b"x"])):
            assert "an image is" in str(raises(TypeError, client.job, image))
        assert "text" in str(raises(TypeError, lambda: client.job(DEER, country=5)))
        raises(ValueError, lambda: client.job(DEER, location=(1,)))


CONTROL_C_IN_CALLBACKS = """
import io, os, signal, sys
import animaldetect

class Interrupted(io.BytesIO):
    def read(self, size=-1):
        os.kill(os.getpid(), signal.SIGINT)
        return super().read(size)

def entered(frame, event, _):
    if event == "call" and frame.f_code.co_name == "_on_read":
        sys.setprofile(None)
        signal.raise_signal(signal.SIGINT)

def told(record):
    if os.environ["WHERE"] == "log":
        os.kill(os.getpid(), signal.SIGINT)

with animaldetect.Client.from_env(log=told, log_level=animaldetect.LogLevel.DEBUG) as client:
    image = b"\\xff\\xd8\\xff\\xe0" + bytes(100000)
    source = Interrupted(image) if os.environ["WHERE"] in ("reader", "entry") else image
    if os.environ["WHERE"] == "entry":  # Python runs the handler before the first line of a callback
        sys.setprofile(entered)
    try:
        client.detect(source, client_reference_id=os.environ["WHERE"])
    except KeyboardInterrupt:
        print("KeyboardInterrupt")
    except BaseException as other:
        print("became", repr(other))
    else:
        print("lost")
"""


def control_c_inside_a_callback_is_never_lost(service):
    for where in ("reader", "log", "entry"):
        words = kit.run([sys.executable, "-B", "-c", CONTROL_C_IN_CALLBACKS], service, WHERE=where,
                        PYTHONPATH=kit.ROOT / "examples" / "python")
        assert words.strip() == "KeyboardInterrupt", (where, words)


def control_c_at_any_step_is_raised_and_leaves_nothing_behind():
    """Runs a job once for each place in the package where Python can run signal handlers: the start of a function, and
    the return of a C function."""
    package = str(kit.ROOT / "examples" / "python" / "animaldetect")

    def interrupted_at(step):
        left = step

        def profile(frame, event, _argument):
            nonlocal left
            file = frame.f_code.co_filename
            if event in ("call", "c_return") and file.startswith(package) and not file.endswith("_interrupt.py"):
                left -= 1
                if left == 0:
                    sys.setprofile(None)
                    raise KeyboardInterrupt

        return profile, lambda: left <= 0

    os.environ["ANIMALDETECT_MOCK_LIBRARY"] = MOCK
    from animaldetect.mock import Mock  # pylint: disable=import-outside-toplevel
    with Mock() as mock, mock.client(log=lambda record: None, log_level=animaldetect.LogLevel.DEBUG) as client:
        gc.collect()
        lent = len(_lend._lent)
        for step in range(1, 10**6):
            profile, was_interrupted = interrupted_at(step)
            raised = None
            try:
                sys.setprofile(profile)
                client.detect(io.BytesIO(DEER.read_bytes()), filename=f"{step}.png")
                sys.setprofile(None)
            except KeyboardInterrupt as interrupt:
                raised = interrupt.__traceback__.tb_lineno
            finally:
                sys.setprofile(None)
            if not was_interrupted():
                break
            if raised is None:  # it occurred in a finalizer, which cannot raise: the next call raises
                raises(KeyboardInterrupt, client.statistics)
            assert not client._handle.in_use and not client._inside.threads and client.in_flight == 0, step
            assert len(_lend._lent) <= lent, step
        assert step > 100, step
        assert client.detect(DEER).json


def a_child_that_was_forked_amid_calls_is_refused_and_never_hangs(service):
    with client_of(service, max_jobs=100) as client:
        stop = threading.Event()

        def work():
            while not stop.is_set():
                with contextlib.suppress(Error):
                    client.job(DEER, threshold=9)  # rejected: its message is read under the lock of the client

        crew = [threading.Thread(target=work) for _ in range(8)]
        for thread in crew:
            thread.start()
        try:
            for _ in range(40):
                child = os.fork()
                if child == 0:
                    try:
                        client.job(DEER)
                    except Error as failure:
                        os._exit(0 if failure.code == Status.E_FORKED else 1)
                    os._exit(2)
                until = time.monotonic() + 20
                while (ended := os.waitpid(child, os.WNOHANG)) == (0, 0) and time.monotonic() < until:
                    time.sleep(0.005)
                if ended == (0, 0):
                    os.kill(child, signal.SIGKILL)
                    os.waitpid(child, 0)
                assert ended == (child, 0), ended
        finally:
            stop.set()
            for thread in crew:
                thread.join()



# ---- many images ----

def many_images_come_as_they_end_and_few_are_on_their_way(service):
    images = [DEER.read_bytes() + bytes([i]) for i in range(12)]
    images[5] = "/no/such.jpg"

    def judge(all_of_them):
        assert len(all_of_them) == 12 and sorted(map(str, (one.image for one in all_of_them))) == sorted(map(str, images))
        failed = [one for one in all_of_them if one.error]
        assert len(failed) == 1 and failed[0].image == images[5] and isinstance(failed[0].error, ImageError), failed
        assert all(one.result.json for one in all_of_them if not one.error)

    async def main():
        with client_of(service, max_jobs=3) as client:
            judge([one async for one in animaldetect.detect_all_async(client, images, 3, client_reference_id="async")])
            async for one in animaldetect.detect_all_async(client, images[:4], 2, client_reference_id="left"):
                break
        assert one.result

    with client_of(service, max_jobs=3) as client:
        judge(list(animaldetect.detect_all(client, images, 3, client_reference_id="threads")))
        for one in animaldetect.detect_all(client, images[:4], 2, client_reference_id="left too"):
            break
        assert one.result and client.in_flight == 0
    asyncio.run(main())


def the_images_of_a_folder_are_found():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for path in ("a.JPG", "b.txt", ".hidden.jpg", "below/c.webp", "below/deep/d.heic", ".gone/e.png"):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).touch()
        found = sorted(os.path.relpath(path, folder) for path in animaldetect.images_in(folder))
        assert found == ["a.JPG", "below/c.webp", "below/deep/d.heic"], found
    raises(FileNotFoundError, lambda: list(animaldetect.images_in(folder)))


# ---- the package ----

PACKAGE = kit.ROOT / "examples" / "python"


def a_setting_has_the_same_name_everywhere():
    settings = set(inspect.signature(animaldetect.Job.configure).parameters) - {"self"}
    for function in (Client.job, Client.detect, Client.detect_async):
        assert set(inspect.signature(function).parameters) - {"self", "image", "operation"} == settings, function
    running = set(inspect.signature(Client.configure).parameters) - {"self"}
    made = set(inspect.signature(Client.__init__).parameters) - {"self", "api_key", "_from_env"}
    assert running < made and set(inspect.signature(Client.from_env).parameters) == made, made - running


def every_public_name_is_documented():
    for name in animaldetect.__all__:
        thing = getattr(animaldetect, name)
        if inspect.isclass(thing) or inspect.isfunction(thing):
            assert thing.__doc__, name
        for inner, member in vars(thing).items() if inspect.isclass(thing) else ():
            if inspect.isfunction(member) and not inner.startswith("_"):
                assert member.__doc__, f"{name}.{inner}"


def version_and_license_are_those_of_the_library():
    version = re.search(r"version: '([^']+)'", (kit.ROOT / "meson.build").read_text())[1]
    assert animaldetect.__version__ == version and f'version = "{version}"' in (PACKAGE / "pyproject.toml").read_text()
    for language in ("python", "go", "rust/animaldetect", "rust/animaldetect-sys", "node", "cpp"):
        folder = kit.ROOT / "examples" / language
        assert (folder / "LICENSE").read_bytes() == (kit.ROOT / "LICENSE").read_bytes(), language
        assert f"## {version}" in (folder / "CHANGELOG.md").read_text(), language


def a_library_that_does_not_fit_is_refused():
    for loaded, needed, fits in ((0x000200, 0x000200, True), (0x000201, 0x000200, True), (0x010300, 0x010200, True),
                                 (0x000300, 0x000200, False), (0x000200, 0x000201, False), (0x020000, 0x010200, False)):
        assert _library.fits(loaded, needed) == fits, (loaded, needed)
    failure = raises(ImportError, lambda: _library.open_first(["/no/such.so", "nowhere.so"], "it", "VARIABLE"))
    assert "/no/such.so" in str(failure) and "nowhere.so" in str(failure) and "VARIABLE" in str(failure)


def mypy_finds_nothing_and_sees_a_misspelled_option():
    if importlib.util.find_spec("mypy") is None and not shutil.which("mypy"):
        raise kit.Skip("mypy is not installed")
    command = [shutil.which("mypy")] if shutil.which("mypy") else [sys.executable, "-m", "mypy"]
    with tempfile.TemporaryDirectory() as folder:
        cache = ["--strict", "--cache-dir", folder]
        kit.run([*command, *cache, "animaldetect", "build_backend"], cwd=PACKAGE)
        wrong = pathlib.Path(folder) / "wrong.py"
        wrong.write_text("import animaldetect\nclient = animaldetect.Client.from_env(max_activ=3)\n"
                         "client.detect('a.jpg', treshold=0.3)\nclient.set_paused(7)\n")
        done = subprocess.run([*command, *cache, wrong], cwd=PACKAGE, env={**os.environ, "MYPYPATH": str(PACKAGE)},
                              stdout=subprocess.PIPE, text=True, check=False)
        assert done.stdout.count("error:") == 3, done.stdout


def pip_installs_it_and_its_test_passes(service):
    """In a new virtual environment: the wheel with the library, the sdist of the folder, the README's first program."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        base = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable # has the system's pytest
        try:
            kit.run([base, "-m", "venv", "--system-site-packages", folder / "venv"])
        except AssertionError as failure:
            raise kit.Skip("there is no venv") from failure
        python = folder / "venv" / "bin" / "python"
        carried = folder / "carried"
        carried.mkdir()
        for library, soname in ((LIBRARY, "libanimaldetect.so.0"), (MOCK, "libanimaldetect-mock.so.0")):
            shutil.copy(library, carried / soname)
        shutil.copytree(PACKAGE, folder / "source", ignore=shutil.ignore_patterns("__pycache__"))
        offline = {"PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_CACHE_DIR": "1",
                   "ANIMALDETECT_BUNDLE": str(carried / "libanimaldetect.so.0")}
        alone = {"ANIMALDETECT_LIBRARY": "", "ANIMALDETECT_MOCK_LIBRARY": ""}  # the libraries inside the package
        build = "import animaldetect_build as b; b.build_sdist('..')"
        kit.run([python, "-c", build], cwd=folder / "source", PYTHONPATH=folder / "source" / "build_backend")
        archive, = folder.glob("animaldetect-*.tar.gz")
        kit.run([python, "-m", "pip", "install", "--no-deps", archive], cwd=folder, **offline, **alone)
        where = kit.run([python, "-c", "import animaldetect; print(animaldetect.__file__)"], cwd=folder, **alone)
        assert str(folder) in where, where
        shutil.copy(kit.IMAGES / "fox_at_night.jpg", folder / "img_001.jpg")
        first = kit.code_blocks(PACKAGE / "README.md", "python")[0]
        kit.run([python, "-c", first], service, cwd=folder, **alone)
        service.expected = 1
        found = "import importlib.util, sys; sys.exit(importlib.util.find_spec('pytest') is None)"
        if subprocess.run([python, "-c", found], check=False).returncode == 0:
            kit.run([python, "-m", "pytest", "-q", "-p", "no:cacheprovider", PACKAGE / "tests"], cwd=folder, PYTHONDONTWRITEBYTECODE="1",
                    **alone)


def every_code_block_of_the_readme_is_python():
    for block in kit.code_blocks(kit.ROOT / "examples" / "python" / "README.md", "python"):
        compile(block, "README.md", "exec")


def demo_shows_everything(service):
    words = kit.run([sys.executable, "-B", kit.ROOT / "examples" / "python" / "demo.py"], service)
    service.expected = kit.expected_jobs(words)


FAILING, LIMITED = ["--fail", "1"], ["--fault", "create:429:retry_after=3600"]
OPTIONS = {a_job_that_the_service_failed_tells_why: FAILING, a_rerun_is_another_job_of_the_same_image: FAILING,
           a_retry_after_of_the_service_is_shown: LIMITED, a_retry_after_of_the_service_is_a_hold: LIMITED}
RERUNS = {a_rerun_is_another_job_of_the_same_image, demo_shows_everything}
JOBS = {one_client_serves_threads_and_a_loop_at_once: 60, a_forked_child_gets_an_error_and_harms_nothing: 2,
        control_c_ends_a_blocking_call_and_the_job_runs_again: 1, a_reader_starts_where_its_file_stands: 1,
        a_rerun_is_another_job_of_the_same_image: 2, a_refused_key_holds_creates_until_another_is_set: 1}


def with_service(act):
    with kit.service(EMULATOR, *OPTIONS.get(act, [])) as running:
        act(running)
    wanted = getattr(running, "expected", JOBS.get(act))
    forgiven = kit.RERUN if act in RERUNS else None
    if wanted is not None:
        running.judge(wanted, forgiven)
    running.assert_clean(forgiven)


def main():
    os.environ.update(no_proxy="127.0.0.1", NO_PROXY="127.0.0.1")
    checks = kit.Checks()
    print(f"# Python {sys.version.split()[0]}, libanimaldetect {animaldetect.library_version}", flush=True)
    for name, act in list(globals().items()):
        if not inspect.isfunction(act) or act.__module__ != __name__ or "_" not in name:
            continue
        if act in (client_of, in_thread, loaded_within, with_service):
            continue
        if inspect.signature(act).parameters:
            checks.check(name, with_service, act)
        else:
            checks.check(name, act)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
