import threading

from transformers.utils import logging

from kgqa.lm.hf.quiet import quiet_logs


def test_two_threads_that_want_silence_give_it_back() -> None:
    before = logging.get_verbosity(), logging.is_progress_bar_enabled()
    inside, overlapping = threading.Event(), threading.Event()

    def first() -> None:
        with quiet_logs():
            inside.set()
            overlapping.wait()

    def second() -> None:
        inside.wait()
        with quiet_logs():
            overlapping.set()
            former.join()
            assert logging.get_verbosity() == logging.CRITICAL

    former, latter = threading.Thread(target=first), threading.Thread(target=second)
    former.start()
    latter.start()
    latter.join()
    assert (logging.get_verbosity(), logging.is_progress_bar_enabled()) == before
